"""Statistics of calls: written behind, shared by processes, and there again after a restart."""

import subprocess
import sys
import threading
from contextlib import closing

import pytest

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.observation import CallObservation
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage import call_stats
from nubem_jupyter.storage.call_stats import CallStats
from nubem_jupyter.storage.database import Database

NOW_S = 1e9
KEY = (ModelId("a/one"), "answer")


def call(model="a/one", capability="answer", at_s=NOW_S, ok=True):
    return CallObservation(
        model=ModelId(model), capability=capability, at_s=at_s, ok=ok, first_token_s=0.5, output_tokens=9, total_s=1.0
    )


@pytest.fixture
def database(tmp_path):
    with closing(Database(tmp_path / "deep" / "runs.db")) as opened:
        yield opened


@pytest.fixture
def stats(database):
    return CallStats(database, lambda: NOW_S)


def again(database, now_s=NOW_S):
    return CallStats(database, lambda: now_s)


def count(stats, key=KEY):
    return stats.all()[key].ends.count(NOW_S)


def test_what_was_noted_is_known_at_once_and_to_others_once_it_is_saved(database, stats):
    stats.note(call())
    assert count(stats) == 1
    assert again(database).all() == {}
    stats.save()
    assert count(again(database)) == count(stats) == 1


def test_noting_touches_no_disk(tmp_path):
    stats = CallStats(Database(tmp_path / "runs.db"), lambda: NOW_S)
    stats.note(call())
    stats_of_nothing = CallStats(Database(tmp_path / "runs.db"), lambda: NOW_S)
    stats_of_nothing.save()
    assert not list(tmp_path.iterdir()), "neither does saving where there is nothing to save"


def test_each_save_adds_to_what_is_there(database, stats):
    for _ in range(3):
        stats.note(call())
        stats.note(call(capability="classify", ok=False))
        stats.save()
    stats.save()
    assert count(again(database)) == 3
    assert count(again(database), (ModelId("a/one"), "classify")) == 3
    assert count(stats) == 3


def test_it_survives_a_restart(tmp_path):
    for _ in range(3):
        with closing(Database(tmp_path / "runs.db")) as database:
            stats = again(database)
            stats.note(call())
            stats.save()
    with closing(Database(tmp_path / "runs.db")) as database:
        assert count(again(database)) == 3


def test_two_sessions_merge_rather_than_overwrite(database, stats, tmp_path):
    with closing(Database(tmp_path / "deep" / "runs.db")) as second:
        other = again(second)
        for _ in range(5):
            stats.note(call())
            other.note(call())
            stats.all(), other.all()
            stats.save()
            other.save()
        assert count(stats) == count(other) == 10


_PROCESS = """
import sys
from pathlib import Path
from nubem_jupyter.core.observation import CallObservation
from nubem_jupyter.storage.call_stats import CallStats
from nubem_jupyter.storage.database import Database
stats = CallStats(Database(Path(sys.argv[1])), lambda: 1e9)
for _ in range(20):
    for _ in range(5):
        stats.note(CallObservation(model="a/one", capability="answer", at_s=1e9, ok=True))
    stats.save()
"""


def test_processes_that_write_at_once_lose_nothing_of_each_other(database, stats):
    with database.writing():
        pass  # the file is there before anybody hurries
    program = [sys.executable, "-c", _PROCESS, str(database.path)]
    processes = [subprocess.Popen(program) for _ in range(3)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    assert count(stats) == pytest.approx(300)


def test_threads_may_note_while_others_save(database, stats):
    def note():
        for _ in range(2_000):
            stats.note(call())

    threads = [threading.Thread(target=note) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        stats.save()
    stats.save()
    assert count(again(database)) == pytest.approx(6_000)


def test_what_could_not_be_saved_is_saved_the_next_time(database, stats, monkeypatch):
    stats.note(call())
    with monkeypatch.context() as broken:
        broken.setattr(call_stats, "_PUT", "this is no SQL")
        with pytest.raises(StorageError):
            stats.save()
    stats.note(call())
    stats.save()
    assert count(again(database)) == 2


@pytest.mark.parametrize("record", [b"", b"nonsense"])
def test_what_cannot_be_read_is_measured_again(database, stats, record):
    with database.writing() as connection:
        connection.execute(call_stats._PUT, (*KEY, NOW_S, record))
    assert count(stats) == 0
    stats.note(call())
    stats.save()
    assert count(again(database)) == 1


def test_what_nobody_called_for_a_year_goes(database, stats):
    stats.note(call("gone/away"))
    stats.save()
    later_s = NOW_S + 366 * 86_400
    later = again(database, later_s)
    later.note(call(at_s=later_s))
    later.save()
    assert list(later.all()) == [KEY]


def test_a_clock_that_was_ahead_spoils_nothing(database, stats):
    ahead = again(database, 2 * NOW_S)
    ahead.note(call(at_s=2 * NOW_S))
    ahead.save()
    assert count(stats) == 1
    stats.note(call())
    stats.save()
    assert count(again(database)) == 2


def test_what_waits_to_be_taken_in_is_bounded(database, monkeypatch):
    monkeypatch.setattr(call_stats, "_MOST_NOTED", 3)
    stats = again(database)
    for place in range(5):
        stats.note(call(f"a/{place}"))
    assert [model for model, _ in stats.all()] == ["a/2", "a/3", "a/4"]


def test_no_text_that_was_asked_or_answered_can_be_kept(database, stats):
    stats.note(call())
    stats.save()
    with database.reading() as connection:
        names = [name for _, name, *_ in connection.execute("PRAGMA table_info(call_statistics)")]
    assert names == ["model", "capability", "at_s", "record"]


def test_the_last_days_are_told_apart_and_older_ones_go(database):
    now_s = [NOW_S]
    stats = CallStats(database, lambda: now_s[0])
    model = ModelId("a/one")
    day_s = 86_400.0
    for day in range(3):
        stats.note(call(at_s=NOW_S - day * day_s))
    stats.note(call(capability="classify"))
    stats.note(call(at_s=NOW_S + 5 * day_s, ok=False))
    told = stats.days()
    stats.save()
    kept = again(database).days()
    assert list(kept) == sorted(kept)
    assert {key: statistics.ends for key, statistics in kept.items()} == {
        key: statistics.ends for key, statistics in told.items()
    }
    assert [round(kept[key].ends.count(NOW_S - age * day_s)) for age, key in enumerate(sorted(kept, reverse=True))] == [
        3,
        1,
        1,
    ]
    assert {name for name, _ in kept} == {model}
    stats.note(call())
    assert round(stats.days()[model, "2001-09-09"].ends.count(NOW_S)) == 4
    stats.save()
    assert round(again(database).days()[model, "2001-09-09"].ends.count(NOW_S)) == 4
    now_s[0] = NOW_S + 28 * day_s
    stats.note(call(at_s=now_s[0]))
    stats.save()
    assert {day for _, day in again(database, now_s[0]).days()} == {"2001-09-09", "2001-10-07"}
