"""A page as plain text, for terminals, logs and readers without HTML."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable

from nubem_jupyter.render.blocks import Block, Details, Picture, Shown, Table, Words
from nubem_jupyter.render.value import form_of

_MARKS = {"warning": "! ", "failure": "✗ "}
_WIDEST = 60


def text(blocks: Iterable[Block]) -> str:
    """Render a page; folded details stand open."""
    return "\n\n".join(filter(None, (_render(block) for block in blocks)))


def _render(block: Block) -> str:
    match block:
        case Words():
            return _MARKS.get(block.tone, "") + block.text
        case Table():
            return _table(block)
        case Picture():
            return block.outline
        case Shown():
            chosen = form_of(block)
            return chosen if isinstance(chosen, str) else _render(chosen)
        case Details():
            return f"{block.summary}:\n" + textwrap.indent(text(block.blocks), "  ")


def _table(table: Table) -> str:
    rows = [[_one_line(cell) for cell in row] for row in table.rows]
    columns = list(zip(table.columns, *rows, strict=True)) if rows else [(name,) for name in table.columns]
    widths = [min(max(map(_width, column)), _WIDEST) for column in columns]
    lines = []
    if any(table.columns):
        lines = [_line(list(table.columns), widths), _line(["─" * width for width in widths], widths)]
    lines += [_line(row, widths) for row in rows]
    return "\n".join([table.title, *lines] if table.title else lines)


def _line(cells: list[str], widths: list[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _width(text_: str) -> int:
    """Count terminal columns: East Asian wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text_
    )
