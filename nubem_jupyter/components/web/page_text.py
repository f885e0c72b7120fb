"""The readable text of an HTML page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nubem_jupyter.components.stop import Stop
from nubem_jupyter.components.web.tokens import tokens

_SILENT = frozenset(("script", "style", "template", "svg", "math", "iframe", "object", "canvas", "select"))
_ASIDE = frozenset(("nav", "footer", "aside", "form", "header", "menu"))
"""Parts that are about the site; a page that is nothing else is given with them."""
_BLOCKS = frozenset({
    "address", "article", "blockquote", "body", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure", "h1",
    "h2", "h3", "h4", "h5", "h6", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tbody", "td", "th",
    "thead", "title", "tr", "ul",
})  # fmt: skip
_FEWEST_CHARS = 80


class PageText(NamedTuple):
    """What a person reads on a page."""

    title: str
    """Its title; empty where it has none."""
    text: str
    """Its text, one line a paragraph, headings with ``#``, items of lists with ``-``."""


def page_text(html: str, stop: Stop) -> PageText:
    """Read a page: its main part where it marks one, without scripts, and without navigation where more is left."""
    reader = _Reader()
    takes = {"open": reader.open_tag, "close": reader.close_tag, "text": reader.take}
    for kind, value in stop.each(tokens(html)):
        takes[kind](value)
    reader.end_line()
    title = " ".join("".join(reader.title).split())
    parts = (reader.lines_of(_MAIN), reader.lines_of(_BODY), [line for _, line in reader.lines])
    chosen = next((lines for lines in parts if sum(map(len, lines)) >= _FEWEST_CHARS), parts[-1])
    return PageText(title, "\n".join(chosen))


_MAIN, _BODY, _OUTER = 2, 1, 0


class _Reader:
    """Collects lines, each with how near to the page's main part it stands."""

    def __init__(self) -> None:
        self.title: list[str] = []
        self.lines: list[tuple[int, str]] = []
        self._line: list[str] = []
        self._mark = ""
        self._open: dict[str, int] = {}

    def lines_of(self, least: int) -> Sequence[str]:
        """Return the lines that are at least so near."""
        return [line for nearness, line in self.lines if nearness >= least]

    def open_tag(self, tag: str) -> None:
        """Begin a line at a block, and say what it is."""
        if tag in _BLOCKS:
            self.end_line()
        if tag in _SILENT or tag in _ASIDE or tag in ("title", "main", "article", "pre"):
            self._open[tag] = self._open.get(tag, 0) + 1
        if re.fullmatch("h[1-6]", tag):
            self._mark = "#" * int(tag[1]) + " "
        elif tag == "li":
            self._mark = "- "

    def close_tag(self, tag: str) -> None:
        """End a line at a block's end."""
        if tag in _BLOCKS:
            self.end_line()
        if self._open.get(tag):
            self._open[tag] -= 1

    def take(self, text: str) -> None:
        """Take text in, if a reader would see it."""
        if self._is_open(("title",)) and not self._is_open(("svg",)):
            self.title.append(text)
        elif not self._is_open(_SILENT):
            self._line.append(text)

    def end_line(self) -> None:
        """Keep the line that was begun, if something stands on it."""
        text = "".join(self._line)
        kept = text.rstrip() if self._open.get("pre") else " ".join(text.split())
        if kept.strip():
            self.lines.append((self._nearness(), self._mark + kept))
            self._mark = ""
        self._line = []

    def _nearness(self) -> int:
        if self._is_open(_ASIDE):
            return _OUTER
        return _MAIN if self._is_open(("main", "article")) else _BODY

    def _is_open(self, tags: Sequence[str] | frozenset[str]) -> bool:
        return any(self._open.get(tag) for tag in tags)
