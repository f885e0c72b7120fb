"""Cutting a text into passages that can be found by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_MOST_CHARS = 1200
_ENOUGH_CHARS = 600
_SOME_CHARS = 200
_BEGINNING = re.compile(r"#{1,6} |(async )?def |class |function |fn |func ")


class Piece(NamedTuple):
    """A passage and its place."""

    first: int
    """Number of its first line, from 1."""
    last: int
    """Number of its last line."""
    text: str
    """What stands there."""


def pieces(text: str) -> Iterator[Piece]:
    """Cut between lines: at a heading or definition, at an empty line, at the latest after 1,200 characters.

    Only a line that is longer than that is cut within.
    """
    begun: list[str] = []
    first = size = 0
    for number, line in enumerate(text.split("\n"), 1):
        if begun and _ends_before(line, size):
            yield from _piece(first, number - 1, begun)
            begun, size = [], 0
        first = first if begun else number
        begun.append(line)
        size += len(line) + 1
    yield from _piece(first, first + len(begun) - 1, begun)


def _ends_before(line: str, size: int) -> bool:
    if size + len(line) > _MOST_CHARS:
        return True
    return (size >= _ENOUGH_CHARS and not line.strip()) or (size >= _SOME_CHARS and bool(_BEGINNING.match(line)))


def _piece(first: int, last: int, lines: list[str]) -> Iterator[Piece]:
    text = "\n".join(lines)
    for start in range(0, len(text), _MOST_CHARS):
        part = text[start : start + _MOST_CHARS]
        if part.strip():
            yield Piece(first, last, part.strip("\n"))
