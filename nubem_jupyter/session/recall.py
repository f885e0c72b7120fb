"""What a session remembers of the calls that it made, and of those that others made before."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from nubem_jupyter.core.cache import CacheEntry, CacheStats
from nubem_jupyter.ports import Cache
from nubem_jupyter.session.backend import Backend
from nubem_jupyter.session.flights import Flights
from nubem_jupyter.session.memory import Memory

T = TypeVar("T")

_WRITE_EVERY_S = 0.02
_PORTION = 32
"""Entries written at once where few wait; small portions, so that writing never holds the event loops up for long."""
_SHARE = 8
"""Where many wait, one in so many is written at once, so that they do not grow without end."""
_MOST_UNWRITTEN = 16_384
"""Entries that may wait for a cache that is slower than the answers come; those beyond it are kept in memory only."""
_LOOK_EVERY_S = 2.0


class Recall:
    """Answers at hand: memory in front of a cache; equal calls under way are made once.

    Event loops in several threads may share one. What is called for each call touches memory only; the cache is
    opened, read and written in ``thread``, and its trouble never reaches a run.
    """

    def __init__(
        self,
        cache: Callable[[], Cache],
        thread: Executor,
        *,
        wall_clock: Callable[[], float],
        most_bytes: int = 32 << 20,
    ) -> None:
        """Wire one.

        Args:
            cache: Makes the cache behind it; called once, in the thread, when it is first needed.
            thread: Where the cache is used.
            wall_clock: Seconds since 1970, UTC.
            most_bytes: What the answers in memory may take.
        """
        self._backend = Backend(cache, wall_clock)
        self._thread = thread
        self._clock = wall_clock
        self._memory = Memory(most_bytes)
        self._flights: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Flights] = weakref.WeakKeyDictionary()
        self._unwritten: deque[tuple[str, CacheEntry]] = deque()
        self._writing = threading.Lock()
        self._armed: asyncio.AbstractEventLoop | None = None
        self._looked_s: float | None = None
        self.may_have: Callable[[str], bool] = self._backend.may_have
        """Tell whether ``find`` is worth a thread."""

    @property
    def trouble(self) -> str:
        """What is wrong with the cache behind it, in a sentence; empty where nothing is."""
        return self._backend.trouble

    def flights(self) -> Flights:
        """Return the calls under way on this event loop."""
        loop = asyncio.get_running_loop()
        found = self._flights.get(loop)
        if found is None:
            found = self._flights[loop] = Flights(loop)
        return found

    def at_hand(self, key: str) -> CacheEntry | None:
        """Return what is in memory and fresh."""
        entry = self._memory.get(key)
        if entry is None or entry.ttl_s is None or entry.fresh(self._clock()):
            return entry
        self._memory.drop(key)
        return None

    async def find(self, key: str) -> CacheEntry | None:
        """Return what is in memory or in the cache behind it, and fresh."""
        entry = self.at_hand(key)
        if entry is not None or not self.may_have(key):
            return entry
        entry = await self._in_thread(lambda: self._backend.get(key))
        if entry is not None:
            self._memory.put(key, entry)
        return entry

    def keep(self, key: str, entry: CacheEntry) -> None:
        """Keep an entry: in memory now, in the cache behind it soon after."""
        self._memory.put(key, entry)
        if len(self._unwritten) < _MOST_UNWRITTEN:
            self._unwritten.append((key, entry))
        if self._armed is None or not self._armed.is_running():
            self._arm(asyncio.get_running_loop())

    async def refresh(self) -> None:
        """Take in what other processes wrote; soon after the last time nothing."""
        if self._is_time_to_look():
            await self._in_thread(self._backend.refresh)

    def refresh_soon(self) -> None:
        """Take it in while a run has begun already; until somebody has looked at all, ``find`` is worth a thread."""
        if self._is_time_to_look():
            with contextlib.suppress(RuntimeError):  # the session was closed meanwhile
                self._thread.submit(self._backend.refresh)

    def _is_time_to_look(self) -> bool:
        now_s = self._clock()
        if self._looked_s is not None and 0 <= now_s - self._looked_s < _LOOK_EVERY_S:
            return False
        self._looked_s = now_s
        return True

    def flush(self) -> None:
        """Wait until all that was kept is written; for a thread that may wait."""
        with self._writing:
            self._write(len(self._unwritten))

    def clear(self) -> int:
        """Forget everything; return how many entries the cache had. For a thread that may wait.

        Raises:
            StorageError: the cache could not be cleared; what was in memory is forgotten all the same.
        """
        with self._writing:
            self._unwritten.clear()
            self._memory.clear()
            return self._backend.clear()

    def stats(self) -> CacheStats:
        """Count what the cache keeps, once all is written. For a thread that may wait.

        Raises:
            StorageError: it cannot be read.
        """
        self.flush()
        return self._backend.stats()

    def close(self) -> None:
        """Write what is left and let go of the cache; may be called twice. For a thread that may wait."""
        self.flush()
        self._backend.close()

    async def _in_thread(self, act: Callable[[], T]) -> T | None:
        try:
            work = asyncio.get_running_loop().run_in_executor(self._thread, act)
        except RuntimeError:  # the session was closed meanwhile, and its thread with it
            return None
        return await work

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        """See to it that what is kept from now on is written."""
        self._armed = loop
        loop.call_later(_WRITE_EVERY_S, self._due)

    def _due(self) -> None:
        loop, self._armed = self._armed, None
        portion = max(_PORTION, len(self._unwritten) // _SHARE)
        with contextlib.suppress(RuntimeError):  # the thread is closed; ``close`` has written, or will
            self._thread.submit(self._write_portion, portion)
        if loop is not None and len(self._unwritten) > portion:
            self._arm(loop)

    def _write_portion(self, portion: int) -> None:
        with self._writing:
            self._write(portion)

    def _write(self, portion: int) -> None:
        """Write so many of what waits, the newest of a key only."""
        batch: dict[str, CacheEntry] = {}
        with contextlib.suppress(IndexError):
            for _ in range(portion):
                key, entry = self._unwritten.popleft()
                batch[key] = entry
        if batch:
            self._backend.put_all(batch)
