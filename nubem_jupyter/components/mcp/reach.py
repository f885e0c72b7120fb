"""Whether a server may be reached where somebody else says that it is, and reaching it at no other place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.components.mcp.server import Server
from nubem_jupyter.components.web.fetching import Resolve, resolve
from nubem_jupyter.errors import NodeError, NubemError

if TYPE_CHECKING:
    import httpx2

_MOST_ADDRESSES = 3
_CONNECT_S = 30.0
_SILENCE_S = 300.0
"""Longest silence in an answer that is a stream; a tool has a limit of its own."""


async def checked_addresses(server: Server, resolve: Resolve = resolve) -> tuple[str, ...]:
    """Return where a server may be connected to; of one that the user named that is anywhere, and nothing is returned.

    Raises:
        NodeError: somebody else named it, and it is not where the user lets components reach.
    """
    if server.reach is None:
        return ()
    import httpx  # 0.2 s

    try:
        url = httpx.URL(server.url)
        server.reach.check(url)
        host = url.raw_host.decode()
        found = await resolve(host, url.port or (443 if url.scheme == "https" else 80))
        return tuple(server.reach.reachable(host, found))
    except (NubemError, httpx.InvalidURL) as error:
        reason = error.message if isinstance(error, NubemError) else str(error)
        raise NodeError(
            f"the MCP server '{server.name}' is not asked, since only this workspace's own file names it: {reason}",
            hint="if you trust it, write its table to your own nubem.toml, or its host to [nubem.network] there",
        ) from error


def pinned_client(url: str, addresses: Sequence[str]) -> httpx2.AsyncClient:
    """Make a client that reaches a server's host at these addresses and nothing else: a name may lead elsewhere later.

    The certificate is still held to the name. Proxies of the environment are not used: they would resolve names anew.
    """
    import httpx2  # late: it comes with the library of MCP

    wanted = httpx2.URL(url).raw_host

    class Pinned(httpx2.AsyncHTTPTransport):
        """Connects to an address that was looked at."""

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            """Send a request on; raises as the library's own does, and for another host ``ConnectError``."""
            if request.url.raw_host != wanted:
                raise httpx2.ConnectError("it leads to another host", request=request)
            named = {**request.extensions, "sni_hostname": wanted.decode()}
            for address in addresses[:_MOST_ADDRESSES]:
                place = request.url.copy_with(host=address.partition("%")[0])
                pinned = httpx2.Request(
                    request.method, place, headers=request.headers, stream=request.stream, extensions=named
                )
                try:
                    return await super().handle_async_request(pinned)
                except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                    failure: httpx2.TransportError = error
            raise failure

    times = httpx2.Timeout(_CONNECT_S, read=_SILENCE_S)
    return httpx2.AsyncClient(transport=Pinned(trust_env=False), timeout=times, trust_env=False)
