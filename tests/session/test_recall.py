"""What was answered is at hand again; equal calls are made once; the cache behind never troubles a run."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from nubem_jupyter.core.cache import CacheEntry, ToolValue
from nubem_jupyter.core.call import Answer
from nubem_jupyter.errors import StorageError
from nubem_jupyter.session import recall as recall_module
from nubem_jupyter.session.memory import Memory
from nubem_jupyter.session.recall import Recall
from nubem_jupyter.session.recalling import Recalling
from nubem_jupyter.testing import CacheShelf, MemoryCache

LONG_S = 30.0
"""Longer than any of this takes; a test that waits so long has failed."""


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now_s = 2e9

    def __call__(self):
        return self.now_s


class Broken(MemoryCache):
    """A cache that fails as long as it is told to, and counts how often it was asked."""

    broken = True
    asked = 0

    def _ask(self):
        self.asked += 1
        if self.broken:
            raise StorageError("the disk is on fire")

    def get(self, key, now_s):
        self._ask()
        return super().get(key, now_s)

    def may_have(self, key):
        return True

    def put_all(self, entries):
        self._ask()
        super().put_all(entries)

    def refresh(self):
        self._ask()

    def clear(self):
        self._ask()
        return super().clear()

    def stats(self):
        self._ask()
        return super().stats()


def entry(text="x", *, stored_s=2e9, ttl_s=None):
    return CacheEntry(content=Answer(text=text), stored_s=stored_s, ttl_s=ttl_s)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shelf():
    return CacheShelf()


@pytest.fixture
def thread():
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture
def make(clock, thread, shelf):
    def make_recall(cache=None, **options):
        behind = cache or MemoryCache(shelf=shelf)
        return Recall(lambda: behind, thread, wall_clock=clock, **options)

    return make_recall


# At hand.


async def test_what_was_kept_is_at_hand_at_once_and_behind_soon(make, shelf):
    one = make()
    one.keep("a", entry("one"))
    assert one.at_hand("a") == entry("one")
    assert one.at_hand("b") is None
    one.flush()
    other = make()
    assert other.at_hand("a") is None
    assert await other.find("a") == entry("one")
    assert other.at_hand("a") == entry("one"), "what was found is at hand from then on"
    assert await other.find("b") is None


async def test_what_is_kept_is_written_by_itself(make, shelf, monkeypatch):
    """Nobody has to flush: a little later it is there for other processes."""
    monkeypatch.setattr(recall_module, "_WRITE_EVERY_S", 0.01)
    recall = make()
    for number in range(10):
        recall.keep(f"k{number}", entry())
    await until(lambda: len(shelf.records) == 10)
    recall.keep("later", entry())
    await until(lambda: "later" in shelf.records)


async def test_many_are_written_a_portion_at_a_time(make, shelf, monkeypatch):
    monkeypatch.setattr(recall_module, "_PORTION", 10)
    recall = make()
    for number in range(256):
        recall.keep(f"k{number}", entry())
    portions = set()
    await until(lambda: portions.add(len(shelf.records)) or len(shelf.records) == 256)
    assert len(portions) > 2


def test_what_was_kept_on_a_loop_that_ended_is_written_all_the_same(make, shelf, monkeypatch):
    """A script's loop ends long before its entries are due; the next loop, or closing, writes them."""
    monkeypatch.setattr(recall_module, "_WRITE_EVERY_S", 3600.0)
    recall = make()

    async def keep(key):
        recall.keep(key, entry())

    async def keep_and_stay(key):
        recall.keep(key, entry())
        await until(lambda: key in shelf.records)

    asyncio.run(keep("first"))
    assert not shelf.records
    monkeypatch.setattr(recall_module, "_WRITE_EVERY_S", 0.01)
    asyncio.run(keep_and_stay("second"))
    assert set(shelf.records) == {"first", "second"}
    monkeypatch.setattr(recall_module, "_WRITE_EVERY_S", 3600.0)
    asyncio.run(keep("third"))
    recall.close()
    assert "third" in shelf.records


async def test_the_last_entry_of_a_key_is_the_one_that_is_written(make, shelf):
    recall = make()
    recall.keep("a", entry("old"))
    recall.keep("a", entry("new"))
    recall.flush()
    assert await make().find("a") == entry("new")


async def test_an_entry_is_never_given_after_its_time(make, clock):
    """In memory or behind it: from the moment on when its time is over it is not there."""
    recall = make()
    recall.keep("a", entry(ttl_s=10.0))
    recall.keep("never", entry(ttl_s=0.0))
    recall.flush()
    assert recall.at_hand("never") is None
    clock.now_s += 9.9
    assert recall.at_hand("a") == await make().find("a") == entry(ttl_s=10.0)
    clock.now_s += 0.1
    assert recall.at_hand("a") is None
    assert await recall.find("a") is None
    assert await make().find("a") is None


async def test_an_entry_from_the_future_is_not_given(make, clock):
    recall = make()
    recall.keep("a", entry(ttl_s=10.0))
    clock.now_s -= 1.0
    assert recall.at_hand("a") is None


async def test_a_tools_value_belongs_to_whoever_got_it(make):
    """Changing what a tool gave, or what was given again, changes nothing for the next."""
    recall, value = make(), {"rows": [1]}
    recall.keep("a", CacheEntry(content=ToolValue.of(value), stored_s=2e9))
    value["rows"].append(2)
    recall.at_hand("a").content.value["rows"].append(3)
    assert recall.at_hand("a").content.value == {"rows": [1]}


async def test_what_cannot_be_there_is_not_looked_for(make, shelf):
    behind = MemoryCache(shelf=shelf)
    recall = make(behind)
    await recall.refresh()
    assert not recall.may_have("a")
    assert await recall.find("a") is None
    assert behind.gets == []


async def test_the_memory_is_bounded_and_what_is_used_stays(make):
    recall = make(most_bytes=20_000)
    recall.keep("used", entry("x" * 700))
    for number in range(100):
        recall.keep(f"k{number}", entry("x" * 700))
        assert recall.at_hand("used") is not None
    assert sum(recall.at_hand(f"k{number}") is not None for number in range(100)) == 14
    assert recall.at_hand("k99") is not None


def test_a_huge_entry_does_not_sweep_the_others_out_of_memory():
    memory = Memory(20_000)
    memory.put("a", entry("small"))
    memory.put("b", entry("small"))
    memory.put("b", entry("x" * 20_000))
    assert memory.get("a") == entry("small")
    assert memory.get("b") is None, "the small one was replaced"


def test_dropping_makes_room():
    memory = Memory(20_000)
    memory.put("a", entry("x" * 1_800))
    for _ in range(20):
        memory.put("b", entry("x" * 1_800))
        memory.drop("b")
        memory.drop("b")
    assert memory.get("a") is not None
    memory.clear()
    assert memory.get("a") is None


def test_threads_may_look_while_others_keep():
    """No look-up fails while entries come and go under it, and none gives another key's entry."""
    memory, failures = Memory(20_000), []

    def use(name):
        try:
            for number in range(3_000):
                key = f"k{number % 40}"
                memory.put(key, entry(key))
                found = memory.get(key)
                assert found is None or found.content.text == key
                memory.drop(f"k{(number * 7 + name) % 40}")
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=use, args=(name,)) for name in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(LONG_S)
    assert not failures


# Under way.


async def test_an_equal_call_under_way_is_waited_for(make):
    recall = make()
    assert recall.flights().under_way("a") is None
    recall.flights().takes_off("a")
    waiting = [recall.flights().under_way("a") for _ in range(3)]
    assert all(landing is not None and not landing.done() for landing in waiting)
    assert recall.flights().under_way("b") is None
    recall.flights().lands("a", entry("shared"))
    assert [await landing for landing in waiting] == [entry("shared")] * 3
    assert recall.flights().under_way("a") is None


async def call(recall, made, key="a", answer="x", ending=None):
    """Do what a run does for each call: wait for an equal one, or make it."""
    recalling = Recalling(recall, recall.flights(), key)
    found = recalling.at_once()
    try:
        if found is None and not recalling.is_flying:
            found = await recalling.found()
        if found is not None:
            return found
        made.append(key)
        await (ending or asyncio.sleep)(0.001)
        recalling.keep(entry(answer))
        return entry(answer)
    finally:
        recalling.lands()


async def test_a_hundred_equal_calls_at_once_are_made_once(make):
    recall, made = make(), []
    found = await asyncio.gather(*(call(recall, made) for _ in range(100)))
    assert found == [entry()] * 100
    assert made == ["a"]


async def test_when_the_one_that_calls_is_cancelled_another_calls(make):
    """Those that wait lose nothing: one of them makes the call, and the others wait for that."""
    recall, made = make(), []
    never = asyncio.Event()
    first = asyncio.create_task(call(recall, made, ending=lambda _s: never.wait()))
    await asyncio.sleep(0)
    others = [asyncio.create_task(call(recall, made)) for _ in range(20)]
    await until(lambda: made == ["a"])
    first.cancel()
    found = await asyncio.wait_for(asyncio.gather(*others), LONG_S)
    assert first.cancelled()
    assert found == [entry()] * 20
    assert made == ["a", "a"]


async def test_when_the_one_that_calls_fails_another_calls(make):
    async def fail(_s):
        await asyncio.sleep(0.001)
        raise ConnectionResetError("cut off")

    recall, made = make(), []
    first = asyncio.create_task(call(recall, made, ending=fail))
    await asyncio.sleep(0)
    second = asyncio.create_task(call(recall, made))
    assert await asyncio.wait_for(second, LONG_S) == entry()
    with pytest.raises(ConnectionResetError):
        await first
    assert made == ["a", "a"]


async def test_when_it_fails_those_that_waited_do_not_fail_one_after_the_other(make):
    """They go on as they would have without waiting: all at once."""
    at_once, most = 0, 0

    async def fail(_s):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        raise ConnectionResetError("cut off")

    recall, made = make(), []
    found = await asyncio.gather(*(call(recall, made, ending=fail) for _ in range(20)), return_exceptions=True)
    assert [type(error) for error in found] == [ConnectionResetError] * 20
    assert most == 19


async def test_one_that_waits_may_be_cancelled_without_harm_to_the_others(make):
    recall, made = make(), []
    first = asyncio.create_task(call(recall, made))
    await asyncio.sleep(0)
    others = [asyncio.create_task(call(recall, made)) for _ in range(5)]
    await asyncio.sleep(0)
    others[2].cancel()
    found = await asyncio.gather(first, *others, return_exceptions=True)
    assert isinstance(found.pop(3), asyncio.CancelledError)
    assert found == [entry()] * 5
    assert made == ["a"]


async def test_of_two_that_take_off_the_first_to_land_serves_those_that_wait(make):
    recall = make()
    recall.flights().takes_off("a")
    landing = recall.flights().under_way("a")
    recall.flights().takes_off("a")
    recall.flights().lands("a", entry("first"))
    recall.flights().lands("a", entry("second"))
    assert await landing == entry("first")
    recall.flights().lands("b", None)


def test_loops_do_not_wait_for_each_other(make):
    """A future of one loop cannot be awaited on another, so each makes its own calls, at the same time too."""
    recall, made = make(), []
    both_called = threading.Barrier(2, timeout=LONG_S)

    async def meet(_s):
        await asyncio.to_thread(both_called.wait)

    async def run():
        return await asyncio.gather(*(call(recall, made, ending=meet) for _ in range(10)))

    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(asyncio.run, run()) for _ in range(2)]
        assert [result.result(LONG_S) for result in results] == [[entry()] * 10] * 2
    assert made == ["a", "a"]


def test_a_call_whose_loop_died_is_waited_for_by_nobody(make):
    recall = make()

    async def leave():
        recall.flights().takes_off("a")

    async def look():
        return recall.flights().under_way("a")

    for _ in range(20):  # a new loop may take the old one's place in memory
        asyncio.run(leave())
        assert asyncio.run(look()) is None


# Behind.


async def test_a_cache_in_trouble_is_a_miss_and_is_told(make):
    behind = Broken()
    recall = make(behind)
    assert await recall.find("a") is None
    assert recall.trouble == "the disk is on fire"
    recall.keep("a", entry())
    recall.flush()
    await recall.refresh()
    assert recall.at_hand("a") == entry(), "memory goes on"
    recall.close()


async def test_after_a_few_failures_in_a_row_it_is_left_alone_for_a_minute(make, clock):
    behind = Broken()
    recall = make(behind)
    for _ in range(10):
        assert await recall.find("a") is None
    assert behind.asked == 3
    assert not recall.may_have("a")
    recall.keep("b", entry())
    recall.flush()
    assert behind.asked == 3
    clock.now_s += 61.0
    behind.broken = False
    assert recall.may_have("a")
    assert await recall.find("a") is None
    assert (behind.asked, recall.trouble) == (4, "")


async def test_failures_with_answers_in_between_are_no_reason_to_leave_it_alone(make):
    behind = Broken()
    recall = make(behind)
    for number in range(12):
        behind.broken = bool(number % 3)
        await recall.find("a")
    assert behind.asked == 12


async def test_a_clock_that_goes_back_ends_the_rest(make, clock):
    behind = Broken()
    recall = make(behind)
    for _ in range(3):
        await recall.find("a")
    clock.now_s -= 1e6
    await recall.find("a")
    assert behind.asked == 4


async def test_looking_at_what_others_wrote_is_not_done_often(make, clock):
    behind = Broken()
    behind.broken = False
    recall = make(behind)
    for _ in range(5):
        await recall.refresh()
    assert behind.asked == 1
    clock.now_s += 2.0
    await recall.refresh()
    assert behind.asked == 2
    clock.now_s -= 1e6
    await recall.refresh()
    assert behind.asked == 3


async def test_the_cache_is_made_once_and_late(clock, thread):
    made = []

    def cache():
        made.append(threading.current_thread())
        return MemoryCache()

    recall = Recall(cache, thread, wall_clock=clock)
    assert recall.may_have("a")
    assert recall.at_hand("a") is None
    assert not made
    await asyncio.gather(*(recall.find("a") for _ in range(5)))
    assert len(made) == 1
    assert made[0] is not threading.main_thread()


async def test_clearing_forgets_memory_and_cache_and_what_waits(make, shelf):
    recall = make()
    recall.keep("a", entry())
    recall.flush()
    recall.keep("b", entry())
    assert recall.clear() == 1
    recall.flush()
    assert (recall.at_hand("a"), recall.at_hand("b"), len(shelf.records)) == (None, None, 0)


async def test_counting_counts_what_waits_too(make):
    recall = make()
    recall.keep("a", entry())
    assert recall.stats().entries == 1


async def test_who_asks_for_the_figures_is_told_of_trouble(make):
    recall = make(Broken())
    recall.keep("a", entry())
    with pytest.raises(StorageError, match="on fire"):
        recall.stats()
    with pytest.raises(StorageError, match="on fire"):
        recall.clear()
    assert recall.at_hand("a") is None


async def test_a_closed_session_misses_and_breaks_nothing(clock, shelf, monkeypatch):
    """Closing writes what waits; what comes later stays in memory."""
    monkeypatch.setattr(recall_module, "_WRITE_EVERY_S", 0.01)
    thread = ThreadPoolExecutor(1)
    recall = Recall(lambda: MemoryCache(shelf=shelf), thread, wall_clock=clock)
    recall.keep("a", entry())
    recall.close()
    recall.close()
    assert "a" in shelf.records
    thread.shutdown()
    assert await recall.find("b") is None
    await recall.refresh()
    recall.keep("c", entry())
    await asyncio.sleep(0.05)
    assert recall.at_hand("c") == entry()


async def until(reached):
    """Wait until it is so."""
    async with asyncio.timeout(LONG_S):
        while not reached():  # noqa: ASYNC110  # another thread reaches it
            await asyncio.sleep(0.005)
