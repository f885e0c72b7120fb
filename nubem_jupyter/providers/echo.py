"""A model that repeats what it is told: for tests, and for trying flows out where there is no model."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256

from nubem_jupyter.core.call import Answer, Chunk, ModelCall, TextDelta, Usage
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import STANDS_IN, Figure, ModelInfo, Price
from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.providers.specimen import specimen

ECHO_MODEL = ModelId("echo/echo")
"""The one model."""

_FREE = Figure(value=0.0, source="listed: nubem-jupyter, it runs in this process")
_WORD = re.compile(r"\s*\S+")


class EchoProvider:
    """Repeats the last user turn word by word; a word counts as a token.

    With a temperature and a seed the words come in an order that the seed decides; with a JSON Schema the text is the
    smallest instance of it. Its model has the feature ``testing``: it is there to be named, not to be routed to.
    """

    @property
    def name(self) -> str:
        """``echo``."""
        return "echo"

    def models(self) -> Sequence[ModelInfo]:
        """List the one model."""
        features = ("json_schema", "seed", STANDS_IN)
        price = Price(input_usd=_FREE, output_usd=_FREE)
        return (ModelInfo(id=ECHO_MODEL, provider=self.name, local=True, features=features, price=price),)

    async def stream(self, call: ModelCall) -> AsyncIterator[Chunk]:
        """Repeat.

        Raises:
            ModelUnavailableError: the model is not ``echo/echo``.
            CallRejectedError: the schema is one that no instance can be made of.
        """
        if call.model != ECHO_MODEL:
            raise ModelUnavailableError(f"there is no model '{call.model}'", hint=f"use {ECHO_MODEL}")
        words = _words(call)
        kept = words[: call.max_tokens]
        for word in kept:
            await asyncio.sleep(0)  # lets other calls run in between, as they would with a real model
            yield TextDelta(text=word)
        yield Answer(
            text="".join(kept),
            finish_reason="stop" if len(kept) == len(words) else "length",
            usage=Usage(input_tokens=_count(call), output_tokens=len(kept)),
        )

    async def aclose(self) -> None:
        """Do nothing: there is nothing to let go of."""


def _words(call: ModelCall) -> list[str]:
    """Split the answer before each word, so that the pieces add up to it."""
    if call.schema is not None:
        return _WORD.findall(json.dumps(specimen(call.schema), ensure_ascii=False))
    words: list[str] = _WORD.findall(call.messages[-1].content.strip())
    if call.temperature > 0 and call.seed is not None:
        return _reordered(words, call.seed)
    return words


def _reordered(words: list[str], seed: int) -> list[str]:
    """Sort by a hash of seed, place and word: an order that is the same in every process."""
    ranked = sorted(enumerate(words), key=lambda pair: sha256(f"{seed} {pair}".encode()).digest())
    first, *rest = [word.strip() for _, word in ranked] or [""]
    return [first, *(f" {word}" for word in rest)]


def _count(call: ModelCall) -> int:
    return sum(len(message.content.split()) for message in call.messages)
