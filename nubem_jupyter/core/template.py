"""Prompt templates: ``{name}`` is an input, ``{name.path}`` a part of one, ``{{name}}`` the plain text ``{name}``.

Double braces around any text without braces stand for single ones; every other brace is text, nested JSON and code
too, because prompts are full of both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from nubem_jupyter.core.condition import look_up
from nubem_jupyter.errors import FlowError

_TOKEN = re.compile(r"\{(\{[^{}]*\})\}|\{([A-Za-z_][A-Za-z0-9_-]*)((?:\.[A-Za-z0-9_-]+)*)\}")
_INNERMOST = re.compile(r"\{[^{}]*\}")


def placeholders(template: str) -> tuple[str, ...]:
    """Return the names of the inputs that a template uses, each once, in order of first use."""
    return tuple(dict.fromkeys(found[2] for found in _TOKEN.finditer(template) if found[2]))


def escape(text: str) -> str:
    """Write a text so that it stands in a template as it is: only an innermost pair of braces can mean anything."""
    return _INNERMOST.sub(r"{\g<0>}", text)


def render(template: str, values: Mapping[str, Any]) -> str:
    """Fill the template in; a value that is not text is written as JSON.

    Raises:
        FlowError: a placeholder has no value.
    """
    plain, places = _pieces(template)
    written = list(plain)
    try:
        for index, name, path in places:
            value = values[name]
            if path:
                value = look_up(value, path)
            written[index] = value if type(value) is str else as_text(value)
    except KeyError as missing:
        raise _without_value(str(missing.args[0])) from None
    return "".join(written)


@lru_cache(maxsize=1024)
def _pieces(template: str) -> tuple[tuple[str, ...], tuple[tuple[int, str, str], ...]]:
    """Split a template, which is filled many times: its plain text with gaps, and which name and path fills which."""
    pieces: list[str] = []
    places: list[tuple[int, str, str]] = []
    end = 0
    for found in _TOKEN.finditer(template):
        plain, name, path = found.groups()
        pieces += [template[end : found.start()], plain or ""]
        if plain is None:
            places.append((len(pieces) - 1, name, path))
        end = found.end()
    return (*pieces, template[end:]), tuple(places)


def filled_in(template: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the texts that stand in for the placeholders, each placeholder once, in order of first use.

    Raises:
        FlowError: a placeholder has no value.
    """
    used = dict.fromkeys((name, path) for _, name, path in _pieces(template)[1])
    missing = next((name for name, _ in used if name not in values), None)
    if missing is not None:
        raise _without_value(missing)
    return tuple(as_text(look_up(values[name], path)) for name, path in used)


def _without_value(name: str) -> FlowError:
    return FlowError(f"the prompt uses {{{name}}}, which has no value", hint="give it with -i")


def as_text(value: Any) -> str:
    """Write a value as a prompt shows it: text as it is, None as nothing, the rest as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()
