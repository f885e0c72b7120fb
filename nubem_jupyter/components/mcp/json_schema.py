"""A tool's JSON Schema as the inputs and the output of a component."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nubem_jupyter.core.component import Parameter
from nubem_jupyter.core.value import ValueType

_TYPES = {
    "string": ValueType.TEXT,
    "integer": ValueType.NUMBER,
    "number": ValueType.NUMBER,
    "boolean": ValueType.BOOLEAN,
    "object": ValueType.JSON,
}
WRAPPED = "result"
"""The field in which servers wrap what is no object, since a tool's structured result had to be one."""


def parameters(schema: Mapping[str, Any]) -> Iterator[Parameter]:
    """Yield the inputs that a schema names, in its order.

    Raises:
        FlowError: a default is not plain JSON.
        ValueError: the schema does not list by their names what it requires.
    """
    needed = _needed(schema)
    for name, told in _fields(schema).items():
        about = told if isinstance(told, Mapping) else {}
        yield Parameter(
            name=name,
            type=_type(about),
            required=name in needed,
            description=str(about.get("description") or ""),
            default=about.get("default"),
        )


def output_type(schema: Mapping[str, Any] | None) -> ValueType:
    """Return the type of what a tool gives, to which its uses are held; of what may be nothing that is any."""
    if schema is None:
        return ValueType.ANY
    told = _fields(schema)[WRAPPED] if is_wrapped(schema) else schema
    return ValueType.ANY if _may_be_nothing(told) else _type(told)


def is_wrapped(schema: Mapping[str, Any] | None) -> bool:
    """Tell whether a value stands in an object for no other reason than that it had to."""
    fields = _fields(schema or {})
    return list(fields) == [WRAPPED] and isinstance(fields[WRAPPED], Mapping)


def _may_be_nothing(schema: Mapping[str, Any]) -> bool:
    """Tell whether null is a value of it, in whichever of the ways that servers have to say so."""
    kinds, values = schema.get("type"), schema.get("enum")
    if kinds == "null" or (isinstance(kinds, list) and "null" in kinds) or schema.get("nullable") is True:
        return True
    if (isinstance(values, list) and None in values) or schema.get("const", "") is None:
        return True
    choices = (schema.get("anyOf"), schema.get("oneOf"))
    listed = (one for several in choices if isinstance(several, list) for one in several)
    return any(isinstance(one, Mapping) and _may_be_nothing(one) for one in listed)


def _needed(schema: Mapping[str, Any]) -> frozenset[str]:
    told = schema.get("required") or []
    if not isinstance(told, list) or not all(isinstance(name, str) for name in told):
        raise ValueError("'required' of its inputs is no list of names")
    return frozenset(told)


def _fields(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = schema.get("properties")
    return fields if isinstance(fields, Mapping) else {}


def _type(schema: Mapping[str, Any]) -> ValueType:
    kind = schema.get("type")
    choices = schema.get("anyOf")
    if isinstance(choices, list):  # "a text or nothing" is a text
        real = [one for one in choices if isinstance(one, Mapping) and one.get("type") != "null"]
        return _type(real[0]) if len(real) == 1 else ValueType.ANY
    if kind == "array":
        items = schema.get("items")
        rows = isinstance(items, Mapping) and items.get("type") == "object"
        return ValueType.TABLE if rows else ValueType.LIST
    if "enum" in schema and kind == "string":
        return ValueType.LABEL
    return _TYPES.get(kind, ValueType.ANY) if isinstance(kind, str) else ValueType.ANY
