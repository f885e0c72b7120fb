"""Weights from the hub where they were published, over HTTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies

from nubem_jupyter.providers.local.partial import Partial, PullFailedError
from nubem_jupyter.providers.local.weights import hub_address

if TYPE_CHECKING:
    import httpx

_CONNECT_S = 3.0
_READ_S = 30.0
_TRIES = 3
_BLOCK_BYTES = 1 << 20
_OFF = frozenset({"off", "0", "no", "false"})
_ON = frozenset({"1", "on", "yes", "true"})


SWITCH = "NUBEM_HUB"
"""The environment variable that keeps the hub from being asked."""


def hub_allowed(environ: Mapping[str, str]) -> bool:
    """Tell whether the environment lets the hub be asked: ``NUBEM_HUB=off`` and ``HF_HUB_OFFLINE=1`` do not."""
    off = environ.get(SWITCH, "").lower() in _OFF
    return not off and environ.get("HF_HUB_OFFLINE", "").lower() not in _ON


def from_hub(partial: Partial, environ: Mapping[str, str]) -> Iterator[int]:
    """Fetch the file, going on where an earlier try stopped; yield its size as it grows.

    Raises:
        PullFailedError: the hub cannot be reached or has another file.
        OSError: the file cannot be written.
    """
    import httpx  # Late: it takes longer to import than this whole package.

    address = environ.get("HF_ENDPOINT", "").rstrip("/") or hub_address()
    _check_reachable(address)
    url = f"{address}/{partial.weights.hub_file}"
    timeout = httpx.Timeout(_READ_S, connect=_CONNECT_S)
    with httpx.Client(timeout=timeout, follow_redirects=True) as client:
        for left in reversed(range(_TRIES)):
            try:
                yield from _fetch(client, url, partial)
            except httpx.TransportError as error:
                # Where nothing has come yet, trying again only takes time.
                if not left or not partial.size_bytes:
                    raise PullFailedError(f"the hub cannot be reached ({type(error).__name__})") from error
            else:
                return


def _fetch(client: httpx.Client, url: str, partial: Partial) -> Iterator[int]:
    have = partial.size_bytes
    if have >= partial.weights.size_bytes:
        return
    with client.stream("GET", url, headers={"Range": f"bytes={have}-"} if have else {}) as response:
        if not response.is_success:
            raise PullFailedError(f"the hub answered with status {response.status_code}")
        _check_digest(response, partial)
        # A server may ignore the range and send the whole file.
        offset = have if response.status_code == 206 else 0
        yield from partial.write_from(offset, response.iter_bytes(_BLOCK_BYTES))


def _check_digest(response: httpx.Response, partial: Partial) -> None:
    # The hub names the file's SHA-256 before it redirects to where the file lies.
    for each in (*response.history, response):
        named = each.headers.get("x-linked-etag", "").strip('"')
        if named and named != partial.weights.sha256:
            raise PullFailedError(f"the hub has another file of '{partial.weights.name}'")


def _check_reachable(address: str) -> None:
    # Looking a name up has no timeout of its own, and a connection is tried at each of its addresses in turn: without
    # a network both together could take minutes.
    parts = urlsplit(address)
    if getproxies().get(parts.scheme):
        return  # Only the proxy knows.
    port = parts.port or (443 if parts.scheme == "https" else 80)
    answer: Future[bool] = Future()
    threading.Thread(target=_knock, args=(parts.hostname or "", port, answer), name="nubem hub", daemon=True).start()
    try:
        reachable = answer.result(_CONNECT_S)
    except TimeoutError:
        reachable = False
    if not reachable:
        raise PullFailedError("the hub cannot be reached")


def _knock(host: str, port: int, answer: Future[bool]) -> None:
    try:
        socket.create_connection((host, port), timeout=_CONNECT_S).close()
    except OSError:
        answer.set_result(False)
    else:
        answer.set_result(True)
