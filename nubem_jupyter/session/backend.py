"""The cache behind a session's memory: its trouble is a miss, and after some of it in a row it is left alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TypeVar

from nubem_jupyter.core.cache import CacheEntry, CacheStats
from nubem_jupyter.errors import StorageError
from nubem_jupyter.ports import Cache

T = TypeVar("T")

_PATIENCE = 3
"""Failures in a row after which it is left alone."""
_REST_S = 60.0


class Backend:
    """A cache that is opened when first used. ``may_have`` is for any thread, the rest for one that may wait."""

    def __init__(self, cache: Callable[[], Cache], clock: Callable[[], float]) -> None:
        self.trouble = ""
        """What is wrong with it, in a sentence; empty where nothing is."""
        self._make = cache
        self._clock = clock
        self._cache: Cache | None = None
        self._opening = threading.Lock()
        self._failures = 0
        self._failed_s = 0.0

    def may_have(self, key: str) -> bool:
        """Tell whether ``get`` could find something."""
        if self._failures >= _PATIENCE and self._rests():
            return False
        cache = self._cache
        return cache is None or cache.may_have(key)

    def get(self, key: str) -> CacheEntry | None:
        """Return what is kept and fresh; None also where it is in trouble."""
        return self._tried(lambda cache: cache.get(key, self._clock()))

    def put_all(self, entries: Mapping[str, CacheEntry]) -> None:
        """Keep the entries; where it is in trouble they are lost."""
        self._tried(lambda cache: cache.put_all(entries))

    def refresh(self) -> None:
        """Take in what others have put."""
        self._tried(lambda cache: cache.refresh())

    def clear(self) -> int:
        """Forget everything; return how many entries there were.

        Raises:
            StorageError: it could not.
        """
        return self._opened().clear()

    def stats(self) -> CacheStats:
        """Count what is kept.

        Raises:
            StorageError: it cannot be read.
        """
        return self._opened().stats()

    def close(self) -> None:
        """Let go of it; a later use opens it again."""
        with self._opening:
            cache, self._cache = self._cache, None
        if cache is not None:
            cache.close()

    def _tried(self, act: Callable[[Cache], T]) -> T | None:
        if self._failures >= _PATIENCE and self._rests():
            return None
        try:
            done = act(self._opened())
        except StorageError as error:
            self.trouble = error.message
            self._failed_s = self._clock()
            self._failures += 1
            return None
        self.trouble, self._failures = "", 0
        return done

    def _opened(self) -> Cache:
        with self._opening:
            if self._cache is None:
                self._cache = self._make()
            return self._cache

    def _rests(self) -> bool:
        """Tell whether it failed less than a minute ago; a clock that went back ends the rest."""
        return 0 <= self._clock() - self._failed_s < _REST_S
