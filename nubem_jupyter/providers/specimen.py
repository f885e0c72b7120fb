"""The smallest value that satisfies a JSON Schema."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from nubem_jupyter.errors import CallRejectedError

_DEEPEST = 40
"""Schemas that nest deeper refer to themselves without end."""


def specimen(schema: Mapping[str, Any]) -> Any:
    """Make an instance with no more in it than the schema requires.

    Raises:
        CallRejectedError: the schema is malformed, or asks for what cannot be made up (a pattern, say).
    """
    from jsonschema.exceptions import SchemaError, ValidationError  # imported late: it is slow
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    document = dict(schema)
    try:
        kind = validator_for(document)
        kind.check_schema(document)
        value = _Maker(document).make(document)
        kind(document, registry=Registry()).validate(value)  # an empty registry: references are not fetched
    except (SchemaError, ValidationError) as error:
        raise CallRejectedError(
            f"no instance can be made of this JSON Schema: {error.message}", hint="simplify the schema"
        ) from error
    except Unresolvable as error:
        raise CallRejectedError(
            f"this JSON Schema refers to '{error.ref}', which is not in it", hint="put the definition into its $defs"
        ) from error
    return value


class _Maker:
    """Makes instances of one schema document, which references point into."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def make(self, schema: Any, depth: int = 0) -> Any:
        """Make an instance of a part of the document."""
        if not isinstance(schema, Mapping):  # true accepts anything; false is found out by validation
            return None
        schema = self._resolved(schema, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        return self._of_type(_type_of(schema), schema, depth)

    def _of_type(self, kind: str, schema: Mapping[str, Any], depth: int) -> Any:
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, depth)
        return _SCALARS[kind](schema)

    def _resolved(self, schema: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        """Merge in what the schema refers to and the first of its alternatives."""
        if depth > _DEEPEST:
            raise CallRejectedError(
                "this JSON Schema requires itself without end", hint="make the field that refers back optional"
            )
        merged = dict(schema)
        parts = [*merged.pop("allOf", []), *merged.pop("anyOf", [])[:1], *merged.pop("oneOf", [])[:1]]
        if "$ref" in merged:
            parts.append(self._target(merged.pop("$ref")))
        for part in parts:
            if isinstance(part, Mapping):
                merged = _joined(self._resolved(part, depth + 1), merged)
        return merged

    def _target(self, reference: str) -> Any:
        """Follow a reference within the document."""
        found: Any = self._document
        for step in reference.removeprefix("#").split("/")[1:]:
            found = found.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, Mapping) else {}
        return found

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        other = schema.get("additionalProperties", {})
        return {name: self.make(properties.get(name, other), depth + 1) for name in schema.get("required", ())}

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        given = schema.get("prefixItems", [])
        count = schema.get("minItems", 1 if "contains" in schema else 0)
        later = schema.get("contains", schema.get("items", {}))
        return [self.make(given[place] if place < len(given) else later, depth + 1) for place in range(count)]


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two schemas that both hold; their properties and required names add up."""
    merged = {**one, **other}
    if "properties" in one and "properties" in other:
        merged["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one and "required" in other:
        merged["required"] = list(dict.fromkeys([*one["required"], *other["required"]]))
    return merged


def _type_of(schema: Mapping[str, Any]) -> str:
    """Name the type: the one given, the first of several, or the one that the keywords are about."""
    given = schema.get("type")
    if given:
        return str(given if isinstance(given, str) else given[0])
    about = {"properties": "object", "required": "object", "items": "array", "minItems": "array", "minLength": "string"}
    return next((kind for keyword, kind in about.items() if keyword in schema), "null")


def _string(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    return "echo".ljust(least, "o")[:most]


def _integer(schema: Mapping[str, Any]) -> int:
    return int(_stepped(schema))


def _number(schema: Mapping[str, Any]) -> float:
    low, high = _ends(schema)
    if low is not None and high is not None and "multipleOf" not in schema:
        return (low + high) / 2  # inside, whether the ends themselves are excluded or not
    return _stepped(schema)


def _stepped(schema: Mapping[str, Any]) -> float:
    """Give the multiple next to the lower end, else next to the upper one, else 0."""
    low, high = _ends(schema)
    step: float = schema.get("multipleOf", 1)
    if low is not None:
        value = math.ceil(low / step) * step
        return value + step if value == schema.get("exclusiveMinimum") else value
    if high is not None:
        value = math.floor(high / step) * step
        return value - step if value == schema.get("exclusiveMaximum") else value
    return 0


def _ends(schema: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Give the tightest lower and upper bound, excluded ones too."""
    lower = [schema[name] for name in ("minimum", "exclusiveMinimum") if name in schema]
    upper = [schema[name] for name in ("maximum", "exclusiveMaximum") if name in schema]
    return max(lower, default=None), min(upper, default=None)


_SCALARS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": lambda _: True,
    "null": lambda _: None,
}
"""What makes a value of each simple type."""
