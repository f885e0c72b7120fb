"""Equal calls under way: the first makes the call, the others wait for what it brings."""

from __future__ import annotations

import asyncio
from enum import Enum

from nubem_jupyter.core.cache import CacheEntry


class Failed(Enum):
    """What a call under way brings when it fails."""

    FAILED = "failed"


FAILED = Failed.FAILED
Brought = CacheEntry | Failed
Landing = asyncio.Future[Brought | None]
"""What a call under way will bring; None when it is stopped."""


class Flights:
    """The calls under way on one event loop, by key: nobody waits for a call of another loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # None until somebody waits: most calls are alone, and a future costs more than all else here.
        self._waiting: dict[str, Landing | None] = {}

    def under_way(self, key: str) -> Landing | None:
        """Return what to wait for, shielded, if an equal call is under way.

        Its result is None where that call was stopped: ask again then, since of all that waited one makes the call. It
        is ``FAILED`` where it failed: all that waited make their own then, as they would have without waiting, and do
        not fail one after the other.
        """
        if key not in self._waiting:
            return None
        landing = self._waiting[key]
        if landing is None:
            landing = self._waiting[key] = self._loop.create_future()
        return landing

    def is_under_way(self, key: str) -> bool:
        """Tell whether somebody makes the call."""
        return key in self._waiting

    def takes_off(self, key: str) -> None:
        """Say that this caller makes the call now; ``lands`` must follow, whatever happens.

        Of two that take off, the first to land serves those that wait.
        """
        self._waiting.setdefault(key, None)

    def lands(self, key: str, entry: Brought | None) -> None:
        """Say that the call has ended and what it brought, if anything."""
        landing = self._waiting.pop(key, None)
        if landing is not None and not landing.done():
            landing.set_result(entry)
