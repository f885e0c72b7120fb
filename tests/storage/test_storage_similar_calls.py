"""The file of similar calls: bounded, shared, private, and begun anew where it is damaged."""

import sqlite3
from contextlib import closing

import pytest

from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage import similar_calls
from nubem_jupyter.storage.similar_calls import CheckedHit, Kept, LostCall, MadeCall, SimilarCalls


def made(key, scope="s", place="f/a", sides=b""):
    return MadeCall(scope, place, b"marks", sides or key.encode(), key)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "similar.db"


@pytest.fixture
def calls(path):
    with closing(SimilarCalls(path, 3)) as made_calls:
        yield made_calls


def test_what_was_saved_is_loaded_oldest_first_in_any_process(calls, path):
    assert calls.load("s") == Kept((), 0, 0)
    calls.save([made("a"), made("b"), made("x", "other"), CheckedHit("s", "", True), CheckedHit("s", "", False)])
    with closing(SimilarCalls(path, 3)) as other:
        assert other.load("s") == Kept([(b"marks", b"a", "a"), (b"marks", b"b", "b")], 2, 1)
        other.save([CheckedHit("s", "", True)])
    assert calls.load("s")[1:] == (3, 2)
    assert {found.stat().st_mode & 0o077 for found in path.parent.iterdir()} == {0}


def test_a_call_of_the_same_signature_takes_the_earlier_ones_place_as_the_newest(calls):
    calls.save([made("a", sides=b"1"), made("b", sides=b"2"), made("c", sides=b"1")])
    assert [key for *_, key in calls.load("s").calls] == ["b", "c"]


def test_the_oldest_of_a_scope_make_room(calls):
    calls.save(made(f"k{number}") for number in range(5))
    calls.save([made("x", "other")])
    assert [key for *_, key in calls.load("s").calls] == ["k2", "k3", "k4"]
    assert len(calls.load("other").calls) == 1


def test_the_whole_file_is_bounded_and_scopes_of_which_nothing_is_left_go(path, monkeypatch):
    monkeypatch.setattr(similar_calls, "_MOST", 4)
    with closing(SimilarCalls(path, 3)) as calls:
        calls.save([CheckedHit("s0", "f/0", True)])
        for number in range(9):
            calls.save([made("k", f"s{number}", f"f/{number}")])
        assert [row[0] for row in calls.list()] == ["f/0", "f/5", "f/6", "f/7", "f/8"], "what was measured stays"


def test_what_is_lost_is_not_loaded(calls):
    calls.save([made("a"), made("b"), LostCall("s", "", "a"), LostCall("nowhere", "", "a")])
    assert [key for *_, key in calls.load("s").calls] == ["b"]


def test_places_are_listed_with_their_counts_and_keep_their_name(calls):
    calls.save([made("a", "t", "g/b"), made("a", place=""), made("b"), CheckedHit("s", "", True)])
    assert calls.list() == [("f/a", 2, 1, 1), ("g/b", 1, 0, 0)]
    calls.save([made("c", place="f/renamed"), CheckedHit("s", "", False)])
    assert calls.list()[0] == ("f/renamed", 3, 2, 1)


def test_clearing_forgets_what_was_measured_too(calls):
    calls.save([made("a"), CheckedHit("s", "", True)])
    assert (calls.clear(), calls.clear()) == (1, 0)
    assert calls.load("s") == Kept((), 0, 0)


def test_a_damaged_file_is_set_aside_and_a_new_one_begun(path):
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 40)
    with closing(SimilarCalls(path, 3)) as calls:
        calls.save([made("a")])
        assert len(calls.load("s").calls) == 1
    assert path.with_name("similar.db.damaged").exists()


def test_a_file_of_another_program_is_left_alone(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
    with closing(SimilarCalls(path, 3)) as calls, pytest.raises(StorageError, match="another program"):
        calls.load("s")
