"""A model call in LiteLLM's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.call import Message, ModelCall


def completion_arguments(call: ModelCall, *, takes_schema: bool) -> dict[str, Any]:
    """Build the keyword arguments of ``acompletion``.

    A model that takes no JSON Schema is told it in words; whether its answer fits is for the caller to check.
    """
    messages = call.messages
    arguments: dict[str, Any] = {}
    if call.schema is not None and takes_schema:
        arguments["response_format"] = _response_format(call.schema)
    elif call.schema is not None:
        messages = (_told(call.schema), *messages)
    if call.seed is not None:
        arguments["seed"] = call.seed
    return {
        "model": call.model,
        "messages": [msgspec.to_builtins(message) for message in messages],
        "max_tokens": call.max_tokens,
        "temperature": call.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
        "drop_params": True,  # not every model takes a seed or a temperature
        "num_retries": 0,  # the run decides about retries, and counts them
        "max_retries": 0,
        **arguments,
    }


def _told(schema: Mapping[str, Any]) -> Message:
    text = json.dumps(schema, ensure_ascii=False)
    return Message(role="system", content=f"Answer only with JSON that satisfies this JSON Schema: {text}")


def _response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    named = {"name": "answer", "schema": msgspec.to_builtins(schema), "strict": _is_closed(schema)}
    return {"type": "json_schema", "json_schema": named}


def _is_closed(schema: Any) -> bool:
    """Tell whether every object in it lists all of its fields; only then do providers enforce it to the letter."""
    if isinstance(schema, list | tuple):
        return all(_is_closed(part) for part in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object" and not _lists_all(schema):
        return False
    return all(_is_closed(part) for part in schema.values())


def _lists_all(schema: Mapping[str, Any]) -> bool:
    closed = schema.get("additionalProperties") is False
    return closed and set(schema.get("required", ())) == set(schema.get("properties", ()))
