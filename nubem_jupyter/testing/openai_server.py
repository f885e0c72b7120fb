"""An OpenAI-shaped server on this machine, for tests of providers that call over HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import msgspec

from nubem_jupyter.core.call import Usage
from nubem_jupyter.testing.scripted_provider import Reply

_READY_S = 30.0


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that is an HTTP error."""

    status: int
    """The HTTP status."""
    message: str = "something went wrong"
    """What the body says."""
    headers: Mapping[str, str] = {}
    """More headers, ``Retry-After`` for one."""
    kind: str = "scripted"
    """What the body says that it is."""


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """A reply whose connection breaks after its text."""

    text: str
    """What is streamed before."""
    word_s: float = 0.0
    """Seconds before each later word."""


Served = Reply | Fault | Dropped
"""What the server does with one call."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What lies at one path beside the calls, a list of models for one."""

    content: Any
    """Sent as JSON."""
    tag: str = ""
    """Its ETag; who names it when asking is told that nothing has changed."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request, as it came."""

    method: str
    """``GET`` or ``POST``."""
    path: str
    """What was asked for."""
    headers: Mapping[str, str]
    """Its headers, the names in lower case."""
    body: dict[str, Any]
    """Its JSON; empty where it had none."""


class OpenAIServer:
    """Answers chat completions with what ``answer`` makes of the request's body; it may be replaced at any time.

    Some providers never tell what a call used; so does this one where ``tells_usage`` is off. With ``keeps_open`` a
    connection serves one call after another, as real providers' do; else it is closed after each. A path in
    ``pages``, which may be changed at any time, has what they hold; so has everything that is asked by GET.
    """

    def __init__(
        self,
        answer: Callable[[dict[str, Any]], Served],
        *,
        tells_usage: bool = True,
        keeps_open: bool = False,
        pages: Mapping[str, Page | Fault] | None = None,
    ) -> None:
        self.answer = answer
        self.pages = dict(pages or {})
        self.tells_usage = tells_usage
        self.keeps_open = keeps_open
        self.requests: list[dict[str, Any]] = []
        self.asked: list[Asked] = []
        self.connections = 0
        self._open: set[asyncio.StreamWriter] = set()
        self.hung_up = 0
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[OpenAIServer]:
        """Serve on a free loopback port; ``url`` is the address to give to clients."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        try:
            yield self
        finally:
            server.close()
            for writer in tuple(self._open):
                writer.transport.abort()
            await asyncio.sleep(0)  # the transports close at the loop's next turn, which may be its last

    @contextmanager
    def running_apart(self) -> Iterator[OpenAIServer]:
        """Serve from a thread of its own, for what is looked at without an event loop or with several."""
        ready, over = threading.Event(), threading.Event()

        async def serve() -> None:
            async with self.running():
                ready.set()
                await asyncio.get_running_loop().run_in_executor(None, over.wait)

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        try:
            if not ready.wait(_READY_S):
                raise RuntimeError("the server did not start")
            yield self
        finally:
            over.set()
            thread.join(_READY_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            while (asked := await _request(reader)) is not None:
                self.asked.append(asked)
                if not await self._take(reader, writer, asked) or not self.keeps_open:
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hung_up += 1
        finally:
            self._open.discard(writer)
            writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: Asked) -> bool:
        """Answer one request; tell whether the connection is still good."""
        if asked.method == "POST" and asked.path not in self.pages:
            self.requests.append(asked.body)
            return await self._reply(reader, writer, asked.body)
        match self.pages.get(asked.path, Fault(status=404, message=f"nothing is at {asked.path}")):
            case Fault() as fault:
                await self._refuse(writer, fault)
            case Page(tag=tag) if tag and asked.headers.get("if-none-match") == tag:
                await self._head(writer, 304, {"ETag": tag, "Content-Length": "0"})
            case Page() as page:
                await self._show(writer, 200, page.content, {"ETag": page.tag} if page.tag else {})
        return True

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: dict[str, Any]) -> bool:
        """Answer one call; tell whether the connection is still good."""
        match self.answer(body):
            case Fault() as fault:
                await self._refuse(writer, fault)
                return True
            case Dropped(text=text, word_s=word_s):
                await self._stream(reader, writer, Reply(text=text, word_s=word_s))
                return False
            case Reply() as reply:
                stayed = await self._stream(reader, writer, reply)
                if stayed:
                    await _finish(writer, reply, body if self.tells_usage else {})
                return stayed

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> bool:
        """Send the words; tell whether the client stayed until the last."""
        await self._head(writer, 200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        for place, word in enumerate(reply.text.split(" ")):
            await asyncio.sleep(reply.word_s if place else reply.delay_s)
            if reader.at_eof():
                self.hung_up += 1
                return False
            await _event(writer, _chunk({"content": f" {word}" if place else word}))
        return True

    async def _refuse(self, writer: asyncio.StreamWriter, fault: Fault) -> None:
        error = {"message": fault.message, "type": fault.kind, "code": None}
        await self._show(writer, fault.status, {"error": error}, fault.headers)

    async def _show(self, writer: asyncio.StreamWriter, status: int, content: Any, headers: Mapping[str, str]) -> None:
        body = json.dumps(content).encode()
        named = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        await self._head(writer, status, named)
        writer.write(body)
        await writer.drain()

    async def _head(self, writer: asyncio.StreamWriter, status: int, headers: Mapping[str, str]) -> None:
        after = "keep-alive" if self.keeps_open else "close"
        named = {"Connection": after, **headers}
        lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in named.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        await writer.drain()


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    """Read the next request; None where the client left before it began one."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError as left:
        if left.partial:
            raise
        return None
    first, *lines = head.splitlines()
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    method, path, _ = first.split(" ")
    return Asked(method=method, path=path, headers=headers, body=json.loads(content or b"{}"))


async def _finish(writer: asyncio.StreamWriter, reply: Reply, body: Mapping[str, Any]) -> None:
    await _event(writer, _chunk({}, finish_reason=reply.finish_reason))
    if body.get("stream_options", {}).get("include_usage"):
        used = reply.usage
        prompt = used.input_tokens if used else sum(len(str(turn["content"]).split()) for turn in body["messages"])
        answer = used.output_tokens if used else len(reply.text.split())
        usage = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
        await _event(writer, {**_chunk({}), "choices": [], "usage": usage | _parts(used)})
    await _send(writer, b"data: [DONE]\n\n")
    await _send(writer, b"")


def _parts(used: Usage | None) -> dict[str, Any]:
    """Tell the parts of the usage that have names of their own, as OpenAI does."""
    if used is None or not used.has_parts:
        return {}
    prompt = {"cached_tokens": used.cached_tokens, "cache_write_tokens": used.cache_write_tokens}
    return {
        "prompt_tokens_details": prompt,
        "completion_tokens_details": {"reasoning_tokens": used.reasoning_tokens},
    }


def _chunk(delta: Mapping[str, str], *, finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {"id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": "scripted", "choices": [choice]}


async def _event(writer: asyncio.StreamWriter, event: Mapping[str, Any]) -> None:
    await _send(writer, b"data: " + json.dumps(event).encode() + b"\n\n")


async def _send(writer: asyncio.StreamWriter, piece: bytes) -> None:
    """Write one chunk of a chunked body; an empty one ends it."""
    writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    await writer.drain()
