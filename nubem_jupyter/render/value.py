"""Which form suits a value that a flow gave: a paragraph, a table or JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from nubem_jupyter.core.template import as_text
from nubem_jupyter.render.blocks import Shown, Table, Words

_MOST_ROWS = 200
_SHORT = 60


def form(value: Any) -> str | Table | Words:
    """Choose: a table for lists and for objects of long texts, JSON for other objects, text for the rest."""
    match value:
        case None:
            return Words("no result", "quiet")
        case list() | tuple() if value:
            return _list_table(list(value))
        case dict() if _holds_long_text(value):
            return Table(("name", "value"), tuple((str(name), _cell(item)) for name, item in value.items()))
        case dict() | list() | tuple():
            return pretty(value)
        case _:
            return str(value)


def form_of(shown: Shown) -> str | Table | Words:
    """Choose for a block; a program stays text whatever it looks like."""
    return as_text(shown.value) if shown.code else form(shown.value)


def pretty(value: Any) -> str:
    """Write plain JSON over several lines."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _holds_long_text(value: dict[str, Any]) -> bool:
    return any(isinstance(item, str) and (len(item) > _SHORT or "\n" in item) for item in value.values())


def _list_table(items: list[Any]) -> Table:
    rows = items[:_MOST_ROWS]
    left = len(items) - len(rows)
    title = f"the first {_MOST_ROWS} of {len(items)}" if left else ""
    if all(isinstance(item, dict) for item in items):
        columns = tuple(dict.fromkeys(str(name) for item in rows for name in item))
        cells = tuple(tuple(_cell(item.get(name)) for name in columns) for item in rows)
        return Table(columns, cells, title)
    numbered = tuple((str(index), _cell(item)) for index, item in enumerate(rows, 1))
    return Table(("", "value"), numbered, title)


def _cell(value: Any) -> str:
    """Write a value inside a table: a list of simple things one a line, without brackets and quotes."""
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return "\n".join(as_text(item) for item in value)
    return as_text(value)
