"""What a cache must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nubem_jupyter.core.cache import CacheEntry, ToolValue
from nubem_jupyter.core.call import Answer, Usage
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.ports import Cache

NOW_S = 2e9
"""The time that the suite begins at; adapters are told the time and need not look at a clock."""
LIMIT_BYTES = 400_000
HOUR_S = 3600.0

ANSWERED = CacheEntry(
    content=Answer(
        text="¡Olé! 🙂\n",
        finish_reason="length",
        usage=Usage(input_tokens=7, output_tokens=3),
        first_token_s=0.25,
        total_s=0.5,
    ),
    stored_s=NOW_S,
    cost_usd=0.125,
    model=ModelId("local/small"),
)
VALUES: tuple[Any, ...] = (None, False, 0, -1.5, 2**70, "", "é\x00", [], {"z": 1, "a": [None, {"": {}}]})
"""Tool values of every kind."""


def tool_entry(value: Any, *, stored_s: float = NOW_S, ttl_s: float | None = None) -> CacheEntry:
    """Give an entry that holds a tool's value."""
    return CacheEntry(content=ToolValue.of(value), stored_s=stored_s, ttl_s=ttl_s)


class CacheConformance:
    """Promises of ``Cache``.

    Hook: ``open`` gives a cache over what is kept at a path. ``bounded = False`` says that the size is not the
    adapter's to bound, because its server does that.
    """

    bounded = True

    def open(self, path: Path, limit_bytes: int) -> Cache:
        """Open the cache at ``path`` (a file that may not be there yet, or a name); several may be open on one path."""
        raise NotImplementedError("a conformance suite needs open()")

    def test_an_entry_comes_back_as_it_was(self, tmp_path: Path) -> None:
        """Text, counts, times, price and model survive; so do tools' values, with the order of their fields."""
        entries = {"answer": ANSWERED} | {f"tool{place}": tool_entry(value) for place, value in enumerate(VALUES)}
        with closing(self._open(tmp_path)) as cache:
            for key, entry in entries.items():
                cache.put_all({key: entry})
            found = {key: cache.get(key, NOW_S) for key in entries}
        assert found == entries
        assert msgspec.json.encode(found) == msgspec.json.encode(entries)

    def test_an_unknown_key_is_a_miss(self, tmp_path: Path) -> None:
        """A key finds what was put under it and under no other, however alike they are."""
        with closing(self._open(tmp_path)) as cache:
            assert cache.get("ab", NOW_S) is None
            cache.put_all({"ab": ANSWERED})
            assert [cache.get(key, NOW_S) for key in ("a", "abc", "AB", "a*", "a?", "%", "")] == [None] * 7

    def test_the_last_entry_wins(self, tmp_path: Path) -> None:
        """A key has one entry, with the age and the time to live of the last one put."""
        with closing(self._open(tmp_path)) as cache:
            cache.put_all({"a": tool_entry(1, ttl_s=HOUR_S)})
            cache.put_all({"a": tool_entry(2, stored_s=NOW_S + 1)})
            assert cache.get("a", NOW_S + 2 * HOUR_S) == tool_entry(2, stored_s=NOW_S + 1)
            assert cache.stats().entries == 1

    def test_an_entry_is_not_given_after_its_time(self, tmp_path: Path) -> None:
        """It is given until its time to live is over, and then no more; without one it does not age."""
        with closing(self._open(tmp_path)) as cache:
            cache.put_all({"mortal": tool_entry(1, ttl_s=HOUR_S)})
            cache.put_all({"ageless": tool_entry(2)})
            assert cache.get("mortal", NOW_S + HOUR_S - 0.01) is not None
            assert cache.get("mortal", NOW_S + HOUR_S) is None
            assert cache.get("ageless", NOW_S + 1e8) is not None

    def test_an_entry_from_the_future_is_not_given(self, tmp_path: Path) -> None:
        """Where the clock went back, nobody knows how old an entry is that must not grow old."""
        with closing(self._open(tmp_path)) as cache:
            cache.put_all({"a": tool_entry(1, ttl_s=HOUR_S)})
            assert cache.get("a", NOW_S - 10 * HOUR_S) is None

    def test_an_entry_without_time_is_never_given(self, tmp_path: Path) -> None:
        """No time to live at all is allowed, and hides an earlier entry too."""
        for ttl_s in (0.0, -1.0):
            with closing(self._open(tmp_path)) as cache:
                cache.put_all({"a": tool_entry(1)})
                cache.put_all({"a": tool_entry(2, ttl_s=ttl_s)})
                assert cache.get("a", NOW_S) is None

    def test_what_cannot_be_kept_is_left_out(self, tmp_path: Path) -> None:
        """A text that no file can carry costs nobody else anything, and takes the earlier entry of its key along."""
        broken = msgspec.structs.replace(ANSWERED, content=Answer(text="\ud800"))
        with closing(self._open(tmp_path)) as cache:
            cache.put_all({"a": ANSWERED})
            cache.put_all({"a": broken, "b": tool_entry(2), "c": broken})
            assert (cache.get("a", NOW_S), _value(cache, "b"), cache.get("c", NOW_S)) == (None, 2, None)

    def test_many_are_kept_together(self, tmp_path: Path) -> None:
        """One call keeps as many as it is given, and none at all is fine."""
        with closing(self._open(tmp_path)) as cache:
            cache.put_all({})
            cache.put_all({f"k{number}": tool_entry(number) for number in range(300)})
            assert [_value(cache, f"k{number}") for number in range(300)] == list(range(300))

    def test_what_it_may_have_is_known_without_asking(self, tmp_path: Path) -> None:
        """What was put here or, since the last refresh, by others may be there; before the first, anything may."""
        with closing(self._open(tmp_path)) as other, closing(self._open(tmp_path)) as cache:
            other.put_all({"a": ANSWERED})
            assert cache.may_have("a")
            cache.refresh()
            assert cache.may_have("a")
            cache.put_all({"b": ANSWERED})
            other.put_all({"c": ANSWERED, "a": tool_entry(1)})
            cache.refresh()
            assert [cache.may_have(key) for key in "abc"] == [True] * 3
            other.clear()
            other.put_all({"d": ANSWERED})
            cache.refresh()
            assert cache.may_have("d")

    def test_clearing_forgets_everything(self, tmp_path: Path) -> None:
        """It says how many entries that were, and the cache goes on."""
        with closing(self._open(tmp_path)) as cache:
            assert cache.clear() == 0
            for number in range(30):
                cache.put_all({f"k{number}": tool_entry(number)})
            assert (cache.clear(), cache.stats().entries, cache.get("k1", NOW_S)) == (30, 0, None)
            cache.put_all({"k1": ANSWERED})
            assert cache.get("k1", NOW_S) == ANSWERED

    def test_what_is_kept_is_counted(self, tmp_path: Path) -> None:
        """The figures follow what is put."""
        with closing(self._open(tmp_path)) as cache:
            before = cache.stats()
            for number in range(8):
                cache.put_all({f"k{number}": tool_entry("x" * 10_000)})
            after = cache.stats()
        assert (before.entries, after.entries) == (0, 8)
        assert after.bytes - before.bytes >= 80_000
        assert before.limit_bytes == after.limit_bytes

    def test_a_reopened_cache_has_everything(self, tmp_path: Path) -> None:
        """What was put is there for the next process."""
        with closing(self._open(tmp_path)) as cache:
            cache.put_all({"a": ANSWERED})
        with closing(self._open(tmp_path)) as cache:
            assert cache.get("a", NOW_S) == ANSWERED

    def test_two_caches_on_one_path_see_each_other(self, tmp_path: Path) -> None:
        """A notebook has what a terminal paid for, and the other way round."""
        with closing(self._open(tmp_path)) as one, closing(self._open(tmp_path)) as two:
            one.put_all({"a": tool_entry(1)})
            two.put_all({"b": tool_entry(2)})
            assert (_value(one, "b"), _value(two, "a")) == (2, 1)
            one.put_all({"a": tool_entry(3)})
            assert (_value(two, "a"), two.clear(), one.stats().entries) == (3, 2, 0)

    def test_threads_may_use_it_at_once(self, tmp_path: Path) -> None:
        """Calls that end together are kept from several threads, and none is lost or mixed up."""

        def use(number: int) -> Any:
            cache.put_all({f"k{number}": tool_entry(number)})
            return _value(cache, f"k{number}")

        with closing(self._open(tmp_path)) as cache, ThreadPoolExecutor(8) as pool:
            assert list(pool.map(use, range(64))) == list(range(64))

    def test_the_size_is_bounded(self, tmp_path: Path) -> None:
        """However much is put, the limit holds after each, and the newest entry is there."""
        self._need_bound()
        with closing(self._open(tmp_path)) as cache:
            for number in range(200):
                cache.put_all({f"k{number}": tool_entry("x" * (1 + number % 7 * 2_000), stored_s=NOW_S + number)})
                assert cache.stats().bytes <= LIMIT_BYTES
                assert cache.get(f"k{number}", NOW_S + number) is not None
            assert cache.stats().limit_bytes == LIMIT_BYTES
            assert cache.get("k0", NOW_S + 200) is None

    def test_what_is_used_stays(self, tmp_path: Path) -> None:
        """What was not used for longest makes room first; uses count that are minutes apart."""
        self._need_bound()
        with closing(self._open(tmp_path)) as cache:
            cache.put_all({"used": tool_entry("x" * 4_000)})
            for number in range(300):
                now_s = NOW_S + 120.0 * number
                cache.put_all({f"k{number}": tool_entry("x" * 4_000, stored_s=now_s)})
                assert cache.get("used", now_s) is not None

    def test_a_huge_entry_does_not_sweep_the_others_out(self, tmp_path: Path) -> None:
        """It is not kept, and what was kept under its key before, which it replaces, is gone."""
        self._need_bound()
        with closing(self._open(tmp_path)) as cache:
            cache.put_all({"a": tool_entry(1)})
            cache.put_all({"b": tool_entry(2)})
            cache.put_all({"a": tool_entry("x" * LIMIT_BYTES)})
            assert (cache.get("a", NOW_S), _value(cache, "b")) == (None, 2)

    def test_closing_twice_is_harmless(self, tmp_path: Path) -> None:
        """A cache may be closed by whoever used it last."""
        cache = self._open(tmp_path)
        cache.close()
        cache.close()

    def _open(self, folder: Path) -> Cache:
        return self.open(folder / "cache.db", LIMIT_BYTES)

    def _need_bound(self) -> None:
        if not self.bounded:
            pytest.skip("this adapter's server bounds the size")


def _value(cache: Cache, key: str) -> Any:
    entry = cache.get(key, NOW_S)
    assert entry is not None
    assert isinstance(entry.content, ToolValue)
    return entry.content.value
