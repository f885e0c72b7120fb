"""Text to work on that stands in the request itself, after a colon or a blank line."""

from __future__ import annotations

import re
from typing import NamedTuple

from nubem_jupyter.engine.planner.details import find_labels
from nubem_jupyter.engine.planner.grammar import Context, read_action, skip_fillers
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.steps import Step, split_list
from nubem_jupyter.engine.planner.tokens import tokenize

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

    @property
    def items(self) -> list[str]:
        """The material's lines, without bullets."""
        return [_BULLET.sub("", line).strip() for line in self.material.splitlines() if line.strip()]


def split_material(request: str, lexicon: Lexicon) -> Split:
    """Part what is to be done from the text it is to be done to."""
    for cut in _CUTS:
        found = cut.search(request)
        if not found:
            continue
        head, tail = request[: found.start()], request[found.end() :].strip()
        if _lists_things(head, tail, lexicon):
            return Split(request)
        if tail and _works_on_text(head, lexicon) and not _begins_with_a_deed(tail, lexicon, "\n" in found[0]):
            return Split(head.strip(), tail)
    return Split(request)


def _works_on_text(head: str, lexicon: Lexicon) -> bool:
    words = tokenize(head)
    action = read_action(words, lexicon, Context(code=lexicon.has("code", words), text=True))
    return action is not None and action.capability in _READING


def _lists_things(head: str, tail: str, lexicon: Lexicon) -> bool:
    """Tell whether the tail only names the fields or labels that the head asks for."""
    words = tokenize(head)
    action = read_action(words, lexicon, Context(text=True))
    if action is None or action.capability not in {"extract", "classify"} or tail.endswith((".", "!", "?")):
        return False
    step = Step(capability=action.capability, text=head, words=words, at=action.at)
    if action.capability == "classify" and find_labels(step, lexicon):
        return False
    parts = split_list(tokenize(tail.partition("\n")[0]), lexicon)
    return len(parts) > 1 and all(len(part) <= 3 for part in parts)


def _begins_with_a_deed(tail: str, lexicon: Lexicon, own_line: bool) -> bool:
    """Tell whether more instructions follow; on lines of their own only numbered ones are."""
    first = tail.splitlines()[0]
    if own_line and not _BULLET.match(first):
        return False
    words = tokenize(_BULLET.sub("", first))
    return bool(lexicon.verbs_at(words, skip_fillers(words, lexicon, 0)))
