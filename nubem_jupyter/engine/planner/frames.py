"""Phrases that open a sentence and say what its steps work on: *For each message, …*, *Given a list of tickets, …*."""

from __future__ import annotations

from collections.abc import Sequence

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.tokens import Token

_NOUNS = "textual list piece outline summary verdict critical asked refer code notes items data"
"""Groups of which a word may be a thing although it reads as a verb (*review*, *list*, *plan*)."""
_OBJECTS = ("article", "deictic", "each", "clitic")
"""Groups that open the object of a verb."""
_REACH = 40
"""Most words of a phrase."""
_MOST_FILLERS = 10


def frame_end(words: Sequence[Token], lexicon: Lexicon, start: int = 0) -> int:
    """Return where the phrase ends that opens here: at a mark or at the verb of a deed; ``start`` when there is none.

    A phrase that opens a question (*In which year …*) is none.
    """
    opened = _opening(words, lexicon, start)
    at = opened + lexicon.match("framing", words, opened)
    if at == opened or lexicon.match("question", words, at):
        return start
    first, last = at, min(at + _REACH, len(words))
    while at < last and (words[at].is_word or words[at].is_quote) and not _acts(words, lexicon, at):
        at += 1
    return at if at > first else start


def fans_out(words: Sequence[Token], lexicon: Lexicon) -> bool:
    """Tell whether the phrase says that what follows is done for each item."""
    return lexicon.has("each", words)


def without_trailing_frame(words: Sequence[Token], lexicon: Lexicon) -> Sequence[Token]:
    """Leave out *from each message* at the end of a deed: whoever does it sees one message only."""
    for at in range(len(words) - 2, 1, -1):
        if any(lexicon.match(group, words, at) for group in ("from", "of", "framing")):
            rest = words[at + 1 :]
            if lexicon.match("each", rest, 0) and len(rest) <= _SHORT and all(token.is_word for token in rest):
                return words[:at]
    return words


_SHORT = 3
"""Most words of *each message* in a trailing phrase."""


def _opening(words: Sequence[Token], lexicon: Lexicon, start: int) -> int:
    """Skip polite words before the phrase, save those that open it."""
    at = start
    for _ in range(_MOST_FILLERS):
        length = 0 if lexicon.match("framing", words, at) else lexicon.match("filler", words, at)
        if not length:
            break
        at += length
    return at


def _acts(words: Sequence[Token], lexicon: Lexicon, at: int) -> bool:
    """Tell whether a deed begins here, and not a thing that is called like one."""
    if not lexicon.verbs_at(words, at) or lexicon.has("of from", words[at : at + 1]):
        return False
    if lexicon.verb_last:
        return True
    after = at + lexicon.verb_length(words, at)
    if after >= len(words) or not (words[after].is_word or words[after].is_quote) or _is_determined(words, lexicon, at):
        return False
    return not lexicon.has(_NOUNS, words[at : at + 1]) or any(lexicon.match(group, words, after) for group in _OBJECTS)


def _is_determined(words: Sequence[Token], lexicon: Lexicon, at: int) -> bool:
    """Tell whether an article or *each* stands before; after *each one* a deed may follow."""
    before = words[max(0, at - 1) : at]
    if lexicon.has("each deictic", before):
        return True
    return lexicon.has("article", before) and not lexicon.has("each", words[max(0, at - 2) : at - 1])
