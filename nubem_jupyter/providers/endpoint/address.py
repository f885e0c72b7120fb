"""What an endpoint's address says."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def root_of(url: str) -> str:
    """Return the address up to and without ``/v1``, with which and without which users write it."""
    return url.strip().rstrip("/").removesuffix("/v1").rstrip("/")


def shown(url: str) -> str:
    """Return the address without the name and password that may stand in it."""
    scheme, there, rest = url.rpartition("://")
    authority, slash, path = rest.partition("/")
    return scheme + there + authority.rpartition("@")[2] + slash + path.partition("?")[0]


def is_loopback(url: str) -> bool:
    """Tell whether the address is one on this machine; False where it is no address at all."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
