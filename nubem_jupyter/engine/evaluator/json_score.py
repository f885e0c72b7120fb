"""Comparing plain JSON values field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from nubem_jupyter.core.text import shorten

_FENCED = re.compile(r"\s*```\w*\n(.*?)\n?```\s*", re.DOTALL)
_MISSING = object()


def compare_json(answer: Any, target: Any, *, tolerance: float, case: bool) -> tuple[float, tuple[str, ...]]:
    """Return the share of right fields, and a phrase for each wrong one; either value may be JSON as text."""
    given, wanted = dict(_fields(_read(answer))), dict(_fields(_read(target)))
    wrong = tuple(
        f"{path or 'the value'} is {_shown(given.get(path, _MISSING))}, not {_shown(wanted.get(path, _MISSING))}"
        for path in dict.fromkeys((*wanted, *given))
        if not _same(given.get(path, _MISSING), wanted.get(path, _MISSING), tolerance, case)
    )
    return 1 - len(wrong) / len(given.keys() | wanted.keys()), wrong


def _read(value: Any) -> Any:
    """Read a text as JSON, with or without a Markdown fence around it; any other text stands for itself."""
    if not isinstance(value, str):
        return value
    fenced = _FENCED.fullmatch(value)
    try:
        return msgspec.json.decode(fenced[1] if fenced else value)
    except msgspec.DecodeError:
        return value


def _fields(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf with its dotted path; an empty container is a leaf."""
    match value:
        case dict() if value:
            inner = ((str(key), item) for key, item in value.items())
        case list() | tuple() if value:
            inner = ((str(index), item) for index, item in enumerate(value))
        case _:
            yield path, value
            return
    for name, item in inner:
        yield from _fields(item, f"{path}.{name}" if path else name)


def _same(given: Any, wanted: Any, tolerance: float, case: bool) -> bool:
    match given, wanted:
        case (bool(), _) | (_, bool()):
            return given is wanted
        case int() | float(), int() | float():
            return abs(given - wanted) <= tolerance
        case str(), str():
            first, second = " ".join(given.split()), " ".join(wanted.split())
            return first == second if case else first.casefold() == second.casefold()
        case _:
            return bool(given == wanted)


def _shown(value: Any) -> str:
    return "missing" if value is _MISSING else shorten(msgspec.json.encode(value).decode(), 60)
