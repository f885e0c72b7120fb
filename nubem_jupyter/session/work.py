"""Doing one node's work: asking a model, running code, calling a component."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import time
from collections.abc import Awaitable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any

import msgspec

from nubem_jupyter.core.cache import CacheEntry, ToolValue
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.template import as_text
from nubem_jupyter.core.text import nearest
from nubem_jupyter.core.work import Code, Component, Prompt
from nubem_jupyter.engine.answer import unfence
from nubem_jupyter.engine.cache_key import tool_key
from nubem_jupyter.engine.command import Start
from nubem_jupyter.errors import BudgetError, NodeError, NubemError, StorageError
from nubem_jupyter.ports import CodeRequest, Sandbox
from nubem_jupyter.session.ask import Asker
from nubem_jupyter.session.blame import failed_use, keeps_word, not_carried, wrong_output
from nubem_jupyter.session.plain_values import unlike, without_nan
from nubem_jupyter.session.purse import set_aside_usd
from nubem_jupyter.session.recalling import Recalling
from nubem_jupyter.session.tab import Tab
from nubem_jupyter.session.tool import Tool
from nubem_jupyter.session.voice import Voice


class Workers(msgspec.Struct, frozen=True, kw_only=True):
    """Everything outside that the nodes of one run need."""

    asker: Asker
    """Who asks the models."""
    sandbox: Sandbox
    """Where code runs."""
    components: Mapping[str, Tool]
    """Component name -> what is offered under it."""
    constraints: Constraints
    """What the run must stay within."""
    threads: Executor | None = None
    """Where plain functions run; None for the event loop's own."""

    def do(self, start: Start, voice: Voice, tab: Tab) -> Awaitable[Any]:
        """Return, once awaited, the value of a node's work done; ``tab`` tells what it took, whatever happens.

        Raises:
            NubemError: it failed.
        """
        work = start.step.node.work
        if type(work) is Prompt:
            return self.asker.ask(start, work, voice, tab)
        match work:
            case Code() as code:
                return self._run_code(start, code)
            case Component() as component:
                return self._call_component(start, component, voice, tab)
            case other:
                raise NodeError(f"'{start.path}' has the work {type(other).__name__}, which is not done outside")

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
            raise NodeError(
                f"the code of '{start.path}' failed: {_last_line(done.error)}",
                hint="the whole traceback is among the run's details",
                detail=done.error,
            )
        return done.stdout if done.result is None else done.result

    async def _call_component(self, start: Start, work: Component, voice: Voice, tab: Tab) -> Any:
        tool = self.components.get(work.name)
        if tool is None:
            close = nearest(work.name, self.components)
            hint = f"did you mean '{close}'?" if close else "register it with session.add_component(name, function)"
            raise NodeError(f"there is no component '{work.name}' for '{start.path}'", hint=hint)
        arguments = {**work.args, **start.values}
        ttl_s = tool.ttl_s if work.ttl_s is None else work.ttl_s
        recall, flights = self.asker.recall, self.asker.flights
        version = tool.version if tool.is_version(work.version) else ""
        key = tool_key(work.name, version, arguments, self.asker.level) if ttl_s else None
        if not ttl_s or key is None or recall is None or flights is None:
            return await self._paid(tool, arguments, start, work, tab)
        recalling = Recalling(recall, flights, key)
        entry = recalling.at_once()
        try:
            if entry is None and not recalling.is_flying:
                entry = await recalling.found()
            # What is asked for counts, and not what whoever kept it asked for.
            if entry is None or time.time() - entry.stored_s >= ttl_s:
                value = await self._paid(tool, arguments, start, work, tab)
                with contextlib.suppress(StorageError):  # what cannot be kept is not given again
                    kept, cost_usd = ToolValue.of(value), tool.cost_usd or 0.0
                    recalling.keep(CacheEntry(content=kept, stored_s=time.time(), ttl_s=ttl_s, cost_usd=cost_usd))
                return value
        finally:
            recalling.lands()
        assert isinstance(entry.content, ToolValue)  # noqa: S101  # a tool's key leads to nothing else
        tab.cached, tab.saved_usd = True, entry.cost_usd
        voice.cached(start.path, entry)
        return entry.content.value

    async def _paid(self, tool: Tool, arguments: Mapping[str, Any], start: Start, work: Component, tab: Tab) -> Any:
        """Use a component within the budget; a use that fails is paid all the same, as far as anybody here knows."""
        ledger = self.asker.ledger
        if tool.cost_usd is None:  # a budget of the run's own would have refused it before; this is one of several runs
            if ledger.limit_usd is not None:
                raise BudgetError(
                    f"what a use of '{work.name}' costs is not known, so the budget cannot be kept",
                    hint="say what it costs where it is written or set up, or leave out the budget",
                )
            tab.unpriced += 1
        if not tool.cost_usd:
            return await self._use(tool, arguments, start, work)
        ticket = await set_aside_usd(ledger, start.path, tool.cost_usd)
        try:
            return await self._use(tool, arguments, start, work)
        finally:
            tab.cost_usd += tool.cost_usd
            ledger.settle(ticket, tool.cost_usd)

    async def _use(self, tool: Tool, arguments: Mapping[str, Any], start: Start, work: Component) -> Any:
        """Call a component; what it raises fails its node, and so does a value of another type than it tells.

        Raises:
            NubemError: it failed.
        """
        loop, function = asyncio.get_running_loop(), tool.function
        try:
            if function is None:
                assert tool.load is not None  # noqa: S101  # a tool has one of the two
                function = await loop.run_in_executor(self.threads, tool.load)
            if inspect.iscoroutinefunction(function):
                given = await function(**arguments)
            else:
                call = partial(contextvars.copy_context().run, function, **arguments)
                given = await loop.run_in_executor(self.threads, call)
        except NubemError:
            raise
        except Exception as error:  # a component is somebody else's code: whatever it raises fails its node only
            raise failed_use(work.name, start.path, function, error) from error
        try:
            value = msgspec.to_builtins(given, enc_hook=unlike)
        except Exception as error:  # what it gave may be anything, too
            raise not_carried(work.name, start.path, error) from error
        if not keeps_word(tool.output, value):
            raise wrong_output(work.name, start.path, function, tool.output, value)
        return without_nan(value)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it ended without a word"
