"""Offering a function as a component: what is known of it, read from the function itself, and its inputs checked."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from nubem_jupyter.core.component import ComponentInfo, Origin, Parameter
from nubem_jupyter.core.text import nearest
from nubem_jupyter.core.value import ValueType, accepts
from nubem_jupyter.errors import UsageError

ComponentFunction = Callable[..., Awaitable[Any]]
"""Keyword arguments in, plain JSON out; cancelling its task stops what it does."""
Rows = list[dict[str, Any]]
"""A table: one object a row."""
Offer = tuple[ComponentInfo, ComponentFunction]
"""What is known of a component, and what it does."""

_VALUE_TYPES: dict[Any, ValueType] = {
    str: ValueType.TEXT,
    int: ValueType.NUMBER,
    float: ValueType.NUMBER,
    bool: ValueType.BOOLEAN,
    dict: ValueType.JSON,
    list: ValueType.LIST,
}


def offer(
    name: str,
    function: ComponentFunction,
    *,
    capability: str,
    output: ValueType,
    permissions: tuple[str, ...] = (),
    cost_usd: float | None = 0.0,
    ttl_s: float | None = None,
    missing: str = "",
) -> Offer:
    """Describe an async function with annotated keyword arguments, and check what it is given before it is called.

    Its version begins the digest of its module's source.
    """
    module = sys.modules[function.__module__]
    digest = hashlib.sha256(inspect.getsource(module).encode()).hexdigest()
    known = ComponentInfo(
        name=name,
        version=digest[:12],
        description=inspect.getdoc(function) or "",
        capability=capability,
        inputs=tuple(_parameters(function)),
        output=output,
        permissions=permissions,
        cost_usd=cost_usd,
        ttl_s=ttl_s,
        origin=Origin(kind="builtin", where=module.__name__, digest=digest),
        available=not missing,
        missing=missing,
    )
    return known, _checked(known, function)


def _parameters(function: ComponentFunction) -> Iterator[Parameter]:
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        hint = hints[name]
        required = parameter.default is inspect.Parameter.empty
        (described, *notes) = get_args(hint) if get_origin(hint) is Annotated else (hint,)
        yield Parameter(
            name=name,
            type=_value_type(described),
            required=required,
            description=notes[0] if notes else "",
            default=None if required else parameter.default,
        )


def _value_type(hint: Any) -> ValueType:
    if hint == Rows:
        return ValueType.TABLE
    if get_origin(hint) in (Union, UnionType):
        (hint, *others) = (one for one in get_args(hint) if one is not type(None))
        return ValueType.ANY if others else _value_type(hint)
    return _VALUE_TYPES.get(get_origin(hint) or hint, ValueType.ANY)


def _checked(known: ComponentInfo, function: ComponentFunction) -> ComponentFunction:
    async def use(**arguments: Any) -> Any:
        _check(known, arguments)
        return await function(**arguments)

    use.__name__ = use.__qualname__ = known.name.replace(".", "_")
    use.__doc__ = known.description
    return use


def _check(known: ComponentInfo, arguments: Mapping[str, Any]) -> None:
    if not known.available:
        raise UsageError(f"'{known.name}' cannot be used", hint=known.missing)
    inputs = {parameter.name: parameter for parameter in known.inputs}
    for name, value in arguments.items():
        if name not in inputs:
            close = nearest(name, inputs)
            hint = f"did you mean '{close}'?" if close else f"it takes: {', '.join(inputs)}"
            raise UsageError(f"'{known.name}' has no input '{name}'", hint=hint)
        _check_type(known.name, inputs[name], value)
    for name, parameter in inputs.items():
        if parameter.required and arguments.get(name) is None:
            raise UsageError(f"'{known.name}' needs '{name}'", hint=parameter.description)


def _check_type(component: str, parameter: Parameter, value: Any) -> None:
    if value is None and (parameter.required or parameter.default is None):
        return
    wrong = f"'{parameter.name}' of '{component}' is {type(value).__name__}, not {parameter.type.value}"
    if not accepts(parameter.type, value):
        raise UsageError(wrong, hint=parameter.description)
    # The type JSON takes every value; here it stands for an object.
    if parameter.type is ValueType.JSON and not isinstance(value, Mapping):
        raise UsageError(wrong, hint=parameter.description)
