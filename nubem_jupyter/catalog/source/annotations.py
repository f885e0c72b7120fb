"""Annotations as types of values: what a function says that it takes and gives, in the words of flows."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from nubem_jupyter.catalog.source.faults import FaultError
from nubem_jupyter.core.text import shorten
from nubem_jupyter.core.value import ValueType

_NAMES: dict[str, ValueType] = {
    "str": ValueType.TEXT,
    "LiteralString": ValueType.TEXT,
    "int": ValueType.NUMBER,
    "float": ValueType.NUMBER,
    "bool": ValueType.BOOLEAN,
    "Any": ValueType.ANY,
    "object": ValueType.ANY,
    **dict.fromkeys(("dict", "Dict", "Mapping", "MutableMapping", "TypedDict"), ValueType.JSON),
    **dict.fromkeys(("list", "List", "tuple", "Tuple", "Sequence", "Iterable", "Collection"), ValueType.LIST),
}
_WRAPPERS = frozenset({"Annotated", "Final", "Required", "NotRequired", "ReadOnly"})

_Kinds = frozenset[ValueType | None]
"""What a value may be; None stands for null."""


class Annotations:
    """The annotations of one file, with the names that the file itself gives to types."""

    def __init__(self, aliases: Mapping[str, ast.expr]) -> None:
        self._aliases = aliases
        self._known: dict[str, _Kinds | None] = {}

    def taken(self, annotation: ast.expr) -> ValueType:
        """Return the type of an input; where null may be given too, the type of what else may.

        Raises:
            FaultError: the annotation is no plain JSON.
        """
        return _shared(self._all(annotation) - {None})

    def given(self, annotation: ast.expr) -> ValueType:
        """Return the type of an output; where null may come too, that is anything.

        Raises:
            FaultError: the annotation is no plain JSON.
        """
        return _shared(self._all(annotation))

    def _all(self, annotation: ast.expr) -> _Kinds:
        try:
            return self._kinds(annotation)
        except (_UnknownError, RecursionError):
            raise FaultError(
                f"has the type {_shown(annotation)}, which is not plain JSON",
                "use str, int, float, bool, list, dict, Literal or Any, or a TypedDict of the same file",
            ) from None

    def _kinds(self, annotation: ast.expr) -> _Kinds:
        match annotation:
            case ast.Constant(value=None):
                return frozenset({None})
            case ast.Constant(value=str(text)):
                return self._kinds(_expression(text))
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._kinds(left) | self._kinds(right)
            case ast.Subscript(value=outer, slice=inner):
                return self._subscripted(last_name(outer), inner)
            case _:
                return self._named(last_name(annotation))

    def _named(self, name: str) -> _Kinds:
        """Look a name up; one of the file is followed once, so that names of names of names stay cheap."""
        if name not in self._aliases:
            if name not in _NAMES:
                raise _UnknownError
            return frozenset({_NAMES[name]})
        if name not in self._known:
            self._known[name] = None  # a name that leads to itself meets this
            self._known[name] = self._kinds(self._aliases[name])
        kinds = self._known[name]
        if kinds is None:
            raise _UnknownError
        return kinds

    def _subscripted(self, outer: str, inner: ast.expr) -> _Kinds:
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        match outer:
            case "Literal":
                return frozenset(map(_literal, parts))
            case "Optional":
                return self._kinds(inner) | {None}
            case "Union":
                return frozenset().union(*map(self._kinds, parts))
            case _ if outer in _WRAPPERS and parts:
                return self._kinds(parts[0])
            case _:
                return frozenset({self._container(outer, parts)})

    def _container(self, outer: str, parts: list[ast.expr]) -> ValueType:
        kind = _NAMES.get(outer)
        if kind is ValueType.LIST and parts:
            # A list of objects is a table; what is no JSON value cannot stand in a list either.
            return ValueType.TABLE if self._kinds(parts[0]) == {ValueType.JSON} else ValueType.LIST
        if kind is not ValueType.JSON:
            raise _UnknownError
        return kind


class _UnknownError(Exception):
    """An annotation that is no plain JSON."""


def _shared(kinds: _Kinds) -> ValueType:
    """Return the type if there is only one; anything where there are several, or nothing but null."""
    only = next(iter(kinds), None) if len(kinds) == 1 else None
    return only or ValueType.ANY


def _literal(part: ast.expr) -> ValueType | None:
    match part:
        case ast.Constant(value=None):
            return None
        case ast.Constant(value=bool()):
            return ValueType.BOOLEAN
        case ast.Constant(value=str()):
            return ValueType.LABEL
        case ast.Constant(value=int()) | ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int())):
            return ValueType.NUMBER
        case _:
            raise _UnknownError


def _shown(annotation: ast.expr) -> str:
    try:
        return shorten(ast.unparse(annotation), 80)
    except RecursionError:
        return "of a great depth"


def last_name(annotation: ast.expr) -> str:
    """Return the name behind the last dot: ``typing.Any`` and ``Any`` are one."""
    match annotation:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _expression(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError):
        raise _UnknownError from None
