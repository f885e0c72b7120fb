"""The types of values that flow along edges, and what each accepts."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class ValueType(StrEnum):
    """What a node gives. Values themselves are plain JSON: str, int, float, bool, None, list, dict."""

    ANY = "any"
    TEXT = "text"
    LABEL = "label"
    CODE = "code"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"
    LIST = "list"
    TABLE = "table"


_TEXTUAL = frozenset({ValueType.TEXT, ValueType.LABEL, ValueType.CODE})
_ITERABLE = frozenset({ValueType.LIST, ValueType.TABLE, ValueType.JSON, ValueType.ANY})


def is_textual(value_type: ValueType) -> bool:
    """Tell whether values of this type are strings."""
    return value_type in _TEXTUAL


def may_iterate(value_type: ValueType) -> bool:
    """Tell whether a map may run over values of this type; JSON and ANY are decided when the value is there."""
    return value_type in _ITERABLE


def accepts(value_type: ValueType, value: Any) -> bool:
    """Tell whether a plain JSON value is one of this type; JSON and ANY take every value."""
    match value_type:
        case ValueType.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ValueType.BOOLEAN:
            return isinstance(value, bool)
        case ValueType.LIST:
            return isinstance(value, list | tuple)
        case ValueType.TABLE:
            return isinstance(value, list | tuple) and all(isinstance(row, dict) for row in value)
        case _:
            return isinstance(value, str) or not is_textual(value_type)


def value_type_of(value: Any) -> ValueType:
    """Name the narrowest type of a plain JSON value; a list of objects is a table."""
    match value:
        case str():
            return ValueType.TEXT
        case bool():
            return ValueType.BOOLEAN
        case int() | float():
            return ValueType.NUMBER
        case list() | tuple():
            return _list_type(value)
        case dict():
            return ValueType.JSON
        case _:
            return ValueType.ANY


def _list_type(items: list[Any] | tuple[Any, ...]) -> ValueType:
    rows = bool(items) and all(isinstance(item, dict) for item in items)
    return ValueType.TABLE if rows else ValueType.LIST
