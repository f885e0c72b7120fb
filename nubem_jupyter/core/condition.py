"""Checks on a value: what a branch decides by and what a loop repairs until."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from nubem_jupyter.core.by_name import ByName
from nubem_jupyter.core.digest import encode
from nubem_jupyter.core.frozen import freeze, settle
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import FlowError

_INDEX = re.compile(r"[0-9]{1,9}")


def look_up(value: Any, path: str) -> Any:
    """Follow a dotted path (``"items.0.name"``) into plain JSON; a step that is not there gives None."""
    for step in filter(None, path.split(".")):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list | tuple) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else encode(value).decode()


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.strip().casefold() == wanted.strip().casefold()
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return bool(value == wanted)


def _contains(value: Any, wanted: Any) -> bool:
    if isinstance(value, list | tuple | dict):
        return any(_same(item, wanted) for item in value)
    return _text(wanted).casefold() in _text(value).casefold()


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "truthy": lambda value, _: bool(value),
    "falsy": lambda value, _: not value,
    "equals": _same,
    "not_equals": lambda value, wanted: not _same(value, wanted),
    "contains": _contains,
    "matches": lambda value, wanted: re.search(wanted, _text(value)) is not None,
    "above": lambda value, wanted: _number(value) > wanted,
    "below": lambda value, wanted: _number(value) < wanted,
}


class Condition(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, metaclass=ByName
):
    """A check on a value; text compares without regard to case and outer spaces.

    Raises:
        FlowError: the operator is unknown, or its argument does not fit it.
    """

    operator: str = "truthy"
    """One of truthy, falsy, equals, not_equals, contains, matches (regular expression), above, below."""
    value: Any = None
    """What to compare with; not used by truthy and falsy."""
    path: str = ""
    """Where in the value to look, dotted (``"language"``); empty looks at the whole."""

    def __post_init__(self) -> None:
        if self.operator not in _OPERATORS:
            close = nearest(str(self.operator), _OPERATORS)
            raise FlowError(
                f"unknown operator '{self.operator}' in a condition",
                hint=f"did you mean '{close}'?" if close else f"use one of: {' '.join(_OPERATORS)}",
            )
        msgspec.structs.force_setattr(self, "value", freeze(self.value, "a condition"))
        settle(self)
        if self.operator in {"above", "below"} and type(self.value) not in {int, float}:
            raise FlowError(
                f"'{self.operator}' compares with a number, not {self.value!r}", hint="give a number as its value"
            )
        if self.operator == "contains" and self.value in (None, ""):
            raise FlowError("'contains' needs something to look for", hint="give a text or a number as its value")
        if self.operator == "matches":
            self._check_pattern()

    def _check_pattern(self) -> None:
        try:
            re.compile(str.__str__(self.value))
        except (re.error, TypeError, OverflowError, RecursionError) as error:
            raise FlowError(
                f"{self.value!r} is not a regular expression: {error}",
                hint="write it as for Python's re module, or use 'contains' for plain text",
            ) from error

    def holds(self, value: Any) -> bool:
        """Tell whether the check passes for this value."""
        return _OPERATORS[self.operator](look_up(value, self.path), self.value)

    def __str__(self) -> str:
        """Say the check in words, for pictures and reasons."""
        subject = self.path or "result"
        return f"{subject} {self.operator}" + ("" if self.value is None else f" {self.value!r}")
