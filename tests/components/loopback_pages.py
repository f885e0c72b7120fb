"""A small HTTP server on this machine that answers what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import NamedTuple


class Asked(NamedTuple):
    """One request."""

    target: str
    headers: dict[str, str]


class Page(NamedTuple):
    """One answer; ``hangs`` keeps the connection open for long before the body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({"Content-Type": "text/html; charset=utf-8"})
    hangs: bool = False


class Pages:
    """Serves pages, and keeps what it was asked."""

    def __init__(self, answer: Callable[[Asked], Page]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.was_asked = asyncio.Event()
        self.hung_up = asyncio.Event()
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Pages]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        asked = Asked(head[0].split(" ")[1], headers)
        self.asked.append(asked)
        self.was_asked.set()
        page = self.answer(asked)
        lines = [f"HTTP/1.1 {page.status} Any", f"Content-Length: {len(page.body)}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in page.headers.items()]
        if page.hangs:
            if not await reader.read(1):
                self.hung_up.set()
        else:
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + page.body)
        writer.close()
