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
    written: list[str] = []
    for piece in _pieces(template):
        if isinstance(piece, str):
            written.append(piece)
            continue
        name, path = piece
        if name not in values:
            raise _without_value(name)
        value = values[name]
        written.append(as_text(look_up(value, path) if path else value))
    return "".join(written)


@lru_cache(maxsize=1024)
def _pieces(template: str) -> tuple[str | tuple[str, str], ...]:
    """Split a template into plain text and (name, path) of what stands between; the same ones are filled many times."""
    pieces: list[str | tuple[str, str]] = []
    end = 0
    for found in _TOKEN.finditer(template):
        plain, name, path = found.groups()
        pieces += [template[end : found.start()], (name, path) if plain is None else plain]
        end = found.end()
    return tuple(piece for piece in (*pieces, template[end:]) if piece)


def filled_in(template: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the texts that stand in for the placeholders, each placeholder once, in order of first use.

    Raises:
        FlowError: a placeholder has no value.
    """
    used = dict.fromkeys(piece for piece in _pieces(template) if not isinstance(piece, str))
    missing = next((name for name, _ in used if name not in values), None)
    if missing is not None:
        raise _without_value(missing)
    return tuple(as_text(look_up(values[name], path)) for name, path in used)


def _without_value(name: str) -> FlowError:
    return FlowError(f"the prompt uses {{{name}}}, which has no value", hint="give it with -i")


def as_text(value: Any) -> str:
    """Write a value as a prompt shows it: text as it is, None as nothing, the rest as JSON."""
    if type(value) is str:
        return value
    match value:
        case str():
            return value
        case None:
            return ""
        case int() if not isinstance(value, bool):
            return str(value)
        case _:
            return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()
