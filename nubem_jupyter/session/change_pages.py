"""What has changed in the catalog, for people and for programs: what came, what went, which field was what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from nubem_jupyter.catalog.difference import Change, Difference, Kind
from nubem_jupyter.catalog.history import Changed
from nubem_jupyter.core.text import shorten
from nubem_jupyter.render.blocks import Page, Table, Words

_NAMED = 3
"""Entries that are named where the same happened to many."""
_LONGEST = 60
"""Characters of a value that are shown."""
_DIGEST = re.compile(r"[0-9a-f]{32,}")
_OF_A_DIGEST = 8
"""Characters of a digest that are shown: two that differ do so in the first ones."""

Row = tuple[str, str, str]
"""Which entries, what happened to them, and how: old → new."""


def changes_page(changes: Iterable[Changed], kind: Kind) -> Page:
    """Show changes of models or of components, newest first, each with its time; many alike are told together."""
    rows = tuple((_minute(one.at), *row) for one in changes for row in difference_rows(one.difference, kind))
    if not rows:
        return (Words(f"No change of a {kind} is known yet; what a refresh finds stands here."),)
    return (Table(("when", kind, "what", "old → new"), rows, searchable=True),)


def difference_rows(found: Difference, kind: Kind) -> Iterator[Row]:
    """Give the lines of one difference."""
    for what, entries in (("added", found.added), ("removed", found.removed)):
        if names := [entry.id for entry in entries if entry.kind == kind]:
            yield _names(names), what, ""
    alike: dict[tuple[str, str], list[str]] = {}
    for change in found.changed:
        if change.kind == kind:
            alike.setdefault((change.field, f"{_value(change.old)} → {_value(change.new)}"), []).append(change.id)
    for (field, how), names in alike.items():
        yield _names(names), f"{field} changed", how


def difference_page(found: Difference, kind: Kind) -> Page:
    """Show one difference of models or of components."""
    rows = tuple(difference_rows(found, kind))
    return (Table((kind, "what", "old → new"), rows),) if rows else (Words(f"No {kind} has changed."),)


def plain_changes(changes: Iterable[Changed], kind: Kind) -> list[dict[str, Any]]:
    """Give the changes of models or of components for a program; those that have none are left out."""
    told = ({"at": one.at, **plain_difference(one.difference, kind)} for one in changes)
    return [one for one in told if one["added"] or one["removed"] or one["changed"]]


def plain_difference(found: Difference, kind: Kind) -> dict[str, Any]:
    """Give one difference for a program."""
    return {
        "added": [entry.id for entry in found.added if entry.kind == kind],
        "removed": [entry.id for entry in found.removed if entry.kind == kind],
        "changed": [_plain_change(change) for change in found.changed if change.kind == kind],
    }


def _plain_change(change: Change) -> dict[str, Any]:
    return {name: msgspec.to_builtins(getattr(change, name)) for name in ("id", "field", "old", "new")}


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED:,} more"


def _value(value: Any) -> str:
    """Write a value as JSON would, but for what a person reads sooner in words."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return f"{value[:_OF_A_DIGEST]}…"
    return shorten(value if isinstance(value, str) else msgspec.json.encode(value).decode(), _LONGEST)


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
