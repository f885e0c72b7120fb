"""A thin streaming client for one endpoint that speaks the OpenAI shape of chat completions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.core.call import Answer, Chunk, ModelCall, TextDelta
from nubem_jupyter.core.text import shorten
from nubem_jupyter.errors import CallFailedError, CallRejectedError, DeploymentGoneError
from nubem_jupyter.providers.openai_errors import check_status, refusal
from nubem_jupyter.providers.openai_events import Reading, server_sent_events

if TYPE_CHECKING:
    import httpx

_END_S = 0.5
"""How long the end of a reply is waited for after its last event, so that its connection can serve another call."""


class ChatEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where calls go, and as whom."""

    url: str
    """Address up to and without ``/v1/chat/completions``."""
    title: str
    """What error sentences call it."""
    model: str
    """The name that the server knows the model by."""
    key: str = ""
    """Sent as a bearer token; empty sends none. Never shown."""
    extra: Mapping[str, Any] = {}
    """Fields added to the body of every call."""
    direct: bool = False
    """Whether to go past the proxies that the environment names, as for addresses on this machine."""
    connect_timeout_s: float = 10.0
    """Seconds to wait for a connection."""
    read_timeout_s: float = 600.0
    """Seconds to wait for the next piece; a prompt is read before the first one comes."""

    def __repr__(self) -> str:
        """Leave the key out."""
        return f"ChatEndpoint(url={self.url!r}, model={self.model!r})"


def chat_body(endpoint: ChatEndpoint, call: ModelCall) -> dict[str, Any]:
    """Write the call as the body of a streaming request."""
    body: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [{"role": message.role, "content": message.content} for message in call.messages],
        "max_tokens": call.max_tokens,
        "temperature": call.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if call.seed is not None:
        body["seed"] = call.seed
    if call.schema is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": call.schema}}
    return {**body, **endpoint.extra}


async def stream_chat(
    endpoint: ChatEndpoint, call: ModelCall, client: httpx.AsyncClient | None = None
) -> AsyncGenerator[Chunk, None]:
    """Stream one answer. Closing the generator or cancelling its reader closes the connection.

    With no client the connection is the call's own, and nothing outlives the event loop that the call was made on. With
    one, which stays open, a whole answer leaves its connection for the next call; a server takes the closing of one
    as the wish to stop.

    Raises:
        ModelUnavailableError: the server does not take the key.
        CallRejectedError: the server refuses this very call.
        CallFailedError: worth another try.
    """
    began_s = time.perf_counter()
    first_token_s: float | None = None
    reading = Reading()
    async with aclosing(_texts(endpoint, call, reading, client)) as texts:
        async for text in texts:
            if first_token_s is None:
                first_token_s = time.perf_counter() - began_s
            yield TextDelta(text=text)
    if reading.finish_reason is None:
        raise CallFailedError(f"{endpoint.title} ended its answer in the middle", hint="try again")
    yield Answer(
        text="".join(reading.texts),
        finish_reason=reading.finish_reason,
        usage=reading.usage,
        first_token_s=first_token_s,
        total_s=time.perf_counter() - began_s,
    )


async def _texts(
    endpoint: ChatEndpoint, call: ModelCall, reading: Reading, kept: httpx.AsyncClient | None
) -> AsyncGenerator[str, None]:
    import httpx  # Late: it takes longer to import than this whole package.

    try:
        async with _sent(endpoint, call, kept) as response:
            await check_status(endpoint.title, endpoint.key, response)
            events = server_sent_events(response.aiter_bytes())
            async for event in events:
                text = reading.take(event)
                if reading.error:
                    raise refusal(endpoint.title, endpoint.key, reading.error)
                if text:
                    yield text
                if reading.done:
                    break
            if kept:
                with suppress(TimeoutError, httpx.RequestError):
                    await _read_out(events)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise CallRejectedError(f"{endpoint.title} has an address that cannot be used", hint="check its URL") from error
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        reason = shorten(str(error), 200) or type(error).__name__
        message = f"{endpoint.title} cannot be reached: {reason}"
        raise DeploymentGoneError(message, hint="check that it is running, and its address") from error
    except httpx.RequestError as error:
        reason = shorten(str(error), 200) or type(error).__name__
        raise CallFailedError(f"the connection to {endpoint.title} failed: {reason}", hint="try again") from error


async def _read_out(events: AsyncIterator[str]) -> None:
    """Read what follows the last event: nothing, mostly, but only then is the reply over for the connection."""
    async with asyncio.timeout(_END_S):
        async for _ in events:
            pass


def _client(endpoint: ChatEndpoint) -> httpx.AsyncClient:
    import httpx  # Late, as above.

    return httpx.AsyncClient(
        timeout=httpx.Timeout(endpoint.read_timeout_s, connect=endpoint.connect_timeout_s),
        trust_env=not endpoint.direct,
        # Reading the certificates takes longer than a short answer; plain HTTP needs none.
        verify=not endpoint.url.startswith("http://"),
    )


@asynccontextmanager
async def _sent(
    endpoint: ChatEndpoint, call: ModelCall, kept: httpx.AsyncClient | None
) -> AsyncIterator[httpx.Response]:
    """Send the call; a kept connection that the server closed in that moment is no failure, and a new one is taken."""
    response = await _over_kept(endpoint, call, kept) if kept else None
    if response is not None:
        async with aclosing(response):
            yield response
        return
    async with _client(endpoint) as client:
        response = await client.send(_request(client, endpoint, call), stream=True)
        async with aclosing(response):
            yield response


async def _over_kept(endpoint: ChatEndpoint, call: ModelCall, kept: httpx.AsyncClient) -> httpx.Response | None:
    import httpx  # Late, as above.

    try:
        return await kept.send(_request(kept, endpoint, call), stream=True)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        return None


def _request(client: httpx.AsyncClient, endpoint: ChatEndpoint, call: ModelCall) -> httpx.Request:
    headers = {"Content-Type": "application/json"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    url = f"{endpoint.url.rstrip('/')}/v1/chat/completions"
    return client.build_request("POST", url, headers=headers, content=msgspec.json.encode(chat_body(endpoint, call)))
