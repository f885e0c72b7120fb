"""Functions that say in a sentence what they want where they are called otherwise; read from their own annotations."""

from __future__ import annotations

import builtins
import inspect
import numbers
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from types import NoneType, UnionType
from typing import Any, ParamSpec, TypeVar, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UsageError

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)

_WORDS: dict[object, str] = {
    str: "a text",
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    NoneType: "None",
    Mapping: "a dict",
    dict: "a dict",
    set: "a set",
    Sequence: "a list",
    list: "a list",
    tuple: "a tuple",
    Callable: "a function",
}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Have a function raise a ``UsageError`` where it is called with what it does not take, or lacks what it needs."""
    takes = _Takes(function)
    if inspect.iscoroutinefunction(function):

        @wraps(function)
        async def wrapped(*args: P.args, **kwargs: P.kwargs) -> Any:
            takes.check(args, kwargs)
            return await takes.begin(args, kwargs)
    else:

        @wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> Any:
            takes.check(args, kwargs)
            return takes.begin(args, kwargs)

    return cast("Callable[P, R]", wrapped)


def checked_methods(cls: C) -> C:
    """Have the constructor and every public method of a class do so."""
    for name, member in list(vars(cls).items()):
        if inspect.isfunction(member) and (name == "__init__" or not name.startswith("_")):
            setattr(cls, name, checked(member))
    return cls


class _Takes:
    """What a function takes; read when it is first called."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._name = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self._function)

    @cached_property
    def _kinds(self) -> dict[str, tuple[type, ...]]:
        """Parameter -> the classes of which its value may be; those that are not plain classes are left out."""
        hints = get_type_hints(self._function, localns=_Names(vars(inspect.getmodule(self._function))))
        named = {name for name, one in self._signature.parameters.items() if one.kind not in _VARIABLE}
        return {name: kinds for name, hint in hints.items() if name in named and (kinds := _classes(hint))}

    @cached_property
    def _positions(self) -> tuple[str, ...]:
        found = self._signature.parameters.values()
        return tuple(one.name for one in found if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD)

    def check(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Refuse a value of a wrong kind."""
        kinds = self._kinds
        for name, value in (*zip(self._positions, args, strict=False), *kwargs.items()):
            if name in kinds and not _fits(value, kinds[name]):
                raise self._refusal(name, value)

    def begin(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call the function; where it cannot be called so, say why."""
        try:
            return self._function(*args, **kwargs)
        except TypeError:
            wrong = self._misfit(args, kwargs)
            if wrong is None:
                raise  # from within: no matter of how it was called
        raise wrong

    def _refusal(self, name: str, value: Any) -> UsageError:
        *others, last = (_word(kind) for kind in self._kinds[name])
        wanted = f"{', '.join(others)} or {last}" if others else last
        hint = "await it first" if inspect.iscoroutine(value) else self._hint
        return UsageError(f"{self._name} wants '{name}' to be {wanted}, and not {_word(type(value))}", hint=hint)

    def _misfit(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> UsageError | None:
        try:
            self._signature.bind(*args, **kwargs)
        except TypeError as error:
            unknown = next((name for name in kwargs if name not in self._signature.parameters), None)
            close = None if unknown is None else nearest(unknown, self._named)
            hint = f"did you mean '{close}'?" if close else self._hint
            return UsageError(f"{self._name} cannot be called like this: {error}", hint=hint)
        return None

    @property
    def _named(self) -> list[str]:
        return [name for name in self._signature.parameters if name != "self"]

    @property
    def _hint(self) -> str:
        shown = [
            one.replace(annotation=one.empty) for name, one in self._signature.parameters.items() if name != "self"
        ]
        return f"it is called so: {self._name}{inspect.Signature(shown)}"


class _Names(dict[str, Any]):
    """The names of a module, where those that it imports for type checkers alone may be anything."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, Any)


_VARIABLE = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


def _classes(hint: Any) -> tuple[type, ...]:
    """Return the classes that an annotation allows; none where it says something else, too."""
    if get_origin(hint) in (Union, UnionType):
        each = [_classes(one) for one in get_args(hint)]
        return tuple(kind for kinds in each for kind in kinds) if all(each) else ()
    kind = get_origin(hint) or hint
    is_plain = isinstance(kind, type) and kind is not Any and not getattr(kind, "_is_protocol", False)
    return (kind,) if is_plain and not is_typeddict(kind) else ()


def _fits(value: Any, kinds: tuple[type, ...]) -> bool:
    return any(_is_one(value, kind) for kind in kinds)


def _is_one(value: Any, kind: type) -> bool:
    match kind:
        case builtins.float:
            return isinstance(value, numbers.Real) and not isinstance(value, bool)
        case builtins.int:
            return isinstance(value, numbers.Integral) and not isinstance(value, bool)
        case _ if kind is Sequence:
            return isinstance(value, Sequence) and not isinstance(value, str)
        case _:
            return isinstance(value, kind)


def _word(kind: type) -> str:
    known = _WORDS.get(kind)
    article = "an" if kind.__name__[:1].lower() in "aeiou" else "a"
    return known or f"{article} {kind.__name__}"
