"""A page as HTML that survives sanitising: no style sheet, no inline SVG; colours of the page around it.

The one script, of tables that can be searched, is there for more comfort: without it the page is whole.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from html import escape

from nubem_jupyter.render import picture
from nubem_jupyter.render.blocks import Block, Details, Picture, Shown, Table, Tone, Words
from nubem_jupyter.render.searching import searchable
from nubem_jupyter.render.value import form_of

# Mid tones, read on white and on dark pages alike; everything else inherits.
_TONES: dict[Tone, str] = {
    "plain": "margin:0.3em 0",
    "title": "margin:0.3em 0;font-weight:bold",
    "quiet": "margin:0.3em 0;opacity:0.75",
    "warning": "margin:0.3em 0;padding-left:0.6em;border-left:3px solid #c2862a",
    "failure": "margin:0.3em 0;padding-left:0.6em;border-left:3px solid #c0443c;font-weight:bold",
}
_RULE = "1px solid #8888"
_CELL = f"text-align:left;vertical-align:top;padding:0.25em 0.8em 0.25em 0;border-bottom:{_RULE}"
_SCROLL = "overflow-x:auto;max-width:100%"
_ONE_LINE = 24
_LEGIBLE_PT = 480
_PT_WIDTH = re.compile(rb'<svg width="([\d.]+)pt"')


def html(blocks: Iterable[Block]) -> str:
    """Render a page; all text in it is escaped."""
    return f'<div style="max-width:100%">{"".join(_render(block) for block in blocks)}</div>'


def _render(block: Block) -> str:
    match block:
        case Words():
            return f'<p style="{_TONES[block.tone]}">{_words(block.text)}</p>'
        case Table():
            return _table(block)
        case Picture():
            return _picture(block)
        case Shown():
            return _shown(block)
        case Details():
            inner = "".join(_render(part) for part in block.blocks)
            return f'<details style="margin:0.3em 0"><summary>{_words(block.summary)}</summary>{inner}</details>'


def _words(text: str) -> str:
    """Escape a text; each dollar stands apart, or a notebook would typeset what lies between two prices as mathematics.

    No element may lie within a formula (MathJax), so one around the sign ends what it would begin.
    """
    return escape(text).replace("$", "<span>$</span>")


def _table(table: Table) -> str:
    title = f'<p style="{_TONES["title"]}">{_words(table.title)}</p>' if table.title else ""
    head = "".join(f'<th style="{_CELL}">{_words(name)}</th>' for name in table.columns)
    head = f"<thead><tr>{head}</tr></thead>" if any(table.columns) else ""
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in table.rows)
    style = "border-collapse:collapse;font:inherit;color:inherit;background:none"
    drawn = f'<div style="{_SCROLL}"><table style="{style}">{head}<tbody>{body}</tbody></table></div>'
    return title + (searchable(drawn, table.title or table.columns[0]) if table.searchable else drawn)


def _cells(row: tuple[str, ...]) -> str:
    return "".join(f'<td style="{_CELL};{_wrapping(cell)}">{_words(cell)}</td>' for cell in row)


def _wrapping(cell: str) -> str:
    """Keep names and amounts on one line, and sentences readable; a table that gets too wide scrolls."""
    if len(cell) <= _ONE_LINE and "\n" not in cell:
        return "white-space:nowrap"
    return "white-space:pre-wrap;min-width:12em"


def _picture(block: Picture) -> str:
    drawn = picture.svg(block.dot)
    if drawn is None:
        return _text(block.outline, code=True)
    address = "data:image/svg+xml;base64," + base64.b64encode(drawn).decode("ascii")
    # A wide picture shrinks to the cell, but not below what can be read: then it scrolls.
    width = _PT_WIDTH.search(drawn)
    least = min(float(width[1]), _LEGIBLE_PT) if width else 0
    style = f"max-width:100%;min-width:{least:.0f}pt;height:auto"
    return f'<div style="{_SCROLL}"><img src="{address}" alt="{escape(block.alt)}" style="{style}"></div>'


def _shown(block: Shown) -> str:
    chosen = form_of(block)
    if isinstance(chosen, str):
        return _text(chosen, code=block.code or not isinstance(block.value, str))
    return _render(chosen)


def _text(text: str, *, code: bool) -> str:
    family = "monospace" if code else "inherit"
    wrap = "white-space:pre-wrap;overflow-wrap:anywhere;word-break:normal"
    style = f"{wrap};font-family:{family};background:none;color:inherit"
    return f'<pre style="{style};margin:0.3em 0">{escape(text)}</pre>'
