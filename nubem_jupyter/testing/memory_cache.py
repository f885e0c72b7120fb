"""A cache in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

from nubem_jupyter.core.cache import CacheEntry, CacheStats, read_record, to_record


class CacheShelf:
    """What memory caches keep; caches that are given the same shelf see the same entries."""

    def __init__(self) -> None:
        self.records: OrderedDict[str, bytes] = OrderedDict()
        """Key -> entry, what was used last at the end."""
        self.lock = threading.Lock()


class MemoryCache:
    """A ``Cache`` that forgets when its shelf does; ``gets`` and ``puts`` are the keys it was asked for."""

    def __init__(self, limit_bytes: int = 1 << 24, shelf: CacheShelf | None = None) -> None:
        self._limit_bytes = limit_bytes
        self._shelf = shelf or CacheShelf()
        self.gets: list[str] = []
        self.puts: list[str] = []

    def get(self, key: str, now_s: float) -> CacheEntry | None:
        """Return what is kept under the key and is fresh, or None."""
        with self._shelf.lock:
            self.gets.append(key)
            record = self._shelf.records.get(key)
            entry = read_record(record) if record else None
            if entry is None or not entry.fresh(now_s):
                return None
            self._shelf.records.move_to_end(key)
            return entry

    def put_all(self, entries: Mapping[str, CacheEntry]) -> None:
        """Keep the entries in place of earlier ones; what was used longest ago makes room."""
        with self._shelf.lock:
            for key, entry in entries.items():
                self.puts.append(key)
                self._put(key, to_record(entry))

    def _put(self, key: str, record: bytes | None) -> None:
        self._shelf.records.pop(key, None)
        if record is not None and len(record) <= self._limit_bytes // 8:
            self._shelf.records[key] = record
            while self._total_bytes() > self._limit_bytes:
                self._shelf.records.popitem(last=False)

    def may_have(self, key: str) -> bool:
        """Tell whether something is kept under the key."""
        return key in self._shelf.records

    def refresh(self) -> None:
        """Do nothing: whoever shares the shelf sees it."""

    def clear(self) -> int:
        """Forget everything; return how many entries there were."""
        with self._shelf.lock:
            count = len(self._shelf.records)
            self._shelf.records.clear()
            return count

    def stats(self) -> CacheStats:
        """Count the entries and their bytes."""
        with self._shelf.lock:
            return CacheStats(
                entries=len(self._shelf.records),
                bytes=self._total_bytes(),
                limit_bytes=self._limit_bytes,
                place="memory",
            )

    def close(self) -> None:
        """Do nothing: the shelf belongs to whoever made it."""

    def _total_bytes(self) -> int:
        return sum(map(len, self._shelf.records.values()))
