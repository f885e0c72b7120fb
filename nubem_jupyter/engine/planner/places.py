"""Where a request wants to be answered from: a folder that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.tokens import Token, tokenize

HERE = "."
"""The workspace."""
_PATH = re.compile(r"(?<![\w/.:@\\-])/?(?:[\w.-]+/)+(?:[\w-][\w.-]*)?")
_QUOTED_PATH = re.compile(r"(?:[\w. -]+/)+[\w. -]*")
_MARKS = '`"“”«»„ '
_NAME = re.compile(r"[\w.-]*[\w-]")
_FILE = re.compile(r"[\w.-]+\.\w{1,5}")
_TEXT_FILE = re.compile(r"[\w.-]+\.(?:md|txt|rst|html?|org|adoc|tex)", re.IGNORECASE)
_AROUND = ("notes", "folder", "of", "within", "article", "possessive", "deictic", "opening")
"""What stands before the name, with it: *according to the files in the folder …*."""
_LOOKING = frozenset({"search", "find", "read", "check", "review"})
"""Verbs that a place is the object of."""
_MAKING = frozenset({"write", "make", "generate", "run"})
"""Verbs whose result is put into a place, or is about it."""
_MOST_WORDS = 400
"""What is longer is pasted, and the paths in it are no places to look in."""
_LONGEST = 4
"""Words of the longest pattern that is walked over."""
_ENDS = ("?", "!", ".")
_FEW = 3
"""Words at the beginning among which is what says that there is nothing but a question."""


class Place(NamedTuple):
    """A folder, and what is asked."""

    path: str
    """From the workspace on."""
    rest: str
    """The request without the words that name it."""
    pattern: str = ""
    """In which of its files; empty for all."""


class _Span(NamedTuple):
    path: str
    start: int
    """Where the name begins, with its folder word."""
    end: int
    pattern: str = ""


def find_place(request: str, lexicon: Lexicon) -> Place | None:
    """Return the folder that the request is to be answered from; None where it names none.

    A folder that something is to be done to (*translate the files in docs/*), or put into, is none.
    """
    words = tokenize(request)
    if len(words) > _MOST_WORDS:
        return None
    for span in (*_quoted(words), *_paths(request), *_named(request, words, lexicon)):
        inside = [at for at, token in enumerate(words) if token.end > span.start and token.start < span.end]
        if words[inside[0]].start != span.start:  # quoted with other words
            continue
        begin = _begin(words, inside[0], lexicon)
        if _is_read_from(words, begin, inside[-1], lexicon):
            rest = _without(request, words[begin].start, span.end, lexicon)
            if rest:
                return Place(span.path, rest, span.pattern)
    return None


def _quoted(words: Sequence[Token]) -> list[_Span]:
    quotes = ((token, token.text.strip(_MARKS)) for token in words if token.is_quote)
    return [_Span(text, token.start, token.end) for token, text in quotes if _QUOTED_PATH.fullmatch(text)]


def _paths(request: str) -> list[_Span]:
    spans = []
    for found in _PATH.finditer(request):
        path = found[0].rstrip(".") if not found[0].endswith("./") else found[0]
        folder, _, last = path.rpartition("/")
        file = _TEXT_FILE.fullmatch(last)
        if not file and _FILE.fullmatch(last):
            continue  # a table or a program is for other steps
        spans.append(_Span(folder if file else path, found.start(), found.start() + len(path), last if file else ""))
    return spans


def _named(request: str, words: Sequence[Token], lexicon: Lexicon) -> list[_Span]:
    """Find *the folder NAME* and, where nouns stand so, *the NAME folder*; without a name it is the workspace."""
    spans = []
    for at in range(len(words)):
        length = lexicon.match("folder", words, at)
        if not length:
            continue
        before = words[at - 1] if at else None
        name = _name_at(request, words, at + length, lexicon)
        if name:
            after = words[at + length]
            spans.append(_Span(name, words[at].start, after.start + len(after.text if after.is_quote else name)))
        elif before and lexicon.head_last and _can_name(before, words, at - 1, lexicon):
            spans.append(_Span(before.text, before.start, words[at].end))
        else:
            spans.append(_Span(HERE, words[at].start, words[at + length - 1].end))
    return spans


def _name_at(request: str, words: Sequence[Token], at: int, lexicon: Lexicon) -> str:
    """Return the name that stands there, in quotes or as a word; empty where none does, as where a variable does."""
    if at == len(words):
        return ""
    if words[at].is_quote:
        return words[at].text.strip('`"“”«»„ ')
    found = _NAME.match(request, words[at].start) if _can_name(words[at], words, at, lexicon) else None
    return found[0] if found else ""


def _can_name(token: Token, words: Sequence[Token], at: int, lexicon: Lexicon) -> bool:
    small = (
        "of",
        "article",
        "possessive",
        "deictic",
        "opening",
        "folder",
        "from",
        "and",
        "or",
        "then",
        "that",
        "question",
        "filler",
        "each",
    )
    return token.is_word and not any(lexicon.match(group, words, at) for group in small)


def _begin(words: Sequence[Token], at: int, lexicon: Lexicon) -> int:
    """Walk back over the words that belong to the place."""
    while at:
        lengths = range(min(_LONGEST, at), 0, -1)
        step = next((n for n in lengths if any(lexicon.match(group, words, at - n) == n for group in _AROUND)), 0)
        if not step:
            break
        at -= step
    return at


def _is_read_from(words: Sequence[Token], begin: int, end: int, lexicon: Lexicon) -> bool:
    """Tell whether the place is what is read: *from …*, *in the files of …*, or the object of looking."""
    span = words[begin : end + 1]
    if any(lexicon.match("opening", span, at) for at in range(len(span))):
        return True
    looked = any(not _LOOKING.isdisjoint(lexicon.verbs_at(words, at)) for at in range(max(0, begin - 2), begin))
    makes = any(not _MAKING.isdisjoint(lexicon.verbs_at(words, at)) for at in range(begin))
    return looked or (not makes and lexicon.match("within", span, 0) > 0 and lexicon.has("notes", span))


def _without(request: str, start: int, end: int, lexicon: Lexicon) -> str:
    before, after = request[:start].rstrip(" ,;"), request[end:].lstrip('/ ,;:.`"”»“')
    said = tokenize(before)
    asks = len(said) <= _FEW and any(lexicon.match("answer", said, at) for at in range(len(said)))
    if asks and after:  # *answer from …: how long …?* is the question alone
        return after
    gap = "" if after[:1] in _ENDS else " "
    return f"{before}{gap}{after}".strip(" ,;:")
