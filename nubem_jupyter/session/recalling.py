"""Using what is at hand, in the one order that makes equal calls once and never loses who waits."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING

from nubem_jupyter.core.cache import CacheEntry

if TYPE_CHECKING:
    from nubem_jupyter.session.flights import Flights
    from nubem_jupyter.session.recall import Recall


class Recalling:
    """Around one call: gives its entry where it is at hand, else lets the caller make the call and ``keep`` it.

    An equal call under way is waited for; where it comes to nothing, one of those that waited makes it.
    """

    __slots__ = ("_entry", "_flights", "_flying", "_key", "_recall")

    def __init__(self, recall: Recall, flights: Flights, key: str) -> None:
        self._recall = recall
        self._flights = flights
        self._key = key
        self._entry: CacheEntry | None = None
        self._flying = False

    async def __aenter__(self) -> CacheEntry | None:
        """Return what is at hand; None asks the caller to make the call."""
        recall, flights, key = self._recall, self._flights, self._key
        entry = recall.at_hand(key)
        while entry is None and (landing := flights.under_way(key)) is not None:
            # Being cancelled ends this waiting, and not the call.
            entry = await asyncio.shield(landing)
        if entry is None:
            flights.takes_off(key)
            self._flying = True
            if recall.may_have(key):
                try:
                    entry = await recall.find(key)
                except BaseException:
                    flights.lands(key, None)
                    raise
        self._entry = entry
        return entry

    def keep(self, entry: CacheEntry) -> None:
        """Keep what the call gave, for those that wait and those that come."""
        self._entry = entry
        self._recall.keep(self._key, entry)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Tell those that wait."""
        if self._flying:
            self._flights.lands(self._key, self._entry)
