"""A page as plain text, for terminals, logs and readers without HTML."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable
from itertools import zip_longest

from nubem_jupyter.render.blocks import Block, Details, Picture, Shown, Table, Words
from nubem_jupyter.render.value import form_of

_MARKS = {"warning": "! ", "failure": "✗ "}
_WIDEST = 60
_FOLDED = 36
"""Columns of a cell that is folded, unless one word is wider."""


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
    lines = [line for row in table.rows for line in (_folded(row) if table.folds else (row,))]
    rows = [[_one_line(cell) for cell in line] for line in lines]
    columns = list(zip(table.columns, *rows, strict=True)) if rows else [(name,) for name in table.columns]
    widths = [max(map(_width, column)) for column in columns]
    # Nothing stands beside the last column, and a folded cell is only wide where one word is.
    capped = slice(-1, None) if table.folds else slice(None)
    widths[capped] = [min(width, _WIDEST) for width in widths[capped]]
    head = []
    if any(table.columns):
        head = [_line(list(table.columns), widths), _line(["─" * width for width in widths], widths)]
    body = [_line(row, widths) for row in rows]
    return "\n".join([*([table.title] if table.title else ()), *head, *body])


def _folded(row: Iterable[str]) -> Iterable[tuple[str, ...]]:
    """Break wide cells between words, one line below the other; nothing stands beside the last, which runs on."""
    *cells, last = row
    return zip_longest(*map(_broken, cells), [last], fillvalue="")


def _broken(cell: str) -> list[str]:
    lines = [""]
    for word in cell.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if not lines[-1] or _width(longer) <= _FOLDED:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


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
