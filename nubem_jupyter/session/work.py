"""Doing one node's work: asking a model, running code, calling a component."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.call import Answer, Message, ModelCall, TextDelta, Usage
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.plan import Choice
from nubem_jupyter.core.template import as_text, render
from nubem_jupyter.core.text import nearest
from nubem_jupyter.core.work import Code, Component, Prompt
from nubem_jupyter.engine.answer import parse_answer, unfence
from nubem_jupyter.engine.budget import Ledger, cost_usd, most_usage
from nubem_jupyter.engine.command import Start
from nubem_jupyter.errors import CallFailedError, ModelUnavailableError, NodeError, NubemError
from nubem_jupyter.ports import CodeRequest, Provider, Sandbox

Emit = Callable[[str], None]
"""Takes a piece of text that a model just gave."""

ComponentFunction = Callable[..., Any]
"""A component: keyword arguments in, plain JSON out; plain functions run in a thread, async ones on the loop."""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a node's work."""

    value: Any = None
    """What the node gives."""
    error: NubemError | None = None
    """Why it gives nothing although it may have cost something."""
    model: ModelId | None = None
    """Who answered."""
    prompt: str = ""
    """The last user turn as it was sent."""
    reason: str = ""
    """Why that model."""
    usage: Usage = Usage()
    """Tokens used."""
    cost_usd: float = 0.0
    """What they cost, in US dollars."""
    first_token_s: float | None = None
    """Seconds to the first text."""
    finish_reason: str = ""
    """How the answer ended."""


class Workers(msgspec.Struct, frozen=True, kw_only=True):
    """Everything outside that the nodes of one run need."""

    route: Mapping[str, Choice]
    """Place -> the model chosen for it."""
    models: Mapping[ModelId, ModelInfo]
    """What is known of the models."""
    providers: Mapping[str, Provider]
    """Provider name -> provider."""
    sandbox: Sandbox
    """Where code runs."""
    components: Mapping[str, ComponentFunction]
    """Component name -> function."""
    constraints: Constraints
    """What the run must stay within."""
    ledger: Ledger
    """The run's money."""
    record: Callable[[str, Answer], Awaitable[None]]
    """Keeps an answer under its call's digest."""

    async def do(self, start: Start, emit: Emit) -> Done:
        """Do a node's work.

        Raises:
            NubemError: it failed before anything was paid for.
        """
        match start.node.work:
            case Prompt() as prompt:
                return await self._ask(start, prompt, emit)
            case Code() as code:
                return Done(value=await self._run_code(start, code))
            case Component() as component:
                return Done(value=await self._call_component(start, component))
            case other:
                raise NodeError(f"'{start.path}' has the work {type(other).__name__}, which is not done outside")

    async def _ask(self, start: Start, prompt: Prompt, emit: Emit) -> Done:
        choice = self.route[start.place]
        info = self.models[choice.model]
        call = ModelCall(
            model=choice.model,
            messages=messages_of(prompt, start.values),
            max_tokens=prompt.max_tokens,
            temperature=prompt.temperature,
            seed=prompt.seed,
            schema=prompt.schema,
        )
        ticket = self.ledger.reserve(start.path, info.price, most_usage(call.messages, call.max_tokens))
        paid = 0.0
        try:
            answer = await self._stream(info, call, emit)
            paid = cost_usd(info.price, answer.usage) if info.price else 0.0
        finally:
            self.ledger.settle(ticket, paid)
        await self.record(call.digest, answer)
        value, error = _parsed(answer, prompt)
        return Done(
            value=value,
            error=error,
            model=choice.model,
            prompt=call.messages[-1].content,
            reason=choice.reason,
            usage=answer.usage,
            cost_usd=paid,
            first_token_s=answer.first_token_s,
            finish_reason=answer.finish_reason,
        )

    async def _stream(self, info: ModelInfo, call: ModelCall, emit: Emit) -> Answer:
        provider = self.providers.get(info.provider)
        if provider is None:
            raise ModelUnavailableError(
                f"no provider '{info.provider}' for {call.model}", hint="add it to the setting 'providers'"
            )
        answer: Answer | None = None
        async for chunk in provider.stream(call):
            if isinstance(chunk, TextDelta):
                emit(chunk.text)
            else:
                answer = chunk
        if answer is None:
            raise CallFailedError(f"{call.model} stopped without an answer")
        return answer

    async def _run_code(self, start: Start, code: Code) -> Any:
        source = unfence(as_text(start.values[code.source_from])) if code.source_from else code.source
        variables = {name: value for name, value in start.values.items() if name.isidentifier()}
        request = CodeRequest(source=source, variables=variables, level=self.constraints.security_level)
        if start.node.timeout_s is not None:
            request = msgspec.structs.replace(request, timeout_s=start.node.timeout_s)
        done = await self.sandbox.run(request)
        if code.report:
            return {
                "ok": done.ok,
                "result": done.result,
                "stdout": done.stdout,
                "error": done.error,
                "code": source,
            }
        if not done.ok:
            raise NodeError(f"the code of '{start.path}' failed: {_last_line(done.error)}", hint=done.error)
        return done.stdout if done.result is None else done.result

    async def _call_component(self, start: Start, work: Component) -> Any:
        function = self.components.get(work.name)
        if function is None:
            close = nearest(work.name, self.components)
            hint = f"did you mean '{close}'?" if close else "register it with session.add_component(name, function)"
            raise NodeError(f"there is no component '{work.name}' for '{start.path}'", hint=hint)
        arguments = {**work.args, **start.values}
        try:
            if inspect.iscoroutinefunction(function):
                return msgspec.to_builtins(await function(**arguments))
            return msgspec.to_builtins(await asyncio.to_thread(function, **arguments))
        except NubemError:
            raise
        except Exception as error:  # a component is somebody else's code: whatever it raises fails its node only
            raise NodeError(
                f"the component '{work.name}' failed at '{start.path}': {type(error).__name__}: {error}"
            ) from error


def messages_of(prompt: Prompt, values: Mapping[str, Any]) -> tuple[Message, ...]:
    """Write a prompt's chat: system turn, worked examples, then the user's turn."""
    system = render(prompt.system, values)
    turns = [Message(role="system", content=system)] if system else []
    for example in prompt.examples:
        turns.append(Message(role="user", content=example.given))
        turns.append(Message(role="assistant", content=example.answer))
    return (*turns, Message(role="user", content=render(prompt.prompt, values)))


def _parsed(answer: Answer, prompt: Prompt) -> tuple[Any, NodeError | None]:
    """Read the answer; one that cannot be read was still paid for, so its error comes back beside its cost."""
    try:
        return parse_answer(answer.text, prompt), None
    except NodeError as error:
        return None, error


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it ended without a word"
