"""What all providers behind an HTTP address share: the key, the kept connections, and what errors mean."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.core.call import Chunk, ModelCall
from nubem_jupyter.core.redaction import fault_of_key, without_secrets
from nubem_jupyter.core.text import shorten
from nubem_jupyter.errors import CallFailedError, CallRejectedError, ModelUnavailableError, ProviderError
from nubem_jupyter.providers.endpoint.address import is_loopback, root_of, shown
from nubem_jupyter.providers.endpoint.clients import Clients
from nubem_jupyter.providers.endpoint.shelf import mark_of_key
from nubem_jupyter.providers.openai_chat import ChatEndpoint, stream_chat
from nubem_jupyter.providers.openai_errors import check_status

if TYPE_CHECKING:
    import httpx

_ANSWER_S = 15.0
"""Longest wait for anything but a model's answer."""
_MOST_BYTES = 32 << 20
"""Size of anything but a model's answer, once it is unpacked; the longest lists have a few."""
_OF_TRANSFER = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""What is said of the bytes on the line, and no longer holds once they are unpacked."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a provider's server is there and would answer."""

    ok: bool
    """Whether calls can be expected to work."""
    text: str
    """What was found, in one sentence."""
    mend: str = ""
    """What to do about it; empty when nothing need be done."""
    took_s: float = 0.0
    """Seconds until it was known."""


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What a server said to a question that is no model call."""

    content: Any = None
    """Its JSON; None where nothing has changed."""
    tag: str = ""
    """Names this version of it (an HTTP ETag); empty where the server gives none."""
    changed: bool = True
    """Whether it differs from the version that was named when asking."""


class Wire:
    """One server: where it is, the key for it, and a connection kept for each event loop.

    The key is looked up for each call in ``environ`` and kept nowhere.
    """

    def __init__(self, title: str, url: str, *, environ: Mapping[str, str], key_variable: str = "") -> None:
        """Name the server.

        Args:
            title: What error sentences call it.
            url: Its address, with or without ``/v1``.
            environ: Where the key is looked up.
            key_variable: The variable with the key; empty where none is needed.
        """
        self.url = root_of(url)
        self.key_variable = key_variable
        self.title = title
        self._environ = environ
        self._direct = is_loopback(self.url)
        self._clients = Clients(secure=not self.url.startswith("http://"), direct=self._direct)

    @property
    def on_this_machine(self) -> bool:
        """Whether the address is a loopback one."""
        return self._direct

    @property
    def missing(self) -> str:
        """What to set before calls can be made; empty when nothing."""
        key, variable = self._key(), self.key_variable
        return fault_of_key(variable, key) if key or not variable else f"set {variable} in the environment"

    def key_mark(self, salt: bytes) -> str:
        """Return what tells the key that is there now from another, without showing it; empty where there is none."""
        return mark_of_key(self._key(), salt)

    async def stream(self, model: str, call: ModelCall, extra: Mapping[str, Any]) -> AsyncGenerator[Chunk, None]:
        """Answer a call with the model that the server knows by this name; ``extra`` goes into the body.

        Raises:
            ModelUnavailableError: the key is missing or refused.
            CallRejectedError: the server refuses this very call.
            CallFailedError: worth another try.
        """
        endpoint = self._endpoint(model, extra)
        async with aclosing(stream_chat(endpoint, call, await self._client())) as chunks:
            async for chunk in chunks:
                yield chunk

    async def fetch(self, path: str, *, tag: str = "", body: Any = None, keyed: bool = True) -> Fetched:
        """Ask for JSON: with ``body`` by POST, else by GET, and with ``tag`` only for what has changed since.

        Raises:
            ModelUnavailableError: the key is missing or refused.
            CallRejectedError: the server does not know what it was asked.
            CallFailedError: it could not be reached, or sent no JSON.
        """
        try:
            async with asyncio.timeout(_ANSWER_S):
                response = await self._ask(path, tag, body, keyed)
                if response.status_code == 304:
                    return Fetched(tag=tag, changed=False)
                await check_status(self.title, self._key(), response)
        except TimeoutError as error:
            raise self._out_of_reach("it did not answer in time") from error
        try:
            told = response.headers.get("etag", "")
            return Fetched(content=msgspec.json.decode(response.content), tag=told if told.isascii() else "")
        except (msgspec.DecodeError, RecursionError) as error:
            raise CallFailedError(f"{self.title} sent something that is not JSON", hint="check its URL") from error

    async def look(self, path: str, found: str, *, keyed: bool = True) -> Health:
        """Tell whether the server answers at this path; ``found`` is what to say if it does."""
        began_s = perf_counter()
        try:
            await self.fetch(path, keyed=keyed)
        except ProviderError as error:
            return Health(ok=False, text=error.message, mend=error.hint, took_s=perf_counter() - began_s)
        return Health(ok=True, text=found, took_s=perf_counter() - began_s)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._clients.aclose()

    async def _ask(self, path: str, tag: str, body: Any, keyed: bool) -> httpx.Response:
        import httpx  # Late: it takes longer to import than this whole package.

        headers = {"If-None-Match": tag} if tag else {}
        if keyed and (key := self._endpoint("", {}).key):
            headers["Authorization"] = f"Bearer {key}"
        try:
            client = await self._client()
            method = "GET" if body is None else "POST"
            request = client.build_request(method, self.url + path, headers=headers, json=body)
            try:
                return await self._whole(client, request)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                return await self._whole(client, request)  # the server closed the kept connection in that moment
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise CallRejectedError(
                f"{self.title} has an address that cannot be used: {shown(self.url)}", hint="check its URL"
            ) from error
        except httpx.RequestError as error:
            reason = shorten(without_secrets(str(error), self._environ, (self.key_variable,)), 200)
            raise self._out_of_reach(reason or type(error).__name__) from error

    async def _whole(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """Send a request and read its answer while it is unpacked, so that a small one cannot become a huge one."""
        import httpx  # late, as above

        response = await client.send(request, stream=True)
        content = bytearray()
        async with aclosing(response):
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > _MOST_BYTES:
                    raise CallFailedError(f"{self.title} sent more than {_MOST_BYTES >> 20} MiB", hint="check its URL")
        # As bytes: some servers write into a header what cannot be written again as text.
        told = [
            (name, value) for name, value in response.headers.raw if name.decode("latin-1").lower() not in _OF_TRANSFER
        ]
        return httpx.Response(response.status_code, headers=told, content=bytes(content), request=request)

    async def _client(self) -> httpx.AsyncClient:
        return await self._clients.here()

    def _endpoint(self, model: str, extra: Mapping[str, Any]) -> ChatEndpoint:
        if self.missing:
            raise ModelUnavailableError(f"{self.title} needs a key", hint=self.missing)
        return ChatEndpoint(
            url=self.url, title=self.title, model=model, key=self._key(), extra=extra, direct=self._direct
        )

    def _key(self) -> str:
        return self._environ.get(self.key_variable, "").strip() if self.key_variable else ""

    def _out_of_reach(self, reason: str) -> CallFailedError:
        where = shown(self.url)
        return CallFailedError(f"{self.title} at {where} cannot be reached: {reason}", hint="check that it is running")
