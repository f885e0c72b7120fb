"""One model call: what is asked, what comes back, what it used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from nubem_jupyter.core.digest import digest
from nubem_jupyter.core.frozen import FrozenDict, freeze, settle
from nubem_jupyter.core.ids import ModelId

# Prompts have the same defaults, and the same objects: what is the default itself needs no second look in a call.
MAX_TOKENS = 512
"""Ceiling of generated tokens where nothing else is said."""
TEMPERATURE = 0.0
"""Temperature where nothing else is said."""


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One chat turn."""

    role: Literal["system", "user", "assistant"]
    """Who speaks."""
    content: str
    """What is said."""


class ModelCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Everything that decides a model's answer; equal calls may share one answer.

    Raises:
        FlowError: the schema is not plain JSON.
    """

    model: ModelId
    """Which model."""
    messages: tuple[Message, ...]
    """The chat so far, oldest first; the last turn is the user's."""
    max_tokens: int = MAX_TOKENS
    """Ceiling of generated tokens."""
    temperature: float = TEMPERATURE
    """0 takes the likeliest token each time."""
    seed: int | None = None
    """Seed of the sampling."""
    schema: Mapping[str, Any] | None = None
    """JSON Schema that the text must satisfy; ``core.frozen.thaw`` gives a copy that may be changed."""

    def __post_init__(self) -> None:
        settle(self)
        if type(self.messages) is not tuple:
            msgspec.structs.force_setattr(self, "messages", tuple(self.messages))
        if self.schema is not None and type(self.schema) is not FrozenDict:
            msgspec.structs.force_setattr(self, "schema", freeze(self.schema, "a call's schema"))

    @property
    def digest(self) -> str:
        """SHA-256 of the call's content; names recorded answers."""
        return digest(self)


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Tokens that a call used, as the provider counted them."""

    input_tokens: int = 0
    """Tokens of the prompt."""
    output_tokens: int = 0
    """Tokens generated."""
    cached_tokens: int = 0
    """Those of the prompt that the provider had read before."""
    cache_write_tokens: int = 0
    """Those of the prompt that it put aside for later calls."""
    reasoning_tokens: int = 0
    """Those generated that no answer shows."""

    @property
    def has_parts(self) -> bool:
        """Whether some of the tokens may have a price of their own."""
        return bool(self.cached_tokens or self.cache_write_tokens or self.reasoning_tokens)

    def __add__(self, other: Usage) -> Usage:
        """Sum of both."""
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
        )


class TextDelta(msgspec.Struct, frozen=True, kw_only=True, tag="delta", gc=False):
    """A piece of an answer on its way."""

    text: str
    """The new characters."""


FinishReason = Literal["stop", "length", "other"]


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag="answer", gc=False):
    """A whole answer; the last thing that a provider's stream yields."""

    text: str
    """All of the text."""
    finish_reason: FinishReason = "stop"
    """``length`` when ``max_tokens`` cut it off."""
    usage: Usage = Usage()
    """Tokens used."""
    first_token_s: float | None = None
    """Seconds from the call to the first piece of text, where the provider streams."""
    total_s: float | None = None
    """Seconds from the call to the end."""


Chunk = TextDelta | Answer
"""What a provider's stream yields: deltas, then one answer."""
