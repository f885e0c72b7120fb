"""Using what is at hand, in the one order that makes equal calls once and never loses who waits."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from nubem_jupyter.core.cache import CacheEntry
from nubem_jupyter.session.flights import FAILED

if TYPE_CHECKING:
    from nubem_jupyter.session.flights import Flights
    from nubem_jupyter.session.recall import Recall


class Recalling:
    """Around one call: its entry where it is at hand; else the caller makes the call and says ``keep``.

    An equal call under way is waited for; where it is stopped, one of those that waited makes it. Ask
    ``at_once``, then ``found`` unless that gave an entry or says that the call is to be made; ``lands`` must follow.
    """

    __slots__ = ("_entry", "_flights", "_key", "_recall", "is_flying")

    def __init__(self, recall: Recall, flights: Flights, key: str) -> None:
        self._recall = recall
        self._flights = flights
        self._key = key
        self._entry: CacheEntry | None = None
        self.is_flying = False
        """Whether this caller has taken off: it makes the call."""

    def at_once(self) -> CacheEntry | None:
        """Return what is in memory; take off where it is nowhere and nobody else makes the call."""
        key = self._key
        entry = self._recall.at_hand(key)
        if entry is None and not self._flights.is_under_way(key) and not self._recall.may_have(key):
            self._take_off()
        return entry

    async def found(self) -> CacheEntry | None:
        """Return what an equal call under way brings, or what the cache has; None asks the caller to make the call."""
        entry: CacheEntry | None = self._recall.at_hand(self._key)
        while entry is None and (landing := self._flights.under_way(self._key)) is not None:
            # Being cancelled ends this waiting, and not the call.
            brought = await asyncio.shield(landing)
            if brought is FAILED:
                return None
            entry = brought
        if entry is None:
            self._take_off()
            if self._recall.may_have(self._key):
                self._entry = entry = await self._recall.find(self._key)
        return entry

    def keep(self, entry: CacheEntry) -> None:
        """Keep what the call gave, for those that wait and those that come."""
        self._entry = entry
        self._recall.keep(self._key, entry)

    def lands(self) -> None:
        """Tell those that wait what came of it; for the ``finally`` of the call."""
        if not self.is_flying:
            return
        failed = self._entry is None and not isinstance(sys.exception(), asyncio.CancelledError)
        self._flights.lands(self._key, FAILED if failed else self._entry)

    def _take_off(self) -> None:
        self.is_flying = True
        self._flights.takes_off(self._key)
