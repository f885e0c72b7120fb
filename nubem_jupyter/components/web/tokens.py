"""HTML as a row of tags and texts, in time that grows with its length alone.

The standard library's parser takes minutes for a megabyte of ``<!--`` (Python 3.11), and pages are anybody's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,40})")
_QUOTED_END = re.compile(r"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_NEAR_CHARS = 2000
_LONG_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
_RAW = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style", "template", "textarea", "iframe")}


class Token(NamedTuple):
    """A tag or a text."""

    kind: str
    """``open``, ``close`` or ``text``."""
    value: str
    """The tag's name in small letters, or the text with its entities read."""


def tokens(page: str) -> Iterator[Token]:
    """Yield tags and texts in order; comments, attributes and what scripts hold are left out."""
    place = 0
    while place < len(page):
        start = page.find("<", place)
        if start < 0:
            start = len(page)
        if start > place:
            yield Token("text", _read(page[place:start]))
        token, place = _markup(page, start)
        if token is None:
            continue
        yield token
        if token.kind == "open" and token.value in _RAW:
            ending = _RAW[token.value].search(page, place)
            place = ending.start() if ending else len(page)


def _markup(page: str, start: int) -> tuple[Token | None, int]:
    """Read what begins at a ``<`` and tell where it ends; one that begins nothing is text."""
    if start == len(page):
        return None, start
    if page.startswith("<!--", start):
        return None, _after(page, "-->", start + 4)
    if page.startswith(("<!", "<?"), start):
        return None, _after(page, ">", start)
    tag = _TAG.match(page, start)
    if tag is None:
        return Token("text", "<"), start + 1
    # A quoted attribute may hold a ">"; one that is longer than this is an embedded picture, which holds none.
    end = _QUOTED_END.match(page, tag.end(), tag.end() + _NEAR_CHARS)
    after = end.end() if end else _after(page, ">", tag.end())
    return Token("close" if tag.group(1) else "open", tag.group(2).lower()), after


def _after(page: str, mark: str, start: int) -> int:
    """Return the place after the next mark: the end where there is none, as browsers take it."""
    found = page.find(mark, start)
    return len(page) if found < 0 else found + len(mark)


def _read(text: str) -> str:
    # A number of thousands of digits is refused by Python, and no character has one.
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text)) if "&" in text else text
