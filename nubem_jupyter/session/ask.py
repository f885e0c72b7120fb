"""Asking a model for one node: the prompt written out, the money set aside, the answer read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.call import Answer, Message, ModelCall, TextDelta
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.plan import Choice
from nubem_jupyter.core.template import render
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.answer import parse_answer
from nubem_jupyter.engine.budget import Ledger, most_usage
from nubem_jupyter.engine.command import Start
from nubem_jupyter.errors import BudgetError, CallFailedError, ModelUnavailableError
from nubem_jupyter.ports import Provider
from nubem_jupyter.session.tab import Tab

Emit = Callable[[str], None]
"""Takes a piece of text that a model just gave."""


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the model calls of one run need."""

    route: Mapping[str, Choice]
    """Place -> the model chosen for it."""
    models: Mapping[ModelId, ModelInfo]
    """What is known of the models."""
    providers: Mapping[str, Provider]
    """Provider name -> provider."""
    ledger: Ledger
    """The run's money."""
    record: Callable[[str, Answer], Awaitable[None]]
    """Keeps an answer under its call's digest."""

    async def ask(self, start: Start, prompt: Prompt, emit: Emit, tab: Tab) -> Any:
        """Return the value that the node's model gives; ``tab`` tells what it took, whatever happens.

        Raises:
            BudgetError: the call does not fit into what is left, or it cost more than its listed price allows.
            ProviderError: the call failed.
            NodeError: the answer is not what the node declares.
        """
        choice = self.route[start.place]
        info = self.models[choice.model]
        call = call_of(prompt, choice.model, start.values)
        tab.model, tab.reason, tab.prompt = choice.model, choice.reason, call.messages[-1].content
        ticket = self.ledger.reserve(start.path, info.price, most_usage(call))
        try:
            answer = await listen(self._provider(info), info, call, tab, emit)
        finally:
            self.ledger.settle(ticket, tab.cost_usd)
        await self.record(call.digest, answer)
        if self.ledger.overspent:
            raise BudgetError(
                f"'{start.path}' cost ${tab.cost_usd:.6f}, more than the listed price of {choice.model} allows",
                hint="the price list may be out of date; check the provider's own",
            )
        return parse_answer(answer.text, prompt)

    def _provider(self, info: ModelInfo) -> Provider:
        provider = self.providers.get(info.provider)
        if provider is None:
            raise ModelUnavailableError(
                f"no provider '{info.provider}' for {info.id}", hint="add it to the setting 'providers'"
            )
        return provider


async def listen(
    provider: Provider, info: ModelInfo, call: ModelCall, tab: Tab, emit: Emit = lambda _text: None
) -> Answer:
    """Stream an answer to its end; put what it used on the tab, also where it breaks or is stopped.

    Raises:
        ProviderError: the call failed.
    """
    heard: list[str] = []
    answer: Answer | None = None
    refused = False
    try:
        async for chunk in provider.stream(call):
            if isinstance(chunk, TextDelta):
                heard.append(chunk.text)
                emit(chunk.text)
            else:
                answer = chunk
        if answer is None:
            raise CallFailedError(f"{call.model} stopped without an answer")
    except Exception:
        # A call that is refused before its first word is not billed; one that breaks after it is.
        refused = not heard
        raise
    finally:
        if answer is not None:
            tab.settle(answer, info.price)
        elif not refused:
            tab.settle_broken(call, "".join(heard), info.price)
    return answer


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
    system = render(prompt.system, values)
    turns = [Message(role="system", content=system)] if system else []
    for example in prompt.examples:
        turns.append(Message(role="user", content=example.given))
        turns.append(Message(role="assistant", content=example.answer))
    return (*turns, Message(role="user", content=render(prompt.prompt, values)))
