"""Text to work on that stands in the request itself: in a fence, after a colon or a blank line, or simply too long."""

from __future__ import annotations

import re
from typing import NamedTuple

from nubem_jupyter.engine.planner.details import find_labels
from nubem_jupyter.engine.planner.grammar import Context, read_action, skip_fillers
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.steps import Step, split_list
from nubem_jupyter.engine.planner.tokens import Token, tokenize

MOST_CHARS = 3000
"""Longest text that is read as instructions; planning takes as long as this many characters take, and no longer."""
_CUTS = (re.compile(r"\n\s*\n"), re.compile(r":[ \t]*\n"), re.compile(r":[ \t]+"), re.compile(r"\n"))
"""Where material may begin: the surest mark first."""
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_READING = frozenset(
    {"summarize", "translate", "classify", "extract", "rewrite", "compare", "critique", "judge", "review_code",
     "debug_code"}
)  # fmt: skip


class Split(NamedTuple):
    """A request in two."""

    instruction: str
    """What to do."""
    material: str = ""
    """What to do it to; empty when the request holds none."""
    is_guess: bool = False
    """Whether the request was cut for its length alone, with no sign of where its instructions end."""

    @property
    def items(self) -> list[str]:
        """The material's lines, without bullets."""
        return [_BULLET.sub("", line).strip() for line in self.material.splitlines() if line.strip()]


def split_material(request: str, lexicon: Lexicon) -> Split:
    """Part what is to be done from the text it is to be done to."""
    fenced = split_fences(request)
    if fenced.material and len(fenced.instruction) <= MOST_CHARS:
        return fenced
    split = _split_at_marks(request, lexicon)
    return split if len(split.instruction) <= MOST_CHARS else _split_long(request, lexicon)


def split_fences(request: str) -> Split:
    """Take out blocks between lines of three backticks; what lies around them is the instruction."""
    around: list[str] = []
    inside: list[str] = []
    lines = request.split("\n")
    fenced = False
    for line in lines:
        if line.startswith("```"):
            fenced = not fenced
        else:
            (inside if fenced else around).append(line)
    instruction, material = "\n".join(around).strip(), "\n".join(inside).strip("\n")
    return Split(instruction, material) if instruction and material.strip() and not fenced else Split(request)


def _split_at_marks(request: str, lexicon: Lexicon) -> Split:
    for cut in _CUTS:
        found = cut.search(request)
        if not found or found.start() > MOST_CHARS:
            continue
        head, tail = request[: found.start()], request[found.end() :].strip()
        words = tokenize(head)
        if _lists_things(head, words, tail, lexicon):
            return Split(request)
        if tail and _takes(words, tail, lexicon, own_line="\n" in found[0]):
            return Split(head.strip(), tail)
    return Split(request)


def _takes(words: tuple[Token, ...], tail: str, lexicon: Lexicon, *, own_line: bool) -> bool:
    """Tell whether the tail is what the head's words are to be done to."""
    about_code = lexicon.has("code", words)
    action = read_action(words, lexicon, Context(code=about_code, text=True))
    if action is None:
        return False
    if action.capability in _READING:
        return not _begins_with_a_deed(tail, lexicon, own_line=own_line)
    points = own_line and lexicon.has("deictic textual", words)
    return points and (about_code or not _begins_with_a_deed(tail, lexicon, own_line=False))


def _lists_things(head: str, words: tuple[Token, ...], tail: str, lexicon: Lexicon) -> bool:
    """Tell whether the tail only names the fields or labels that the head asks for."""
    action = read_action(words, lexicon, Context(text=True))
    if action is None or action.capability not in {"extract", "classify"} or tail.endswith((".", "!", "?")):
        return False
    step = Step(capability=action.capability, text=head, words=words, at=action.at)
    if action.capability == "classify" and find_labels(step, lexicon):
        return False
    parts = split_list(tokenize(tail[:MOST_CHARS].partition("\n")[0]), lexicon)
    return len(parts) > 1 and all(len(part) <= 3 for part in parts)


def _begins_with_a_deed(tail: str, lexicon: Lexicon, *, own_line: bool) -> bool:
    """Tell whether more instructions follow; on lines of their own only numbered ones are."""
    first = tail[:MOST_CHARS].splitlines()[0]
    return (not own_line or bool(_BULLET.match(first))) and _opens_with_a_deed(_BULLET.sub("", first), lexicon)


def _opens_with_a_deed(text: str, lexicon: Lexicon) -> bool:
    words = tokenize(text)
    return bool(lexicon.verbs_at(words, skip_fillers(words, lexicon, 0)))


def _split_long(request: str, lexicon: Lexicon) -> Split:
    """Find the instruction at either end of a long request: a paragraph that opens with a deed; else guess."""
    first, _, after = request[: MOST_CHARS + 1].partition("\n")
    before, _, last = request[-MOST_CHARS - 1 :].rpartition("\n")
    if after and _opens_with_a_deed(first, lexicon):
        return Split(first.strip(), request[len(first) :].strip())
    if before and _opens_with_a_deed(last, lexicon):
        return Split(last.strip(), request[: -len(last)].strip())
    head = request[:MOST_CHARS]
    end = max(head.rfind("\n"), head.rfind(". ") + 1, head.rfind(" "))
    end = end if end > 0 else MOST_CHARS
    return Split(request[:end].strip(), request[end:].strip(), is_guess=True)
