"""Words of a request, folded so that case and accents do not matter, each with its place in the text."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_QUOTED = r"```.*?```|`[^`\n]+`|\"[^\"\n]{2,}\"|“[^“”\n]{2,}”|«[^«»\n]{2,}»|„[^„“”\n]{2,}[“”]"
_ELIDED = r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu)['’](?=\w)"
_TOKEN = re.compile(
    rf"{_QUOTED}|\{{[A-Za-z]\w*\}}|{_ELIDED}|\d+(?:[.,]\d+)*(?!\w)|\d+(?=(?:ms|s|min|c)\b)|\w+(?:['’]\w+)*(?:\.\w+)*|\n|(?!(?<=\w)-(?=\w))[^\w\s]",
    re.IGNORECASE | re.DOTALL,
)
_MARKS = re.compile(r"[^\w{]")


class Token(NamedTuple):
    """One word, mark or quotation."""

    text: str
    """As written."""
    word: str
    """Folded; empty for a quotation, which is material and never an instruction."""
    start: int
    """Where it begins in the request."""
    end: int
    """Where it ends."""

    @property
    def is_quote(self) -> bool:
        """Whether it is quoted material."""
        return not self.word

    @property
    def is_word(self) -> bool:
        """Whether it is neither a mark nor quoted."""
        return bool(self.word) and not _MARKS.match(self.word)


def fold(text: str) -> str:
    """Take case, accents and typographic apostrophes away."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def tokenize(text: str) -> tuple[Token, ...]:
    """Cut a text into tokens; a quotation and a ``{NAME}`` are one token each."""
    return tuple(
        Token(found[0], "" if _is_quoted(found[0]) else fold(found[0]) or found[0], found.start(), found.end())
        for found in _TOKEN.finditer(text)
    )


def _is_quoted(text: str) -> bool:
    return len(text) > 2 and text[0] in '`"“«„'
