"""``web.search``, through the search engine that the user has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Protocol
from urllib.parse import urlencode, urlsplit

import msgspec

from nubem_jupyter.components.offer import Offer, Rows, offer
from nubem_jupyter.components.web.fetching import Fetcher, Limits
from nubem_jupyter.components.web.policy import NetworkPolicy
from nubem_jupyter.core.redaction import fault_of_key
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import NodeError, SettingsError, UsageError

MISSING = "set SEARXNG_URL to the address of a SearXNG server, or BRAVE_API_KEY"
BRAVE_KEY = "BRAVE_API_KEY"
"""The variable with the key for Brave."""
_BRAVE_URL = "https://api.search.brave.com/res/v1/web/search"
_MOST = 20
_TTL_S = 900.0


class SearchProvider(Protocol):
    """Somebody who searches the web."""

    @property
    def name(self) -> str:
        """What results say that they come from."""
        ...

    async def search(self, query: str, limit: int) -> Rows:
        """Return at most ``limit`` hits, best first, each with ``title``, ``url`` and ``snippet``.

        Raises:
            NodeError: it cannot be reached or answers nothing that can be read.
        """
        ...


class _SearxHit(msgspec.Struct, frozen=True):
    url: str
    title: str = ""
    content: str | None = None


class _SearxAnswer(msgspec.Struct, frozen=True):
    results: tuple[_SearxHit, ...]


class Searxng:
    """A SearXNG server; it must have the format ``json`` enabled."""

    name = "searxng"

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._fetcher = _fetcher_for(self._url)

    async def search(self, query: str, limit: int) -> Rows:
        """Ask the server.

        Raises:
            NodeError: it cannot be reached, or its answer is not JSON.
        """
        address = f"{self._url}/search?{urlencode({'q': query, 'format': 'json'})}"
        fetched = await self._fetcher.get(address)
        answer = _decoded(fetched.content, _SearxAnswer, "the SearXNG server", "enable the format json in its settings")
        return [_hit(hit.title, hit.url, hit.content) for hit in answer.results[:limit]]


class _BraveHit(msgspec.Struct, frozen=True):
    url: str
    title: str = ""
    description: str | None = None


class _BraveHits(msgspec.Struct, frozen=True):
    results: tuple[_BraveHit, ...] = ()


class _BraveAnswer(msgspec.Struct, frozen=True):
    web: _BraveHits = _BraveHits()


class Brave:
    """The search service of Brave, with a key."""

    name = "brave"

    def __init__(self, key: str, url: str = _BRAVE_URL) -> None:
        self._key = key
        self._url = url
        self._fetcher = _fetcher_for(url)

    async def search(self, query: str, limit: int) -> Rows:
        """Ask the service.

        Raises:
            NodeError: it cannot be reached, refuses the key, or no header can carry it.
        """
        if fault := fault_of_key(BRAVE_KEY, self._key):
            raise NodeError("the key for Brave cannot be sent", hint=fault)
        address = f"{self._url}?{urlencode({'q': query, 'count': limit})}"
        headers = {"X-Subscription-Token": self._key, "Accept": "application/json"}
        fetched = await self._fetcher.get(address, lambda _hop: headers)
        answer = _decoded(fetched.content, _BraveAnswer, "Brave", "try again later")
        return [_hit(hit.title, hit.url, hit.description) for hit in answer.web.results[:limit]]


def search_provider(environ: Mapping[str, str]) -> SearchProvider | None:
    """Return the search engine that the environment names, or None.

    Raises:
        SettingsError: its address is none.
    """
    if url := environ.get("SEARXNG_URL"):
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise SettingsError("SEARXNG_URL is no web address", hint="write one such as http://127.0.0.1:8080")
        return Searxng(url)
    key = environ.get(BRAVE_KEY, "").strip()
    return Brave(key) if key else None


class Search:
    """Searching the web through one provider."""

    def __init__(self, provider: SearchProvider | None) -> None:
        self._provider = provider

    async def search(
        self,
        *,
        query: Annotated[str, "what to look for"],
        limit: Annotated[int, "how many hits, 20 at most"] = 5,
    ) -> Rows:
        """Search the web: hits with title, url and snippet, best first; pages themselves are read by web.fetch.

        Raises:
            UsageError: the query is empty, or ``limit`` cannot be.
            NodeError: no provider is configured, or it cannot be reached.
        """
        if self._provider is None:
            raise NodeError("no search engine is configured", hint=MISSING)
        if not query.strip():
            raise UsageError("the query is empty", hint="say what to look for")
        if isinstance(limit, float) or not 0 < limit <= _MOST:
            raise UsageError(f"limit is {limit}", hint=f"give a whole number from 1 to {_MOST}")
        return await self._provider.search(query, limit)


def _fetcher_for(url: str) -> Fetcher:
    """Reach the configured host alone, wherever it is, and follow it nowhere: a key must not be sent on."""
    host = (urlsplit(url).hostname or "").lower()
    return Fetcher(NetworkPolicy(private_hosts=(host,)), Limits(redirects=0))


def _decoded(content: bytes, kind: Any, who: str, hint: str) -> Any:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NodeError(f"{who} gave an answer that cannot be read", hint=hint) from error


def _hit(title: str, url: str, snippet: str | None) -> dict[str, Any]:
    return {"title": title, "url": url, "snippet": snippet or ""}


def search_offers(provider: SearchProvider | None) -> tuple[Offer, ...]:
    """Offer ``web.search``, where a provider is configured."""
    return (
        offer(
            "web.search",
            Search(provider).search,
            capability="search",
            output=ValueType.TABLE,
            permissions=("network",),
            cost_usd=0.0 if isinstance(provider, Searxng) else None,  # a server of one's own asks for no money
            ttl_s=_TTL_S,
            missing="" if provider else MISSING,
        ),
    )
