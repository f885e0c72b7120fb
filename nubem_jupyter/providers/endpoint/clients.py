"""HTTP clients that are kept: one an event loop, closed with its loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    import httpx

_CONNECT_S = 10.0
_READ_S = 600.0
"""A model may read a long prompt before its first word."""

_IDLE_S = 30.0
"""Connections that nobody used for so long are closed; servers close theirs after a minute or so."""

_CLOSING_S = 10.0

_Kept = tuple["httpx.AsyncClient", AsyncGenerator["httpx.AsyncClient", None]]


class Clients:
    """Gives each event loop its client, made at its first call.

    A connection belongs to the loop that opened it and must be closed there. Each client is therefore held by an async
    generator of its loop: a loop that is shut down as ``asyncio.run`` does closes its generators, and with them this.
    """

    def __init__(self, *, secure: bool, direct: bool) -> None:
        """Prepare for an address.

        Args:
            secure: Whether it wants TLS.
            direct: Whether to go past the proxies that the environment names.
        """
        self._secure = secure
        self._direct = direct
        self._lock = threading.Lock()
        self._by_loop: dict[asyncio.AbstractEventLoop, _Kept] = {}

    async def here(self) -> httpx.AsyncClient:
        """Return the client of the loop that runs this."""
        loop = asyncio.get_running_loop()
        kept = self._by_loop.get(loop)
        return kept[0] if kept else await self._open(loop)

    async def aclose(self) -> None:
        """Close every client, each on its own loop; a later call opens another."""
        here = asyncio.get_running_loop()
        with self._lock:
            kept = tuple(self._by_loop.items())
        for loop, (_, holder) in kept:
            if loop is here:
                await holder.aclose()
            elif loop.is_running():
                closing = asyncio.run_coroutine_threadsafe(holder.aclose(), loop)
                await asyncio.wait([asyncio.wrap_future(closing)], timeout=_CLOSING_S)

    async def _open(self, loop: asyncio.AbstractEventLoop) -> httpx.AsyncClient:
        holder = self._hold(loop)
        client = await anext(holder)  # does not wait for anything, so that no second call comes between
        with self._lock:
            for ended in [known for known in self._by_loop if known.is_closed()]:
                del self._by_loop[ended]
            self._by_loop[loop] = client, holder
        return client

    async def _hold(self, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[httpx.AsyncClient, None]:
        client = self._make()
        try:
            yield client
        finally:
            with self._lock:
                self._by_loop.pop(loop, None)
            await client.aclose()

    def _make(self) -> httpx.AsyncClient:
        import httpx  # Late: it takes longer to import than this whole package.

        return httpx.AsyncClient(
            timeout=httpx.Timeout(_READ_S, connect=_CONNECT_S),
            # No limit of connections: how much is asked at once is the run's to say.
            limits=httpx.Limits(keepalive_expiry=_IDLE_S),
            trust_env=not self._direct,
            verify=_certificates() if self._secure else False,
        )


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Read the certificates once: it takes longer than a short answer."""
    import httpx  # Late, as above.

    return httpx.create_ssl_context()
