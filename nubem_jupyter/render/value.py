"""Which form suits a value that a flow gave: a paragraph, a table or JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from nubem_jupyter.core.template import as_text
from nubem_jupyter.render.blocks import Shown, Table, Words

_MOST_ROWS = 200
_MOST_CHARS = 200_000
"""What one value takes on a page at most; beyond it the value itself is the place to look."""
_SHORT = 60


def form(value: Any) -> str | Table | Words:
    """Choose: a table for lists and for objects of long texts, JSON for other objects, text for the rest."""
    match value:
        case None:
            return Words("no result", "quiet")
        case list() | tuple() if value:
            return _list_table(list(value))
        case dict() if _holds_long_text(value):
            rows = list(value.items())[:_MOST_ROWS]
            return Table(("name", "value"), tuple((str(name), _cell(item, len(rows))) for name, item in rows))
        case dict() | list() | tuple():
            return cut(pretty(value))
        case _:
            return cut(str(value))


def form_of(shown: Shown) -> str | Table | Words:
    """Choose for a block; a program stays text whatever it looks like."""
    return cut(as_text(shown.value)) if shown.code else form(shown.value)


def pretty(value: Any) -> str:
    """Write plain JSON over several lines."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def cut(text: str, most_chars: int = _MOST_CHARS) -> str:
    """Leave out what is too long to be shown, and say how much."""
    left = len(text) - most_chars
    return text if left <= 0 else f"{text[:most_chars]}… ({left:,} more characters are left out here)"


def _holds_long_text(value: dict[str, Any]) -> bool:
    return any(isinstance(item, str) and (len(item) > _SHORT or "\n" in item) for item in value.values())


def _list_table(items: list[Any]) -> Table:
    rows = items[:_MOST_ROWS]
    left = len(items) - len(rows)
    title = f"the first {_MOST_ROWS} of {len(items):,}" if left else ""
    if all(isinstance(item, dict) for item in items):
        columns = tuple(dict.fromkeys(str(name) for item in rows for name in item))
        cells = tuple(tuple(_cell(item.get(name), len(rows) * len(columns)) for name in columns) for item in rows)
        return Table(columns, cells, title)
    # From 0, as in Python and in what is said of items that failed.
    numbered = tuple((str(index), _cell(item, len(rows))) for index, item in enumerate(rows))
    return Table(("", "value"), numbered, title)


def _cell(value: Any, cells: int) -> str:
    """Write a value inside a table of so many: a list of simple things one a line, without brackets and quotes."""
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        text = "\n".join(as_text(item) for item in value)
    else:
        text = as_text(value)
    return cut(text, max(_MOST_CHARS // cells, _SHORT))
