"""Asking a model for one node: the prompt written out, the money set aside, the answer read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol

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
from nubem_jupyter.errors import BudgetError, CallFailedError, ModelUnavailableError, ProviderError
from nubem_jupyter.ports import Provider
from nubem_jupyter.session.deployments import Deployment, Deployments
from nubem_jupyter.session.race import Race, Runners
from nubem_jupyter.session.tab import Tab


class Voice(Protocol):
    """Who hears of a call while it goes on."""

    def text(self, piece: str) -> None:
        """A piece of text came."""
        ...

    def refused(self) -> None:
        """The provider's limit kept the call away; it waits for another turn."""
        ...

    def hedged(self) -> None:
        """The call is late, and a second one was started beside it."""
        ...

    def switched(self) -> None:
        """The second call answered first: text so far does not count."""
        ...


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the model calls of one run need."""

    route: Mapping[str, Choice]
    """Place -> the model chosen for it."""
    models: Mapping[ModelId, ModelInfo]
    """What is known of the models."""
    providers: Mapping[str, Provider]
    """Provider name -> provider."""
    deployments: Deployments
    """What was learned lately of who answers how."""
    ledger: Ledger
    """The run's money."""
    record: Callable[[str, Answer], Awaitable[None]]
    """Keeps an answer under its call's digest."""

    async def ask(self, start: Start, prompt: Prompt, voice: Voice, tab: Tab) -> Any:
        """Return the value that the node's model gives; ``tab`` tells what it took, whatever happens.

        Raises:
            BudgetError: the call does not fit into what is left, or it cost more than its listed price allows.
            ProviderError: the call failed.
            NodeError: the answer is not what the node declares.
        """
        choice = self.route[start.place].in_turn[start.choice]
        info = self.models[choice.model]
        call = call_of(prompt, choice.model, start.values)
        tab.model, tab.reason, tab.prompt = choice.model, choice.reason, call.messages[-1].content
        job = _Job(start.path, start.node.capability, info, call, self._provider(info), self.ledger, tab)
        answer = await self._answer(job, voice)
        await self.record(call.digest, answer)
        if self.ledger.overspent:
            raise BudgetError(
                f"'{start.path}' cost ${tab.cost_usd:.6f}, more than the listed price of {choice.model} allows",
                hint="the price list may be out of date; check the provider's own",
            )
        return parse_answer(answer.text, prompt)

    async def _answer(self, job: _Job, voice: Voice) -> Answer:
        """Ask in turn, again after each refusal by the provider's limit, with a second call where the first is late."""
        deployment = self.deployments.of(job.info.id)
        patience = self.deployments.patience()
        while True:
            sent_s = await deployment.turn()
            try:
                answer = await self._race(job, deployment, voice)
            except CallFailedError as error:
                limited = deployment.failed(error, sent_s)
                if not limited or patience.ended(self.deployments.clock()):
                    raise
                job.tab.refusals += 1
                voice.refused()
            else:
                deployment.answered()
                return answer

    async def _race(self, job: _Job, deployment: Deployment, voice: Voice) -> Answer:
        if job.info.local:
            # A second call would only take from the first what both need: this machine.
            return await job.attempt(voice.text)

        async def second(emit: Callable[[str], None]) -> Answer:
            sent_s = await deployment.turn()
            job.tab.hedges += 1
            try:
                return await job.attempt(emit)
            except CallFailedError as error:
                deployment.failed(error, sent_s)
                raise

        runners = Runners(job.attempt, second, voice.text, voice.hedged, voice.switched)
        return await Race(self.deployments.hedger, (job.info.id, job.capability), runners).run()

    def _provider(self, info: ModelInfo) -> Provider:
        provider = self.providers.get(info.provider)
        if provider is None:
            raise ModelUnavailableError(
                f"no provider '{info.provider}' for {info.id}", hint="add it to the setting 'providers'"
            )
        return provider


class _Job(NamedTuple):
    """One node's call, which may be made more than once."""

    path: str
    capability: str
    info: ModelInfo
    call: ModelCall
    provider: Provider
    ledger: Ledger
    tab: Tab

    async def attempt(self, emit: Callable[[str], None]) -> Answer:
        """Make the call once: set its money aside, listen, settle.

        Raises:
            BudgetError: it does not fit into what is left.
            ProviderError: it failed.
        """
        ticket = self.ledger.reserve(self.path, self.info.price, most_usage(self.call))
        own = Tab()
        try:
            return await listen(self.provider, self.info, self.call, own, emit)
        finally:
            self.ledger.settle(ticket, own.cost_usd)
            self.tab.add(own)


async def listen(
    provider: Provider, info: ModelInfo, call: ModelCall, tab: Tab, emit: Callable[[str], None] = lambda _text: None
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
    except ProviderError:
        # A call that is refused before its first word is not billed; one that breaks after it, or is stopped, is.
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
