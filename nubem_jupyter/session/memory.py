"""Answers in memory, those that were used longest ago making room."""

from __future__ import annotations

import threading
from collections import OrderedDict

from nubem_jupyter.core.cache import CacheEntry, ToolValue

_EACH_BYTES = 600
"""What an entry takes beside its text, about: its key alone is over 100, and of a number Python makes 24."""
_SHARE = 8
"""An entry larger than this part of the limit would sweep too many others out."""


class Memory:
    """Entries by key, at most ``most_bytes`` of them.

    Event loops in several threads may use it at once. Changes of more than one thing are made under a lock; looking
    something up needs none, since each step of it is one operation of a dict whose keys are texts, which no other
    thread can interrupt.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: OrderedDict[str, CacheEntry] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> CacheEntry | None:
        """Return what is kept, fresh or not; it then makes room last."""
        entry = self._entries.get(key)
        if entry is not None:
            try:
                self._entries.move_to_end(key)
            except KeyError:  # it made room in this moment
                return entry
        return entry

    def put(self, key: str, entry: CacheEntry) -> None:
        """Keep an entry in place of an earlier one; one that is large for the limit is not kept."""
        size = _bytes_of(entry)
        with self._lock:
            old = self._entries.pop(key, None)
            if old is not None:
                self._bytes -= _bytes_of(old)
            if size * _SHARE > self._most_bytes:
                return
            self._entries[key] = entry
            self._bytes += size
            while self._bytes > self._most_bytes:
                self._bytes -= _bytes_of(self._entries.popitem(last=False)[1])

    def drop(self, key: str) -> None:
        """Forget an entry."""
        with self._lock:
            old = self._entries.pop(key, None)
            if old is not None:
                self._bytes -= _bytes_of(old)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0


def _bytes_of(entry: CacheEntry) -> int:
    """Estimate what an entry takes; the same for one entry each time."""
    content = entry.content
    return _EACH_BYTES + len(content.json if isinstance(content, ToolValue) else content.text)
