"""Frozen containers, and the one form that the fields of a frozen value take."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, NoReturn, TypeVar

import msgspec

from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import FlowError

K = TypeVar("K")
V = TypeVar("V")


def _refuse(_self: object, *_args: object, **_kwargs: object) -> NoReturn:
    msg = "this belongs to a frozen value; change a copy instead (copy.deepcopy gives a plain one)"
    raise TypeError(msg)


class FrozenDict(dict[K, V]):
    """A mapping that is equal to a dict of the same content and cannot be changed; it has a hash if its values do.

    It is a ``dict`` (and not a proxy) so that encoders and users' own code take it as one.
    """

    __slots__ = ()

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        """Hash without regard to order, as equality is."""
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenDict[K, V]], tuple[dict[K, V]]]:
        """Pickle through the constructor, since item assignment is refused."""
        return FrozenDict, (dict(self),)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[K, V]:
        """Give a plain copy that may be changed, all the way down."""
        return {key: copy.deepcopy(value, memo) for key, value in self.items()}


class FrozenList(list[V]):
    """A list that is equal to a list of the same content and cannot be changed; it has a hash if its items do.

    It is a ``list`` (and not a tuple) so that JSON Schema and users' own code take it as an array.
    """

    __slots__ = ()

    __setitem__ = __delitem__ = append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __iadd__ = __imul__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        """Hash by content."""
        return hash(tuple(self))

    def __reduce__(self) -> tuple[type[FrozenList[V]], tuple[list[V]]]:
        """Pickle through the constructor, since appending is refused."""
        return FrozenList, (list(self),)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[V]:
        """Give a plain copy that may be changed, all the way down."""
        return [copy.deepcopy(item, memo) for item in self]


def freeze(value: Any, what: str) -> Any:
    """Copy a plain JSON value into containers that refuse changes; ``what`` names it in the error.

    Raises:
        FlowError: the value is not plain JSON, so it could not be stored.
    """
    match value:
        case str() | bool() | int() | None:
            return value
        case float() if math.isfinite(value):
            return value
        case list() | tuple():
            return FrozenList(freeze(item, what) for item in value)
        case Mapping() if all(isinstance(key, str) for key in value):
            return FrozenDict({key: freeze(item, what) for key, item in value.items()})
        case _:
            shown = value if isinstance(value, float) else f"a value of type {type(value).__name__}"
            raise FlowError(
                f"{what} holds {shown}, which JSON cannot carry",
                hint="use text, numbers, true, false, null, lists, and objects with text keys",
            )


def thaw(value: Any) -> Any:
    """Copy a frozen JSON value into plain dicts and lists, for libraries that change what they are given."""
    return copy.deepcopy(value)


def freeze_fields(value: msgspec.Struct, *names: str) -> None:
    """Replace the named mapping fields of a frozen struct by ``FrozenDict`` copies; call from ``__post_init__``.

    What stands in the mapping stays as it is: a run's inputs are the user's own values.
    """
    for name in names:
        field: Mapping[Any, Any] = getattr(value, name)
        if type(field) is not FrozenDict:
            msgspec.structs.force_setattr(value, name, FrozenDict(field))


def settle(value: msgspec.Struct) -> None:
    """Give the fields of a frozen struct the one form that they have after a round trip; for ``__post_init__``.

    Lists become tuples, words become members of their enum, whole numbers floats where the default is one. A field
    equal to its default becomes the default object itself, because the encoder leaves out defaults by identity, and
    equal values must have equal digests.

    Raises:
        FlowError: a word is not a member of its field's enum.
    """
    for name, default in _defaults(type(value)):
        given = getattr(value, name)
        if given is default:
            continue
        # Most often it is a default that was written out: then nothing else needs to be looked at.
        same = type(given) is type(default) and given == default
        msgspec.structs.force_setattr(value, name, default if same else _settled(name, given, default))


def _settled(name: str, given: Any, default: Any) -> Any:
    match default:
        case StrEnum():
            given = _member(name, given, type(default))
        case float() if isinstance(given, int):
            given = float(given)
        case tuple() if isinstance(given, list):
            given = tuple(given)
    return default if given == default else given


def _member(name: str, word: str, kind: type[StrEnum]) -> StrEnum:
    try:
        return kind(word)
    except ValueError:
        close = nearest(str(word), kind)
        hint = f"did you mean '{close}'?" if close else f"use one of: {' '.join(kind)}"
        raise FlowError(f"{name} is '{word}', which is not one of {', '.join(kind)}", hint=hint) from None


@cache
def _defaults(kind: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    return tuple(_fixed_defaults(kind))


def _fixed_defaults(kind: type[msgspec.Struct]) -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(kind):
        if field.default is not msgspec.NODEFAULT:
            yield field.name, field.default
