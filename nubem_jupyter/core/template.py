"""Prompt templates: ``{name}`` is an input, ``{name.path}`` a part of one, ``{{`` and ``}}`` are braces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.condition import look_up
from nubem_jupyter.errors import FlowError

_TOKEN = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_-]*)((?:\.[A-Za-z0-9_-]+)*)\}")
"""A brace that does not form one of these is text: prompts are full of JSON and code."""


def placeholders(template: str) -> tuple[str, ...]:
    """Return the names of the inputs that a template uses, each once, in order of first use."""
    return tuple(dict.fromkeys(found[1] for found in _TOKEN.finditer(template) if found[1]))


def escape(text: str) -> str:
    """Double the braces of a text that is to stand in a template as it is."""
    return text.replace("{", "{{").replace("}", "}}")


def render(template: str, values: Mapping[str, Any]) -> str:
    """Fill the template in; a value that is not text is written as JSON.

    Raises:
        FlowError: a placeholder has no value.
    """

    def fill(found: re.Match[str]) -> str:
        if not found[1]:
            return found[0][0]
        if found[1] not in values:
            raise FlowError(f"the prompt uses {{{found[1]}}}, which has no value", hint="give it with -i")
        return as_text(look_up(values[found[1]], found[2].lstrip(".")))

    return _TOKEN.sub(fill, template)


def as_text(value: Any) -> str:
    """Write a value as a prompt shows it: text as it is, None as nothing, the rest as JSON."""
    match value:
        case str():
            return value
        case None:
            return ""
        case _:
            return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()
