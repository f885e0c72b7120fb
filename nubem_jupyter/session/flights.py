"""Equal calls under way: the first makes the call, the others wait for what it brings."""

from __future__ import annotations

import asyncio

from nubem_jupyter.core.cache import CacheEntry

Landing = asyncio.Future[CacheEntry | None]
"""What a call under way will bring; None when it comes to nothing."""

_Place = tuple[asyncio.AbstractEventLoop, str]


class Flights:
    """The calls under way, by event loop and key: nobody waits for a call of another loop.

    A loop that is closed in the middle of a call keeps its place, which holds the loop, so that no later loop can be
    taken for it.
    """

    def __init__(self) -> None:
        # None until somebody waits: most calls are alone, and a future costs more than all else here.
        self._waiting: dict[_Place, Landing | None] = {}

    def under_way(self, key: str) -> Landing | None:
        """Return what to wait for, shielded, if an equal call is under way on this loop."""
        if not self._waiting:
            return None
        loop = asyncio.get_running_loop()
        place = (loop, key)
        if place not in self._waiting:
            return None
        landing = self._waiting[place]
        if landing is None:
            landing = self._waiting[place] = loop.create_future()
        return landing

    def takes_off(self, key: str) -> None:
        """Say that this caller makes the call now; of two that do, the first to land serves those that wait."""
        self._waiting.setdefault((asyncio.get_running_loop(), key), None)

    def lands(self, key: str, entry: CacheEntry | None) -> None:
        """Say that the call has ended and what it brought, if anything."""
        if not self._waiting:
            return
        landing = self._waiting.pop((asyncio.get_running_loop(), key), None)
        if landing is not None and not landing.done():
            landing.set_result(entry)
