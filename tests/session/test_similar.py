"""Similar calls are found, checked before they are trusted, and given no more when they turn out wrong."""

import asyncio
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from nubem_jupyter.errors import StorageError
from nubem_jupyter.session import similar as similar_module
from nubem_jupyter.session.similar import Similar
from nubem_jupyter.storage.similar_calls import SimilarCalls

ASKED = "how do i change the address of my last order"
LIKE_IT = "how do i change the adress of my last order"
OTHER = "how do i change the address of my next order"
LEAST = 0.75


class Never(random.Random):
    """Chance that draws no check."""

    def random(self):
        return 0.999


class Broken:
    """A file that cannot be used until it is mended."""

    def __init__(self, calls):
        self.calls = calls
        self.broken = True

    def __getattr__(self, name):
        if self.broken and name != "close":
            raise StorageError("the disk is on fire")
        return getattr(self.calls, name)


@pytest.fixture
def thread():
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture
def make(tmp_path, thread):
    opened = []

    def make_similar(calls=None, rng=None):
        behind = calls or SimilarCalls(tmp_path / "similar.db", similar_module.MOST_CALLS)
        opened.append(Similar(lambda: behind, thread, rng=rng or Never()))
        return opened[-1]

    yield make_similar
    for similar in opened:
        similar.close()


async def test_a_call_that_is_worded_otherwise_is_found_and_one_that_asks_something_else_is_not(make):
    similar = make()
    assert await similar.find("s", ASKED, LEAST) is None
    similar.add("s", ASKED, "key")
    found = await similar.find("s", LIKE_IT, LEAST)
    assert found.key == "key"
    assert LEAST <= found.similarity < 1
    assert await similar.find("s", LIKE_IT, found.similarity) == found
    assert await similar.find("s", LIKE_IT, 0.999) is None
    assert await similar.find("s", OTHER, LEAST) is None
    assert await similar.find("other scope", ASKED, LEAST) is None


async def test_other_processes_find_it_too(make):
    one = make()
    await one.find("s", ASKED, LEAST, place="support/sort")
    one.add("s", ASKED, "key")
    one.checked("s", agreed=False)
    one.flush()
    other = make()
    assert (await other.find("s", ASKED, LEAST)).key == "key"
    assert (other.false_hits("s").checked, other.false_hits("s").wrong) == (1, 1)
    (listed,) = other.scopes()
    assert (listed.place, listed.entries, listed.trouble) == ("support/sort", 1, "")
    assert listed.false_hits == other.false_hits("s")


async def test_what_is_added_before_anything_was_looked_for_is_found_later(make):
    similar = make()
    similar.add("s", ASKED, "key")
    assert (await similar.find("s", ASKED, LEAST)).key == "key"


async def test_no_text_is_written(make, tmp_path):
    similar = make()
    similar.add("s", ASKED, "key")
    similar.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"key" in written
    assert not any(word.encode() in written for word in ("address", "order", "change"))


async def test_a_text_that_is_too_long_is_neither_kept_nor_found(make):
    similar = make()
    await similar.find("s", "a " * 2000, LEAST)
    similar.add("s", "a " * 2000, "key")
    assert await similar.find("s", "a " * 2000, LEAST) is None
    assert similar.scopes() == ()


async def test_a_call_whose_answer_is_gone_is_found_no_more(make):
    similar = make()
    await similar.find("s", ASKED, LEAST)
    similar.add("s", ASKED, "key")
    similar.lost("s", "key")
    similar.lost("nowhere", "key")
    assert await similar.find("s", ASKED, LEAST) is None
    assert await make().find("s", ASKED, LEAST) is None


async def test_the_first_hits_are_checked_then_a_share(make):
    similar = make()
    await similar.find("s", ASKED, LEAST)
    for _ in range(20):
        assert similar.is_checked("s")
        similar.checked("s", agreed=True)
    assert not similar.is_checked("s")
    drawn = make(rng=random.Random(7))
    await drawn.find("s", ASKED, LEAST)
    assert 10 < sum(drawn.is_checked("s") for _ in range(1000)) < 100


async def test_a_scope_that_is_measured_to_be_wrong_gives_nothing_and_says_why(make):
    similar = make()
    await similar.find("s", ASKED, LEAST)
    similar.add("s", ASKED, "key")
    for number in range(20):
        assert await similar.find("s", ASKED, LEAST)
        similar.checked("s", agreed=number > 2)
    assert await similar.find("s", ASKED, LEAST) is None
    assert "3 of 20" in similar.trouble("s")
    assert similar.trouble("unknown") == ""
    assert similar.scopes()[0].trouble == similar.trouble("s")
    fresh = make()
    assert await fresh.find("s", ASKED, LEAST) is None, "it stays so in the next session"
    assert fresh.clear() == 1
    assert await fresh.find("s", ASKED, LEAST) is None
    assert fresh.trouble("s") == "", "clearing begins anew"


async def test_what_is_in_memory_is_bounded_and_what_is_used_stays(make, monkeypatch):
    monkeypatch.setattr(similar_module, "_MOST_SCOPES", 2)
    similar = make()
    await similar.find("used", ASKED, LEAST)
    similar.add("used", ASKED, "key")
    similar.checked("used", agreed=True)
    for number in range(3):
        await similar.find(f"s{number}", ASKED, LEAST)
        await similar.find("used", ASKED, LEAST)
        assert similar.false_hits("used").checked == 1
    assert similar.false_hits("s0").checked == 0
    similar.checked("s0", agreed=True)
    await similar.find("s0", ASKED, LEAST)
    assert similar.false_hits("s0").checked == 1, "read again from the file"


async def test_a_broken_file_never_troubles_a_run(make, tmp_path):
    file = Broken(SimilarCalls(tmp_path / "later.db", 10))
    similar = make(file)
    assert await similar.find("s", ASKED, LEAST) is None
    similar.add("s", ASKED, "key")
    similar.flush()
    assert (await similar.find("s", ASKED, LEAST)).key == "key", "memory does"
    assert similar.file_trouble == "the disk is on fire"
    with pytest.raises(StorageError):
        similar.scopes()
    file.broken = False
    similar.add("s", OTHER, "other")
    similar.flush()
    assert similar.file_trouble == ""


async def test_closing_writes_what_is_left_and_a_closed_thread_is_no_trouble(make, tmp_path):
    with ThreadPoolExecutor(1) as pool:
        similar = Similar(lambda: SimilarCalls(tmp_path / "similar.db", 10), pool, rng=Never())
    similar.add("s", ASKED, "key")
    assert await similar.find("s", ASKED, LEAST) is None, "nothing is known, and nothing raised"
    similar.close()
    similar.close()
    assert (await make().find("s", ASKED, LEAST)).key == "key"


def test_loops_in_several_threads_may_share_one(make):
    similar, failures = make(), []

    async def use(name):
        for number in range(60):
            text = f"{ASKED} {name} {number % 7}"
            await similar.find("s", text, LEAST)
            similar.add("s", text, f"{name}-{number % 7}")
            found = await similar.find("s", text, 1)
            assert found is not None
            assert found.key == f"{name}-{number % 7}"
            similar.checked("s", agreed=True)

    def run(name):
        try:
            asyncio.run(use(name))
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=run, args=(name,)) for name in ("ab", "cd", "ef")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not failures
    similar.flush()
    assert similar.false_hits("s").checked == 180
    assert make().scopes()[0].entries == 21
