"""What is known of a function that the program itself offers as a component."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from nubem_jupyter.core.component import ComponentInfo, Origin, Parameter
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import FlowError

_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def output_type(function: Callable[..., Any]) -> ValueType:
    """Return the type of what a function says that it returns; any where it says nothing, or no type of plain JSON."""
    from nubem_jupyter.catalog.source.annotations import Annotations  # late: many programs offer no function
    from nubem_jupyter.catalog.source.faults import FaultError

    try:
        told = inspect.signature(function).return_annotation
        text = told if isinstance(told, str) else inspect.formatannotation(told)
        return Annotations({}).given(ast.parse(text, mode="eval").body)
    except (TypeError, ValueError, SyntaxError, FaultError):
        return ValueType.ANY


def described(
    name: str,
    function: Callable[..., Any] | None,
    *,
    version: str,
    ttl_s: float | None,
    cost_usd: float | None,
    output: ValueType,
) -> ComponentInfo:
    """Describe a function by its signature and docstring; it may have neither types nor words."""
    return ComponentInfo(
        name=name,
        version=version,
        description=inspect.getdoc(function) or "",
        capability=name,
        inputs=tuple(_parameters(function)),
        output=output,
        permissions=(),
        cost_usd=cost_usd,
        ttl_s=ttl_s,
        origin=Origin(kind="program", where="this program", digest=""),
    )


def _parameters(function: Callable[..., Any] | None) -> Iterator[Parameter]:
    try:
        found = inspect.signature(function or _nothing).parameters.values()
    except (TypeError, ValueError):  # of those written in C some tell nothing
        return
    for parameter in found:
        if parameter.kind not in _VARIADIC:
            required = parameter.default is inspect.Parameter.empty
            yield _parameter(parameter.name, required=required, default=None if required else parameter.default)


def _parameter(name: str, *, required: bool, default: Any) -> Parameter:
    try:
        return Parameter(name=name, type=ValueType.ANY, required=required, default=default)
    except FlowError:  # which is no plain JSON, and so nothing to show
        return Parameter(name=name, type=ValueType.ANY, required=required)


def _nothing() -> None:
    """Stand in for a function that is not loaded yet."""
