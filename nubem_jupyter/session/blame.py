"""Where in a component's source it went wrong, for whoever has to mend it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from typing import Any

from nubem_jupyter.core.ids import NodePath
from nubem_jupyter.core.value import ValueType, accepts, value_type_of
from nubem_jupyter.errors import NodeError
from nubem_jupyter.session.loading import line_in

Function = Callable[..., Any] | None
"""What was called; None where it was not even loaded."""


def failed_use(name: str, path: NodePath, function: Function, error: BaseException) -> NodeError:
    """Say that a component failed at a step, what it raised, and at which line of its own source."""
    source = _source(function)
    line = line_in(source, error) if source else None
    where = ""
    if line:  # what a notebook or a terminal has compiled stands in no file
        where = f" in {source}, line {line}" if os.path.exists(source) else f" in line {line} of its source"
    return NodeError(f"the component '{name}' failed at '{path}'{where}: {type(error).__name__}: {error}")


def keeps_word(told: ValueType, value: Any) -> bool:
    """Tell whether a value is of the type that a component tells; what it calls JSON is an object."""
    return accepts(told, value) and (told is not ValueType.JSON or isinstance(value, Mapping))


def wrong_output(name: str, path: NodePath, function: Function, told: ValueType, value: Any) -> NodeError:
    """Say that a component gave something else than it tells."""
    given = "nothing" if value is None else value_type_of(value).value
    source = _source(function)
    place = f" in {source}" if os.path.exists(source) else ""
    return NodeError(
        f"the component '{name}' gave {given} at '{path}', and tells that it gives {told.value}",
        hint=f"mend what it returns, or the type that it says it returns{place}",
    )


def not_carried(name: str, path: NodePath, error: BaseException) -> NodeError:
    """Say that a component gave what flows cannot carry."""
    return NodeError(
        f"what the component '{name}' gave at '{path}' is no plain value: {error}",
        hint="give text, numbers, lists, dicts or data frames",
    )


def _source(function: Function) -> str:
    """Return the file, or what stands for one, that a function was compiled from; empty where that is not known."""
    code = getattr(inspect.unwrap(function), "__code__", None) if function is not None else None
    return code.co_filename if code is not None else ""
