"""All servers that the user named: their tools as components, and the connections to them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nubem_jupyter.components.mcp.connection import Connection
from nubem_jupyter.components.mcp.server import (
    INSTALL,
    Server,
    ServerTool,
    described,
    load_listed,
    save_tools,
    save_trouble,
)
from nubem_jupyter.components.offer import ComponentFunction
from nubem_jupyter.core.component import ComponentInfo, Trouble
from nubem_jupyter.errors import NubemError, StorageError


def how_to_ask(server: Server) -> str:
    """Say how a server is asked for its tools."""
    return f"nubem components refresh --allow {server.needs} asks it"


class Servers:
    """Lists tools as the servers told of them last; a server is started when it is asked, or a tool is used."""

    def __init__(self, servers: Iterable[Server], home: Path, environ: Mapping[str, str]) -> None:
        self._servers = {server.name: server for server in servers}
        self._home = home
        self._environ = environ
        self._lock = threading.Lock()
        self._open: dict[tuple[str, asyncio.AbstractEventLoop], Connection] = {}
        self._troubles: dict[str, Trouble] = {}

    def listed(self) -> Iterator[ComponentInfo | Trouble]:
        """Yield what is known of every server's tools, and what could not be learned; no server is started."""
        missing = "" if find_spec("mcp") else INSTALL
        for server in self._servers.values():
            kept = load_listed(self._home, server)
            if trouble := self._troubles.get(server.name) or kept.trouble:
                yield trouble
            elif kept.tools is None:
                yield _trouble(server, "nobody has asked it for its tools yet", missing or how_to_ask(server))
            yield from described(server, kept.tools or (), missing)

    def function(self, info: ComponentInfo) -> ComponentFunction:
        """Return what uses a tool."""
        server = self._servers[info.name.partition(".")[0]]
        tools = load_listed(self._home, server).tools or ()
        named = {known.name: tool for tool in tools if isinstance(known := _one(server, tool), ComponentInfo)}
        return partial(self._use, server, named[info.name])

    async def refresh(self, may: Callable[[Server], str] = lambda _: "") -> bool:
        """Ask every server for its tools, and keep them; ``may`` says why one may not be asked.

        Who cannot be asked keeps the tools that it had, and is a trouble of ``listed``. Returns whether all answered.
        """
        for server in self._servers.values():
            self._troubles.pop(server.name, None)
            if reason := may(server):
                self._troubles[server.name] = _trouble(server, "it was not asked for its tools", reason)
            elif trouble := await self._ask(server):
                self._troubles[server.name] = trouble
                with contextlib.suppress(StorageError):  # this program knows it all the same
                    save_trouble(self._home, server, trouble)
        return not self._troubles

    async def _ask(self, server: Server) -> Trouble | None:
        try:
            save_tools(self._home, server, await self._connection(server).tools())
        except TimeoutError:
            return _trouble(server, "it does not answer", f"start it again; then {how_to_ask(server)}")
        except NubemError as error:
            return _trouble(server, error.message, error.hint)
        except Exception as error:  # noqa: BLE001  # what one of them tells keeps nobody from asking the others
            message = f"its list of tools cannot be used ({type(error).__name__})"
            return _trouble(server, message, "mend the server, or take it out of nubem.toml")
        return None

    async def aclose(self) -> None:
        """End every connection; may be called twice."""
        with self._lock:
            connections, self._open = list(self._open.values()), {}
        for connection in connections:
            await connection.aclose()

    async def _use(self, server: Server, tool: ServerTool, **arguments: Any) -> Any:
        return await self._connection(server).call(tool, arguments)

    def _connection(self, server: Server) -> Connection:
        key = (server.name, asyncio.get_running_loop())
        with self._lock:
            if key not in self._open:
                for old in [one for one in self._open if one[1].is_closed()]:
                    del self._open[old]
                self._open[key] = Connection(server, self._environ)
            return self._open[key]


def _one(server: Server, tool: ServerTool) -> ComponentInfo | Trouble:
    return next(described(server, (tool,), ""))


def _trouble(server: Server, message: str, hint: str) -> Trouble:
    where = f"the MCP server '{server.name}'"
    # Errors name the server, which stands beside the message here.
    told = f"it{message.removeprefix(where)}" if message.startswith(where) else message
    return Trouble(where=where, message=told, hint=hint)
