"""Slips of the hand in a request: two letters that changed places, or one that stands twice.

Only words that the planner does not know are mended, and only to one that it knows; quotations, names in braces, paths
and short words stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.tokens import Token, fold, tokenize

_BEFORE = "('’"
_AFTER = re.compile(r"\s|[,;:.!?)](\s|$)")
_SHORTEST = 5
"""Letters of a word that is mended: among shorter ones too many are a letter apart."""


def mend(text: str, lexicon: Lexicon) -> str:
    """Return the text with such slips mended."""
    parts, done = [], 0
    for token in tokenize(text):
        plain = len(token.word) >= _SHORTEST and token.text.isalpha() and _stands_alone(text, token)
        if plain and not lexicon.knows(token.word):
            parts += [text[done : token.start], _mended(token.text, lexicon)]
            done = token.end
    return "".join([*parts, text[done:]])


def _stands_alone(text: str, token: Token) -> bool:
    """Tell whether a word is no part of a path, an address or a name with marks in it."""
    before, after = text[token.start - 1 : token.start], text[token.end : token.end + 2]
    return (not before or before in _BEFORE or before.isspace()) and (not after.strip() or bool(_AFTER.match(after)))


def _mended(word: str, lexicon: Lexicon) -> str:
    return next((other for other in _slips(word) if lexicon.knows(fold(other))), word)


def _slips(word: str) -> Iterator[str]:
    """Yield what may have been meant: letters back in their places, then a doubled one taken out."""
    for at in range(len(word) - 1):
        if word[at] != word[at + 1]:
            first, second = word[at], word[at + 1]
            if first.isupper() and not second.isupper():
                first, second = first.lower(), second.upper()
            yield word[:at] + second + first + word[at + 2 :]
    for at in range(len(word) - 1):
        if word[at].casefold() == word[at + 1].casefold():
            yield word[: at + 1] + word[at + 2 :]
