"""``web.fetch``: a page of the web as text."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from nubem_jupyter.components.decode import encoding_of
from nubem_jupyter.components.offer import Offer, offer
from nubem_jupyter.components.stop import Stop, off_loop
from nubem_jupyter.components.web.fetching import Fetched, Fetcher
from nubem_jupyter.components.web.kept import KeptPage, KeptPages
from nubem_jupyter.components.web.page_text import PageText, page_text
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import NodeError, UsageError

MISSING = 'name the hosts that may be reached in your own nubem.toml: [nubem.network], hosts = ["example.org"]'
_MOST_CHARS = 200_000
_LIMIT_S = 30.0
_TTL_S = 300.0
_HTML = ("text/html", "application/xhtml+xml")
_TEXTUAL = re.compile(r"text/.*|application/(.*\+)?(json|xml)|application/(javascript|yaml|x-yaml|x-ndjson)")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,30})", re.IGNORECASE)


class Web:
    """Reading pages, those read before asked for by their mark."""

    def __init__(self, fetcher: Fetcher, pages: KeptPages, now_s: Callable[[], float] = time.time) -> None:
        self._fetcher = fetcher
        self._pages = pages
        self._now_s = now_s

    async def fetch(
        self,
        *,
        url: Annotated[str, "the address, beginning with https:// or http://"],
        max_age_s: Annotated[float, "seconds for which a page fetched before will do; 0 asks the server anew"] = 0.0,
        max_chars: Annotated[int, "how much of its text is given, 200,000 characters at most"] = _MOST_CHARS,
    ) -> dict[str, Any]:
        """Fetch a page of at most 8 MiB within 30 seconds and give its title and text; scripts are not run.

        Only allowed hosts are reached, and never a private address that was not allowed by name. A page that has not
        changed since it was fetched is not sent again.

        Raises:
            UsageError: the address is none, or is not allowed.
            NodeError: it cannot be reached, answers with an error, is no text, or takes or gives too much.
        """
        if not 0 < max_chars <= _MOST_CHARS:
            raise UsageError(f"max_chars is {max_chars}", hint=f"give a number from 1 to {_MOST_CHARS:,}")
        kept = await asyncio.to_thread(self._pages.load, url)
        if kept is None or not 0 <= self._now_s() - kept.fetched_s < max_age_s:
            kept = await self._asked(url, kept)
        return {
            "url": kept.url,
            "title": kept.title,
            "text": kept.text[: int(max_chars)],
            "content_type": kept.content_type,
            "cut": len(kept.text) > max_chars,
        }

    async def _asked(self, url: str, kept: KeptPage | None) -> KeptPage:
        fetched = await self._fetcher.get(url, lambda hop: _conditions(hop, kept))
        now_s = self._now_s()
        if fetched.status == 304 and kept is not None:
            page = KeptPage(**{**_fields(kept), "fetched_s": now_s})
        else:
            page = await off_loop(
                lambda stop: _page(url, fetched, now_s, stop), limit_s=_LIMIT_S, what=f"reading '{url}'"
            )
        if "no-store" not in fetched.headers.get("cache-control", ""):
            await asyncio.to_thread(self._pages.save, page)
        return page


def _fields(page: KeptPage) -> dict[str, Any]:
    return {name: getattr(page, name) for name in page.__struct_fields__}


def _conditions(hop: str, kept: KeptPage | None) -> Mapping[str, str]:
    if kept is None or hop != kept.url:
        return {}
    marks = {"If-None-Match": kept.etag, "If-Modified-Since": kept.last_modified}
    return {name: mark for name, mark in marks.items() if mark}


def _page(asked: str, fetched: Fetched, now_s: float, stop: Stop) -> KeptPage:
    kind = fetched.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
    if not _TEXTUAL.fullmatch(kind) and kind not in _HTML:
        raise NodeError(f"'{fetched.url}' is {kind}, which is not read here", hint="fetch a page of text")
    text = _decoded(fetched)
    read = page_text(text, stop) if kind in _HTML else PageText("", text)
    return KeptPage(
        asked=asked,
        url=fetched.url,
        title=read.title,
        text=read.text,
        content_type=kind,
        fetched_s=now_s,
        etag=fetched.headers.get("etag", ""),
        last_modified=fetched.headers.get("last-modified", ""),
    )


def _decoded(fetched: Fetched) -> str:
    """Read the bytes as the server says, else the page itself, else as they look; what does not fit is marked."""
    told = re.search(r"charset=[\"']?([\w-]+)", fetched.headers.get("content-type", ""), re.IGNORECASE)
    meta = _META_CHARSET.search(fetched.content[:4096])
    names = (told.group(1) if told else "", meta.group(1).decode() if meta else "", encoding_of(fetched.content) or "")
    for name in filter(None, names):
        try:
            return fetched.content.decode(name, errors="replace")
        except (LookupError, UnicodeError):  # unknown, or one that stands for no text
            continue
    raise NodeError(f"'{fetched.url}' is no text", hint="fetch a page of text")


def fetch_offers(fetcher: Fetcher, home: Path) -> tuple[Offer, ...]:
    """Offer ``web.fetch``, where any host is allowed."""
    web = Web(fetcher, KeptPages(home / "web"))
    return (
        offer(
            "web.fetch",
            web.fetch,
            capability="read_data",
            output=ValueType.JSON,
            permissions=("network",),
            ttl_s=_TTL_S,
            missing="" if fetcher.policy.allows_any else MISSING,
        ),
    )
