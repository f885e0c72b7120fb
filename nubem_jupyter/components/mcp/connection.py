"""Connections to servers: opened when first needed, one an event loop, and kept until they are closed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from nubem_jupyter.components.mcp.json_schema import is_wrapped
from nubem_jupyter.components.mcp.notes import Notes, taken_notes
from nubem_jupyter.components.mcp.reach import checked_addresses, pinned_client
from nubem_jupyter.components.mcp.server import INSTALL, Server, ServerTool
from nubem_jupyter.core.redaction import without_secrets
from nubem_jupyter.errors import NodeError

if TYPE_CHECKING:
    from mcp import Client

T = TypeVar("T")

_PATIENCE_S = 30.0
"""How long a server may take until it answers for the first time, and for the list of its tools."""
_MOST_PAGES = 100
_SAID = 300
"""Characters of what a server complained of that an error repeats."""


class Connection:
    """One server, reached from one event loop.

    The library wants a connection to be opened and closed by one task; that task waits in between.
    """

    def __init__(self, server: Server, environ: Mapping[str, str]) -> None:
        self._server = server
        self._environ = environ
        self._keeper: asyncio.Task[None] | None = None
        self._client: asyncio.Future[Client] | None = None
        self._over = asyncio.Event()
        self.loop = asyncio.get_running_loop()

    async def tools(self) -> tuple[ServerTool, ...]:
        """Ask for all tools.

        Raises:
            NodeError: the server cannot be started or reached, or dies.
        """

        async def ask(client: Client) -> tuple[ServerTool, ...]:
            found, cursor = [], None
            for _ in range(_MOST_PAGES):
                page = await client.list_tools(cursor=cursor)
                found += [_read(tool) for tool in page.tools]
                cursor = page.next_cursor
                if cursor is None:
                    break
            return tuple(found)

        async with asyncio.timeout(_PATIENCE_S):
            return await self._ask(ask)

    async def call(self, tool: ServerTool, arguments: Mapping[str, Any]) -> Any:
        """Use a tool. A server that died before is started again; one that dies meanwhile only where the tool may be
        used twice, since nobody knows what it had done.

        Raises:
            NodeError: the tool fails, takes longer than the server may, or the server cannot be reached.
        """
        try:
            result = await self._result(tool, arguments)
        except TimeoutError as error:
            raise self._late(tool) from error
        if result.is_error:
            said = self._shown(_text(result.content))
            raise NodeError(f"the MCP server '{self._server.name}' says of '{tool.name}': {said}")
        if result.structured_content is not None:
            value = result.structured_content
            return value["result"] if is_wrapped(tool.output_schema) and "result" in value else value
        return _content(result.content)

    async def aclose(self) -> None:
        """End the connection, and the program where one was started; from any event loop, also twice."""
        if self.loop.is_closed() or self._keeper is None:
            return
        if asyncio.get_running_loop() is self.loop:
            await self._end()
        elif self.loop.is_running():
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._end(), self.loop))

    async def _result(self, tool: ServerTool, arguments: Mapping[str, Any]) -> Any:
        if not tool.repeatable:
            await self._ask(lambda client: client.list_tools())  # a dead connection shows by a question without effect
        return await self._ask(lambda client: client.call_tool(tool.name, dict(arguments)), again=tool.repeatable)

    def _late(self, tool: ServerTool) -> NodeError:
        server, unsure = self._server, "" if tool.repeatable else "; what it had done by then is not known"
        return NodeError(
            f"the MCP server '{server.name}' gave no answer to '{tool.name}' in {server.timeout_s:g} seconds{unsure}",
            hint=f"where it needs longer, set timeout_s in [nubem.mcp.{server.name}] of nubem.toml",
        )

    async def _ask(self, ask: Callable[[Client], Awaitable[T]], *, again: bool = True) -> T:
        try:
            from mcp import MCPError  # imported late: it takes the better part of a second
            from mcp_types import CONNECTION_CLOSED
        except ImportError as error:
            raise NodeError("MCP servers need the package mcp", hint=INSTALL) from error
        for may_die in (again, False):
            client = await self._opened()
            try:
                async with asyncio.timeout(self._server.timeout_s):  # not of its start, which has a limit of its own
                    return await ask(client)
            except MCPError as error:
                if error.code != CONNECTION_CLOSED:
                    said = self._shown(error.message)
                    raise NodeError(f"the MCP server '{self._server.name}' refuses: {said}") from None
                await self._end_of(client)
                if not may_die:
                    raise self._ended(twice=again) from error
        raise AssertionError  # the second try returns or raises

    def _ended(self, *, twice: bool) -> NodeError:
        what = f"the MCP server '{self._server.name}' ended in the middle"
        if twice:
            return NodeError(f"{what}, twice", hint="try its command or address by hand")
        return NodeError(
            f"{what}, and what it had done by then is not known",
            hint="look before you go on; a tool that its server calls idempotent is used again by itself",
        )

    async def _opened(self) -> Client:
        if self._client is None or self._keeper is None or self._keeper.done():
            self._over = asyncio.Event()
            self._client = self.loop.create_future()
            self._keeper = self.loop.create_task(self._keep(self._client, self._over))
        return await asyncio.shield(self._client)

    async def _end_of(self, client: Client) -> None:
        """End a dead connection, unless somebody else who used it has, and perhaps opened another."""
        opened = self._client
        if opened is not None and opened.done() and opened.exception() is None and opened.result() is client:
            await self._end()

    async def _end(self) -> None:
        keeper, self._keeper, self._client = self._keeper, None, None
        self._over.set()
        if keeper is not None:
            await asyncio.wait([keeper])

    async def _keep(self, opened: asyncio.Future[Client], over: asyncio.Event) -> None:
        with taken_notes() as notes:
            try:
                async with self._client_of(notes) as client:
                    opened.set_result(client)
                    await over.wait()
            except (Exception, asyncio.CancelledError) as error:  # the server's and the library's own, of any kind
                if not opened.done():
                    opened.set_exception(self._unreachable(error, notes))
                    opened.exception()  # looked at, so that nobody is told that nobody did
                if isinstance(error, asyncio.CancelledError):
                    raise

    @contextlib.asynccontextmanager
    async def _client_of(self, notes: Notes) -> AsyncIterator[Client]:
        from mcp import Client, StdioServerParameters
        from mcp.client.stdio import stdio_client

        server = self._server
        target: Any = server.url
        addresses = await checked_addresses(server)
        if server.command:
            passed = {name: self._environ[name] for name in server.env if name in self._environ}
            program = StdioServerParameters(command=server.command[0], args=list(server.command[1:]), env=passed)
            target = stdio_client(program, errlog=notes.file)
        async with contextlib.AsyncExitStack() as stack:
            if addresses:
                from mcp.client.streamable_http import streamable_http_client

                pinned = await stack.enter_async_context(pinned_client(server.url, addresses))
                target = streamable_http_client(server.url, http_client=pinned)
            async with asyncio.timeout(_PATIENCE_S):
                client = await stack.enter_async_context(Client(target))
            yield client

    def _shown(self, text: str) -> str:
        """Take the keys out of what a server says, those that were passed on to it above all."""
        return without_secrets(text, self._environ, self._server.env)

    def _unreachable(self, error: BaseException, notes: Notes) -> NodeError:
        if isinstance(error, NodeError):
            return error
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        verb = "started" if self._server.command else "reached"
        said = _last_words(self._shown(notes.last_line()))
        reason = f"{type(error).__name__}: {self._shown(str(error))}" if str(error) else type(error).__name__
        return NodeError(
            f"the MCP server '{self._server.name}' cannot be {verb}: {said or reason}",
            hint=f"check [nubem.mcp.{self._server.name}] in nubem.toml",
            detail=reason,
        )


def _last_words(text: str) -> str:
    """Cut a long text between two words, and keep its end."""
    cut = text[-_SAID:]
    return text if len(text) <= _SAID else f"… {cut.partition(' ')[2] or cut}"


def _read(tool: Any) -> ServerTool:
    hints = tool.annotations
    return ServerTool(
        name=tool.name,
        description=tool.description or "",
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        repeatable=bool(hints and (hints.read_only_hint or hints.idempotent_hint)),
    )


def _content(blocks: list[Any]) -> Any:
    """Return what a tool gives: one text as a text, several blocks as a list."""
    values = [block.text if block.type == "text" else block.model_dump(mode="json", by_alias=True) for block in blocks]
    return values[0] if len(values) == 1 else values or None


def _text(blocks: list[Any]) -> str:
    return " ".join(block.text for block in blocks if block.type == "text") or "it failed, without a word"
