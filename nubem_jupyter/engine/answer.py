"""From a model's text to the value that its node gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from nubem_jupyter.core.text import shorten
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.errors import NodeError

_FENCE = re.compile(r"```[\w+-]*[ \t]*\n(.*?)(?:\n```|\Z)", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:[.,]\d{3})*(?:\.\d+)?|-?\.\d+")
_TRUE = frozenset({"true", "yes", "sí", "si", "oui", "ja", "sim"})
_FALSE = frozenset({"false", "no", "non", "nein", "não", "nao"})


def parse_answer(text: str, work: Prompt) -> Any:
    """Read a model's whole answer as the type that the node declares.

    Raises:
        NodeError: the text is not of that type, or does not satisfy the node's schema.
    """
    if work.schema is not None:
        return _checked(_json(text), work)
    if work.output is ValueType.TEXT:
        return text.strip()
    return _READERS.get(work.output, str.strip)(text)


def unfence(text: str) -> str:
    """Return the first fenced block of a Markdown text, or the text itself when there is none."""
    found = _FENCE.search(text)
    return (found[1] if found else text).strip("\n")


def _json(text: str) -> Any:
    for candidate in (text, unfence(text)):
        try:
            return msgspec.json.decode(candidate)
        except msgspec.DecodeError:
            continue
    raise NodeError(
        f"the model's answer is not JSON: {shorten(text, 80)!r}",
        hint="raise max_tokens if it was cut off, or choose a stronger model",
    )


def _checked(value: Any, work: Prompt) -> Any:
    import jsonschema  # imported late: most nodes have no schema

    schema = dict(work.schema or {})
    error = jsonschema.exceptions.best_match(jsonschema.validators.validator_for(schema)(schema).iter_errors(value))
    if error is None:
        return value
    place = "".join(f"[{step!r}]" for step in error.absolute_path)
    raise NodeError(
        f"the model's answer does not fit its schema: {shorten(f'answer{place} {error.message}', 160)}",
        hint="choose a stronger model, or loosen the schema",
    )


def _number(text: str) -> float | int:
    found = _NUMBER.search(text)
    if not found:
        raise NodeError(f"the model's answer has no number: {shorten(text, 80)!r}")
    plain = found[0].replace(",", "")
    if plain.count(".") > 1:
        plain = plain.replace(".", "")  # they part thousands: a number has one decimal point
    value = float(plain)
    return int(value) if value.is_integer() and "." not in plain else value


def _boolean(text: str) -> bool:
    first = re.match(r"\W*(\w+)", text)
    word = first[1].casefold() if first else ""
    if word not in _TRUE | _FALSE:
        raise NodeError(f"the model's answer is neither yes nor no: {shorten(text, 80)!r}")
    return word in _TRUE


_READERS: dict[ValueType, Callable[[str], Any]] = {
    ValueType.JSON: _json,
    ValueType.LIST: _json,
    ValueType.TABLE: _json,
    ValueType.CODE: unfence,
    ValueType.NUMBER: _number,
    ValueType.BOOLEAN: _boolean,
}
