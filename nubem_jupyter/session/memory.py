"""Answers in memory, those that were used longest ago making room."""

from __future__ import annotations

import itertools
import threading

from nubem_jupyter.core.cache import CacheEntry, ToolValue

_EACH_BYTES = 600
"""What an entry takes beside its text, about: its key alone is over 100, and of a number Python makes 24."""
_AT_ONCE = 16
"""Entries that make room at once, at most."""
_SHARE = 8
"""An entry larger than this part of the limit would sweep too many others out."""


class Memory:
    """Entries by key, about ``most_bytes`` of them.

    Event loops in several threads may use it at once. Looking up and keeping are steps of one operation each on a dict
    whose keys are texts, which no other thread can interrupt; only making room takes a lock. What two threads keep in
    the same moment may be counted once, which a limit of so many bytes can bear.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: dict[str, CacheEntry] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> CacheEntry | None:
        """Return what is kept, fresh or not; it then makes room last."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.pop(key, None)
            self._entries[key] = entry
        return entry

    def put(self, key: str, entry: CacheEntry) -> None:
        """Keep an entry in place of an earlier one; one that is large for the limit is not kept."""
        size = _bytes_of(entry)
        if key in self._entries:
            self.drop(key)
        if size * _SHARE > self._most_bytes:
            return
        self._entries[key] = entry
        self._bytes += size
        if self._bytes > self._most_bytes:
            self._make_room()

    def drop(self, key: str) -> None:
        """Forget an entry."""
        old = self._entries.pop(key, None)
        if old is not None:
            self._bytes -= _bytes_of(old)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._bytes = 0

    def _make_room(self) -> None:
        """Forget what was used longest ago, a few at a time, so that nobody waits for it."""
        with self._lock:
            while self._bytes > self._most_bytes and self._entries:
                try:
                    few = max(1, min(len(self._entries) // _SHARE, _AT_ONCE))
                    oldest = list(itertools.islice(self._entries, few))
                except RuntimeError:  # another thread kept something in this moment; the next entry makes room
                    return
                for key in oldest:
                    self.drop(key)


def _bytes_of(entry: CacheEntry) -> int:
    """Estimate what an entry takes; the same for one entry each time."""
    content = entry.content
    return _EACH_BYTES + len(content.json if isinstance(content, ToolValue) else content.text)
