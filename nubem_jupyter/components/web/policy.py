"""Which hosts and addresses may be reached."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import msgspec

from nubem_jupyter.errors import NodeError, UsageError

if TYPE_CHECKING:
    import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_V4_COMPATIBLE = ipaddress.ip_network("::/96")


class NetworkPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Which hosts may be reached; with none named, none."""

    hosts: tuple[str, ...] = ()
    """Names such as ``example.org``, foreign letters in their ASCII form; ``*.example.org`` also means everything
    below it, ``*`` every host."""
    private_hosts: tuple[str, ...] = ()
    """Hosts that may be at a private or loopback address and on any port, each by its very name."""
    ports: tuple[int, ...] = (80, 443)
    """Ports of all other hosts."""

    @property
    def allows_any(self) -> bool:
        """Whether anything may be reached at all."""
        return bool(self.hosts or self.private_hosts)

    def check(self, url: httpx.URL) -> None:
        """Accept an address that may be asked for.

        Raises:
            UsageError: it is no http(s) address, carries a password, or its host or port is not allowed.
        """
        if url.scheme not in ("http", "https") or not url.host:
            raise UsageError(f"'{url}' is no web address", hint="write one that begins with https://")
        if url.userinfo:
            raise UsageError("an address with a name and password in it is not fetched", hint="take them out")
        host = url.raw_host.decode().lower().rstrip(".")
        if host in self.private_hosts:
            return
        if not any(_matches(host, pattern) for pattern in self.hosts):
            raise UsageError(f"the host '{host}' is not allowed", hint=_allowed_words(self))
        port = url.port or (443 if url.scheme == "https" else 80)
        if port not in self.ports:
            raise UsageError(
                f"port {port} of '{host}' is not allowed", hint=f"allowed: {', '.join(map(str, self.ports))}"
            )

    def reachable(self, host: str, addresses: list[str]) -> list[str]:
        """Return those of a host's addresses that may be connected to.

        Raises:
            NodeError: none of them may.
        """
        if host.lower().rstrip(".") in self.private_hosts:
            return addresses
        public = [address for address in addresses if is_public(address)]
        if not public:
            raise NodeError(
                f"'{host}' is at a private address ({', '.join(addresses)}), which is not reached",
                hint="have it allowed by name among the private hosts",
            )
        return public


def is_public(address: str) -> bool:
    """Tell whether an address belongs to the public internet, also where it hides an IPv4 address in an IPv6 one."""
    parsed: Address = ipaddress.ip_address(address.partition("%")[0])
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in (parsed, *_hidden(parsed)))


def _hidden(address: Address) -> list[Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return []
    hidden: list[Address] = [one for one in (address.ipv4_mapped, address.sixtofour) if one is not None]
    hidden += address.teredo or ()
    if address in _NAT64 or address in _V4_COMPATIBLE:
        hidden.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return hidden


def _matches(host: str, pattern: str) -> bool:
    pattern = pattern.lower().rstrip(".")
    if pattern.startswith("*."):
        return host == pattern[2:] or host.endswith(pattern[1:])
    return pattern in ("*", host)


def _allowed_words(policy: NetworkPolicy) -> str:
    allowed = (*policy.hosts, *policy.private_hosts)
    return f"allowed: {', '.join(allowed)}" if allowed else "no host is allowed; name those that are"
