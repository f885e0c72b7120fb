"""A provider that says what it is told to."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing

import msgspec

from nubem_jupyter.core.call import Answer, Chunk, FinishReason, ModelCall, TextDelta, Usage
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.errors import CallRejectedError, ModelUnavailableError, NubemError


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What happens at one call."""

    text: str = ""
    """What is streamed, word by word."""
    delay_s: float = 0.0
    """Seconds before the first word."""
    word_s: float = 0.0
    """Seconds before each later word."""
    error: NubemError | None = None
    """Raised after the text, in place of an answer."""
    usage: Usage | None = None
    """Tokens used; None counts words."""
    finish_reason: FinishReason = "stop"
    """How the answer ended."""


Scripted = Reply | str | NubemError
"""A reply, or only its text, or only its error."""


def scripted_model(
    name: str = "scripted/one",
    *,
    usd_per_token: float | None = 0.0,
    tokens_per_s: float | None = None,
    right: Sequence[tuple[str, float, int]] = (),
    local: bool = True,
    features: tuple[str, ...] = ("json_schema", "seed"),
) -> ModelInfo:
    """Make a model to route to; ``right`` gives (capability, share of right answers, cases)."""
    source = "measured (scripted)"
    price = Figure(value=usd_per_token, source=source) if usd_per_token is not None else None
    speed = Figure(value=tokens_per_s, source=source) if tokens_per_s is not None else None
    return ModelInfo(
        id=ModelId(name),
        provider=name.partition("/")[0],
        local=local,
        features=features,
        price=Price(input_usd=price, output_usd=price) if price else None,
        speed=Speed(first_token_s=Figure(value=0.1, source=source), tokens_per_s=speed) if speed else None,
        evidence=tuple(
            Evidence(capability=capability, n=n, score_sum=share * n, source="scripted", date="2030-01-01")
            for capability, share, n in right
        ),
    )


class ScriptedProvider:
    """A ``Provider`` whose replies are given in advance: one a call, in turn, then whatever ``then`` makes of a call.

    It keeps what it was asked, how many calls ran at once and how many were stopped.
    """

    def __init__(
        self,
        *script: Scripted,
        then: Callable[[ModelCall], Scripted] | None = None,
        models: Sequence[ModelInfo] | None = None,
    ) -> None:
        self._script = deque(script)
        self._then = then
        self._models = tuple(models) if models is not None else (scripted_model(),)
        self.calls: list[ModelCall] = []
        self.running = 0
        self.most_at_once = 0
        self.stopped = 0
        self.closed = False

    @property
    def name(self) -> str:
        """The provider that the models say calls them."""
        return self._models[0].caller if self._models else "scripted"

    def models(self) -> Sequence[ModelInfo]:
        """List the models given."""
        return self._models

    async def stream(self, call: ModelCall) -> AsyncIterator[Chunk]:
        """Reply with the next of the script.

        Raises:
            ModelUnavailableError: the model is not one of those given.
            CallRejectedError: the script has come to its end.
            NubemError: whatever the script says.
        """
        self.calls.append(call)
        reply = self._next(call)
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            async with aclosing(_play(reply, call)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except (asyncio.CancelledError, GeneratorExit):
            self.stopped += 1
            raise
        finally:
            self.running -= 1

    async def aclose(self) -> None:
        """Note that it was closed."""
        self.closed = True

    def _serves(self, site: ModelId) -> bool:
        return any(site == one.id for model in self._models for one in model.deployments)

    def _next(self, call: ModelCall) -> Reply:
        if call.model not in {model.id for model in self._models} and not self._serves(call.model):
            raise ModelUnavailableError(f"there is no model '{call.model}'", hint="name it in the script's models")
        if self._script:
            return _reply(self._script.popleft())
        if self._then:
            return _reply(self._then(call))
        raise CallRejectedError(
            f"the script ended before call {len(self.calls)}", hint="give one reply a call, or 'then'"
        )


def _reply(scripted: Scripted) -> Reply:
    match scripted:
        case str():
            return Reply(text=scripted)
        case NubemError():
            return Reply(error=scripted)
        case _:
            return scripted


async def _play(reply: Reply, call: ModelCall) -> AsyncGenerator[Chunk, None]:
    words = reply.text.split(" ")
    kept = words[: call.max_tokens]
    for place, word in enumerate(kept):
        # Sleeping even for no time lets other calls run in between, as they would over a network.
        await asyncio.sleep(reply.word_s if place else reply.delay_s)
        if piece := f" {word}" if place else word:
            yield TextDelta(text=piece)
    if reply.error:
        raise reply.error
    prompt = sum(len(message.content.split()) for message in call.messages)
    yield Answer(
        text=" ".join(kept),
        finish_reason="length" if len(words) > len(kept) else reply.finish_reason,
        usage=reply.usage or Usage(input_tokens=prompt, output_tokens=len(kept)),
    )
