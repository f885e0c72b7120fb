"""Fetching over HTTP: each hop is checked, and the connection goes to the address that was checked."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.errors import NodeError, UsageError

if TYPE_CHECKING:
    import httpx

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port -> its addresses."""

_AGENT = "nubem-jupyter"
_MOST_ADDRESSES = 3
_CONNECT_S = 10.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one fetch may take."""

    most_bytes: int = 8 << 20
    """Size of the answer once it is unpacked."""
    timeout_s: float = 30.0
    """Seconds from beginning to end, redirects included."""
    redirects: int = 5
    """How often it may be sent on."""


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What a server answered."""

    url: str
    """The address that answered, after redirects."""
    status: int
    """200 to 299, or 304."""
    headers: Mapping[str, str]
    """By their names in small letters."""
    content: bytes
    """The body, unpacked."""


HeadersFor = Callable[[str], Mapping[str, str]]
"""Address -> what is sent with the request to it, so that nothing meant for one host is told to another."""


async def resolve(host: str, port: int) -> list[str]:
    """Ask the system for a host's addresses.

    Raises:
        NodeError: nobody knows the host.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NodeError(f"the host '{host}' is not known", hint="check its name and the network") from error
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class Fetcher:
    """Fetches what a policy allows. Proxies that the environment names are not used: they would resolve names anew."""

    def __init__(self, policy: NetworkPolicy, limits: Limits = Limits(), resolve: Resolve = resolve) -> None:  # noqa: B008  # frozen
        self.policy = policy
        """What may be reached."""
        self._limits = limits
        self._resolve = resolve

    async def get(self, address: str, headers_for: HeadersFor | None = None) -> Fetched:
        """Fetch an address, following redirects; cancelling closes the connection.

        Raises:
            UsageError: the policy does not allow it, or where it redirects to.
            NodeError: it cannot be reached, answers with an error, or takes or gives too much.
        """
        import httpx  # 0.2 s

        try:
            async with asyncio.timeout(self._limits.timeout_s) as scope:
                times = httpx.Timeout(None, connect=_CONNECT_S)
                async with httpx.AsyncClient(trust_env=False, verify=_trust(), timeout=times) as client:
                    return await self._follow(client, _parsed(address), headers_for or (lambda _url: {}))
        except TimeoutError:
            if not scope.expired():
                raise
            raise NodeError(
                f"'{address}' took longer than {self._limits.timeout_s:g} s", hint="try again later"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            words = str(error) or type(error).__name__
            raise NodeError(f"'{address}' could not be fetched: {words}", hint="check the address") from error

    async def _follow(self, client: httpx.AsyncClient, url: httpx.URL, headers_for: HeadersFor) -> Fetched:
        for _ in range(self._limits.redirects + 1):
            self.policy.check(url)
            async with AsyncExitStack() as stack:
                response = await self._ask(client, url, headers_for(str(url)))
                stack.push_async_callback(response.aclose)
                if response.status_code not in _REDIRECTS:
                    return await self._read(response, url)
                url = _next(url, response)
        raise NodeError(f"'{url}' redirects too often", hint="check the address in a browser")

    async def _ask(self, client: httpx.AsyncClient, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        """Connect to an address that was just looked at: a second look-up could give another one."""
        import httpx

        port = url.port or (443 if url.scheme == "https" else 80)
        name = url.raw_host.decode()
        allowed = self.policy.reachable(name, await self._resolve(name, port))
        sent = {"Host": url.netloc.decode(), "User-Agent": _AGENT, "Accept-Encoding": "gzip, deflate", **headers}
        for address in allowed[:_MOST_ADDRESSES]:
            pinned = url.copy_with(host=address.partition("%")[0])
            named = {"sni_hostname": name}
            request = client.build_request("GET", pinned, headers=sent, extensions=named)
            try:
                return await client.send(request, stream=True, follow_redirects=False)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure: httpx.TransportError = error
        raise failure

    async def _read(self, response: httpx.Response, url: httpx.URL) -> Fetched:
        status = response.status_code
        if not (200 <= status < 300 or status == 304):
            raise NodeError(f"'{url}' answered {status} {response.reason_phrase}".rstrip(), hint="check the address")
        content = bytearray()
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > self._limits.most_bytes:
                raise NodeError(
                    f"'{url}' gives more than {self._limits.most_bytes >> 20} MiB", hint="fetch a smaller page"
                )
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Fetched(url=str(url), status=status, headers=headers, content=bytes(content))


def _parsed(address: str) -> httpx.URL:
    import httpx

    try:
        return httpx.URL(address)
    except httpx.InvalidURL as error:
        raise UsageError(f"'{address}' is no web address", hint="write one that begins with https://") from error


def _next(url: httpx.URL, response: httpx.Response) -> httpx.URL:
    place = response.headers.get("location")
    if not place:
        raise NodeError(f"'{url}' redirects to nowhere", hint="check the address in a browser")
    onward = url.join(place)
    if url.scheme == "https" and onward.scheme == "http":
        raise NodeError(f"'{url}' redirects from https to http", hint="ask for the http address if you trust it")
    return onward


@cache
def _trust() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()  # reads all certificates, so once
