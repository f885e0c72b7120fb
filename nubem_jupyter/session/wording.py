"""The words in which a node's inputs go to a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nubem_jupyter.core.call import Message, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.template import render
from nubem_jupyter.core.work import Prompt


def call_of(prompt: Prompt, model: ModelId, values: Mapping[str, Any]) -> ModelCall:
    """Write out the call that a node makes with these inputs."""
    return ModelCall(
        model=model,
        messages=messages_of(prompt, values),
        max_tokens=prompt.max_tokens,
        temperature=prompt.temperature,
        seed=prompt.seed,
        schema=prompt.schema,
    )


def messages_of(prompt: Prompt, values: Mapping[str, Any]) -> tuple[Message, ...]:
    """Write a prompt's chat: system turn, worked examples, then the user's turn."""
    asked = Message(role="user", content=render(prompt.prompt, values))
    if not prompt.system and not prompt.examples:
        return (asked,)
    system = render(prompt.system, values)
    turns = [Message(role="system", content=system)] if system else []
    for example in prompt.examples:
        turns.append(Message(role="user", content=example.given))
        turns.append(Message(role="assistant", content=example.answer))
    return (*turns, asked)
