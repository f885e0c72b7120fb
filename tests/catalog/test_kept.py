"""What is kept from one kernel to the next is whole, or as good as none."""

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.catalog.difference import Change, Difference, Entry
from nubem_jupyter.catalog.history import Changed, History
from nubem_jupyter.catalog.kept import Kept


@given(st.lists(st.text()).map(tuple))
def test_what_was_saved_is_what_is_loaded(value):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        Kept(Path(folder) / "deep" / "a.cache", tuple[str, ...], 1).save(value)
        assert Kept(Path(folder) / "deep" / "a.cache", tuple[str, ...], 1).load() == value


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path / "a.cache", tuple[str, ...], 1)


def test_a_damaged_file_holds_nothing(kept):
    kept.save(("one", "two"))
    whole = kept.path.read_bytes()
    for cut in range(len(whole)):
        kept.path.write_bytes(whole[:cut])
        assert kept.load() is None
    kept.path.write_bytes(whole[:-1] + b"\xff")
    assert kept.load() is None


def test_another_form_holds_nothing(kept):
    kept.save(("one",))
    assert Kept(kept.path, tuple[str, ...], 2).load() is None
    assert Kept(kept.path, int, 1).load() is None


def test_a_disk_that_takes_nothing_keeps_what_it_has(kept, monkeypatch):
    kept.save(("one",))

    def refuse(*_):
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "replace", refuse)
    kept.save(("two",))
    assert kept.load() == ("one",)
    assert [path.name for path in kept.path.parent.iterdir()] == ["a.cache"]


def deep_list():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep


@pytest.mark.parametrize("value", [2**64, "\ud800", deep_list()], ids=["large", "half a character", "deep"])
def test_a_value_that_cannot_be_written_leaves_what_was_kept(kept, value):
    kept.save(("one",))
    kept.save((value,))
    assert kept.load() == ("one",)
    assert [path.name for path in kept.path.parent.iterdir()] == ["a.cache"]


def test_a_damaged_file_without_end_holds_nothing(tmp_path):
    kept = Kept(tmp_path / "a.cache", object, 1)
    kept.path.write_bytes(b"\x92\x01" + b"\x91" * 100_000 + b"\xc0")
    assert kept.load() is None


def added(*names):
    return Difference(added=tuple(Entry(kind="component", id=name) for name in names))


def test_the_newest_change_comes_first_and_outlives_the_kernel(tmp_path):
    first, second = (Changed(at=f"2026-11-0{n}T00:00:00+00:00", difference=added(f"a.{n}")) for n in (1, 2))
    history = History(tmp_path / "changes.cache")
    history.add(first)
    history.add(second)
    assert History(tmp_path / "changes.cache").newest() == (second, first)


def test_what_two_kernels_found_is_put_down_once(tmp_path):
    for second in (1, 2):
        History(tmp_path / "changes.cache").add(
            Changed(at=f"2026-11-01T00:00:0{second}+00:00", difference=added("a.b"))
        )
    assert len(History(tmp_path / "changes.cache").newest()) == 1


def test_kernels_that_write_at_once_lose_nothing(tmp_path):
    def write(kernel):
        history = History(tmp_path / "changes.cache")
        for n in range(20):
            history.add(Changed(at=str(n), difference=added(f"a.{kernel}_{n}")))

    threads = [threading.Thread(target=write, args=(kernel,)) for kernel in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(History(tmp_path / "changes.cache").newest()) == 40


def test_what_cannot_be_locked_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    history = History(tmp_path / "file" / "changes.cache")
    history.add(Changed(at="1", difference=added("a.b")))
    assert history.newest() == ()


def test_what_is_too_much_goes_oldest_first_and_never_the_newest(tmp_path):
    history = History(tmp_path / "changes.cache")
    for n in range(60):
        history.add(Changed(at=str(n), difference=added(f"a.{n}")))
    assert [changed.at for changed in history.newest()] == [str(n) for n in range(59, 9, -1)]
    huge = tuple(Change(kind="model", id=f"m/{n}", field="price", old=None, new=n) for n in range(30_000))
    history.add(Changed(at="huge", difference=Difference(changed=huge)))
    assert [changed.at for changed in history.newest()] == ["huge"]
