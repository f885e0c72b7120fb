"""What has changed between two snapshots of the catalog: which entries, and which of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from nubem_jupyter.catalog.snapshot import Snapshot
from nubem_jupyter.core.component import Trouble

Kind = Literal["model", "component"]

_WHEN = "date"
"""Field of figures that says when somebody looked; the same figure seen again is no change."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A model or a component that came or went."""

    kind: Kind
    """Which of the two."""
    id: str
    """The model's id or the component's name."""


class Change(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One field that has another value now."""

    kind: Kind
    """What it is a field of."""
    id: str
    """The model's id or the component's name."""
    field: str
    """The field's name; of a value inside the entry, dotted: ``price.input_usd.value``."""
    old: Any
    """What it was; None where it was not there."""
    new: Any
    """What it is; None where it is not there any more."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What has changed; false where nothing has."""

    added: tuple[Entry, ...] = ()
    """What is new."""
    removed: tuple[Entry, ...] = ()
    """What is gone."""
    changed: tuple[Change, ...] = ()
    """What is otherwise in entries that were there before, a field each."""
    troubles: tuple[Trouble, ...] = ()
    """What cannot be read now and could be before."""
    mended: tuple[Trouble, ...] = ()
    """What could not be read before and is no trouble now."""

    def __bool__(self) -> bool:
        """Tell whether anything has changed."""
        return bool(self.added or self.removed or self.changed or self.troubles or self.mended)

    @property
    def summary(self) -> str:
        """How much of each kind, in a few words; empty where nothing has changed."""
        counts = {
            "new": len(self.added),
            "gone": len(self.removed),
            "changed": len({(change.kind, change.id) for change in self.changed}),
            "cannot be read": len(self.troubles),
            "mended": len(self.mended),
        }
        return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)


class _Part(NamedTuple):
    """One kind of entries, before and after."""

    kind: Kind
    old: Mapping[str, msgspec.Struct]
    new: Mapping[str, msgspec.Struct]


def difference(old: Snapshot, new: Snapshot) -> Difference:
    """Compare two snapshots; entries are matched by their ids, so an order that has changed is no change."""
    parts = (
        _Part("model", {info.id: info for info in old.models}, {info.id: info for info in new.models}),
        _Part("component", {info.name: info for info in old.components}, {info.name: info for info in new.components}),
    )
    were, are = (*old.troubles, *old.unheard), (*new.troubles, *new.unheard)
    before, after = frozenset(were), frozenset(are)
    return Difference(
        added=tuple(Entry(kind=part.kind, id=name) for part in parts for name in part.new if name not in part.old),
        removed=tuple(Entry(kind=part.kind, id=name) for part in parts for name in part.old if name not in part.new),
        changed=tuple(change for part in parts for change in _changes(part)),
        troubles=tuple(trouble for trouble in are if trouble not in before),
        mended=tuple(trouble for trouble in were if trouble not in after),
    )


def _changes(part: _Part) -> Iterator[Change]:
    for name, now in part.new.items():
        was = part.old.get(name)
        if was is not None and was is not now and was != now:
            for field, old, new in _fields_that_differ(was, now):
                yield Change(kind=part.kind, id=name, field=field, old=old, new=new)


def _fields_that_differ(old: Any, new: Any, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Look into values of one type; lists are compared as wholes, named items of them by their names."""
    for field in type(new).__struct_fields__:
        was, now = getattr(old, field), getattr(new, field)
        place = prefix + field
        if was == now or field == _WHEN:
            continue
        if isinstance(was, msgspec.Struct) and type(was) is type(now):
            yield from _fields_that_differ(was, now, f"{place}.")
        elif names := _named(was, now):
            yield from _items_that_differ(names, f"{place}.")
        else:
            yield place, was, now


_Items = tuple[Mapping[str, Any], Mapping[str, Any]]


def _named(old: Any, new: Any) -> _Items | None:
    """Return both lists by the names of their items; None where order or form is what has changed."""
    maps = _by_name(old), _by_name(new)
    if maps[0] is None or maps[1] is None:
        return None
    kept = [name for name in maps[0] if name in maps[1]], [name for name in maps[1] if name in maps[0]]
    return (maps[0], maps[1]) if kept[0] == kept[1] else None


def _by_name(items: Any) -> Mapping[str, Any] | None:
    if not (isinstance(items, tuple) and all(isinstance(item, msgspec.Struct) for item in items)):
        return None
    found = {name: item for item in items if (name := getattr(item, "name", None)) is not None}
    return found if len(found) == len(items) else None


def _items_that_differ(items: _Items, prefix: str) -> Iterator[tuple[str, Any, Any]]:
    old, new = items
    for name in _in_order(old, new):
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            yield prefix + name, was, now
        elif was != now:
            yield from _fields_that_differ(was, now, f"{prefix}{name}.")


def _in_order(*maps: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(name for names in maps for name in names)
