"""What happens to the store when the world goes wrong: nothing half-written, nothing deleted, one sentence."""

import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from contextlib import closing

import msgspec
import pytest

from nubem_jupyter.core.ids import NodePath, RunId
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage.sqlite import SqliteRunStore
from nubem_jupyter.testing.conformance.store import keep
from nubem_jupyter.testing.runs import sample_node, sample_run

BEGUN = msgspec.structs.replace(sample_run("a1"), nodes=(), log=(), result=None, latency_s=0.0, outcome=Outcome.RUNNING)


def python(program: str, *arguments: object, **options) -> subprocess.Popen:
    """Start another process that writes to a store."""
    prelude = """
        import sys
        from pathlib import Path
        from nubem_jupyter.core.ids import NodePath, RunId
        from nubem_jupyter.storage.sqlite import SqliteRunStore
        from nubem_jupyter.testing.runs import sample_node, sample_run
        store = SqliteRunStore(Path(sys.argv[1]))
    """
    source = textwrap.dedent(prelude) + textwrap.dedent(program)
    return subprocess.Popen(
        [sys.executable, "-c", source, *map(str, arguments)], stdout=subprocess.PIPE, text=True, **options
    )


def files(folder):
    return sorted(path.name for path in (folder / "journals").glob("*.jsonl"))


def test_what_was_told_as_written_survives_a_kill(tmp_path):
    """A process killed while it writes loses nothing that a call had returned from, and the store still opens."""
    path = tmp_path / "runs.db"
    program = """
        run = sample_run("a1")
        store.begin(run)
        number = 0
        while True:
            store.save_node(run.id, sample_node(NodePath(f"n{number}")))
            print(number, flush=True)
            number += 1
    """
    writer = python(program, path)
    last = -1
    for line in writer.stdout:
        last = int(line)
        if last >= 40:
            writer.send_signal(signal.SIGKILL)
    writer.wait()
    with closing(SqliteRunStore(path)) as store:
        found = store.load(RunId("a1"))
        assert [node.path for node in found.nodes[: last + 1]] == [f"n{number}" for number in range(last + 1)]
        assert len(found.nodes) <= last + 2, "at most one was written and not yet told"
        store.begin(sample_run("a2"))


def test_two_processes_write_at_once(tmp_path):
    """A notebook and a terminal open a new store together, write together, and nothing is lost."""
    path = tmp_path / "runs.db"
    program = """
        run = sample_run(sys.argv[2])
        store.begin(run)
        for number in range(30):
            store.save_node(run.id, sample_node(NodePath(f"n{number}")))
        store.end(run)
    """
    writers = [python(program, path, name) for name in ("one", "two", "three")]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    for writer in writers:
        writer.stdout.close()
    with closing(SqliteRunStore(path)) as store:
        assert {run.id: run.steps for run in store.list()} == {"one": 30, "two": 30, "three": 30}


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path):
    """A run that does not fit is kept as its journal until there is room again; what was there stays."""
    small = sample_run("a1")
    large = sample_run("b2", inputs={"text": "x" * 500_000})
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        keep(store, small)
        with store.database.writing() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
        with store.database.reading() as connection:
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StorageError, match="disk is full") as caught:
            keep(store, large)
        assert "NUBEM_HOME" in caught.value.hint
        assert [run.id for run in store.list()] == ["b2", "a1"], "one of them from its journal"
        assert store.load(large.id) == large
        assert files(tmp_path) == ["b2.jsonl"]
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        assert store.load(small.id) == small
        assert store.load(large.id) == large
        assert files(tmp_path) == []


def test_a_write_that_the_system_cuts_short_is_told(tmp_path):
    """The system's own refusal in the middle of a write, here a limit of file size, is told and undone."""
    path = tmp_path / "runs.db"
    program = """
        import msgspec, resource, signal
        from nubem_jupyter.errors import StorageError
        store.begin(sample_run("a1"))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        try:
            store.begin(sample_run("b2", inputs={"text": "x" * 2_000_000}))
        except StorageError as error:
            print("told", error.message)
        print([run.id for run in store.list()])
    """
    writer = python(program, path)
    said = writer.communicate()[0]
    assert writer.returncode == 0
    assert said.startswith("told the store")
    assert "the disk is full" in said
    assert "['a1']" in said
    with closing(SqliteRunStore(path)) as store:
        assert [run.id for run in store.list()] == ["a1"]


@pytest.mark.parametrize("spoil", ["text", "middle"])
def test_a_damaged_file_is_told_and_left_alone(tmp_path, spoil):
    """The sentence has the path and how to move it aside; the file is as it was, and a mended one is opened."""
    path = tmp_path / "runs.db"
    with closing(SqliteRunStore(path)) as store:
        for number in range(40):
            keep(store, sample_run(f"r{number}"))
    sound = path.read_bytes()
    spoilt = b"not a database, " * 1000 if spoil == "text" else sound[:4096] + b"\xff" * (len(sound) - 4096)
    path.write_bytes(spoilt)
    with closing(SqliteRunStore(path)) as store:
        with pytest.raises(StorageError, match="damaged") as caught:
            store.list()
        assert str(path) in caught.value.message
        assert f"mv '{path}'" in caught.value.hint
        assert path.read_bytes() == spoilt
        path.write_bytes(sound)
        assert len(store.list()) == 40


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE run SET plan = '{broken' WHERE id = 'r2'",
        "UPDATE run SET plan = x'ff00' WHERE id = 'r2'",
        "UPDATE run SET outcome = 'odd' WHERE id = 'r2'",
        "UPDATE run SET version = 99 WHERE id = 'r2'",
    ],
)
def test_one_damaged_run_does_not_hide_the_others(tmp_path, spoil):
    """The others are listed, as many as were asked for; the damaged one is named, and loading it says what it is."""
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        for number in range(4):
            keep(store, sample_run(f"r{number}", started_at=f"2030-01-0{number + 1}"))
        with store.database.writing() as connection:
            connection.execute(spoil)
        assert [run.id for run in store.list()] == ["r3", "r1", "r0"]
        assert [run.id for run in store.list(2)] == ["r3", "r1"]
        assert store.damaged() == ["r2"]
        with pytest.raises(StorageError, match="run 'r2' cannot be read") as caught:
            store.load(RunId("r2"))
        assert "file" not in caught.value.hint
        assert ("update" in caught.value.hint) == ("99" in spoil)


def test_a_damaged_step_is_told_when_its_run_is_read(tmp_path):
    """A list reads no steps, so it shows the run all the same."""
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        keep(store, sample_run("r1"))
        with store.database.writing() as connection:
            connection.execute("UPDATE node SET record = '[' WHERE run = 'r1'")
        assert [run.id for run in store.list()] == ["r1"]
        with pytest.raises(StorageError, match="run 'r1' cannot be read"):
            store.load(RunId("r1"))


def test_a_check_finds_a_file_that_is_cut_or_cannot_be_used(tmp_path):
    """A sound file passes and stays as it is, one that lost its end or gave way to a folder does not."""
    path = tmp_path / "runs.db"
    with closing(SqliteRunStore(path)) as store:
        for number in range(40):
            keep(store, sample_run(f"r{number}"))
        store.database.check()
        assert len(store.list()) == 40
    path.write_bytes(path.read_bytes()[:-8192])
    with closing(SqliteRunStore(path)) as store, pytest.raises(StorageError, match="damaged"):
        store.database.check()
    with closing(SqliteRunStore(tmp_path)) as store, pytest.raises(StorageError):
        store.database.check()


def test_a_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "runs.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (a)")
        other.commit()
    with closing(SqliteRunStore(path)) as store, pytest.raises(StorageError, match="another program"):
        store.list()
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]


def test_a_place_that_cannot_be_opened_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "runs.db", tmp_path):
        with closing(SqliteRunStore(path)) as store, pytest.raises(StorageError) as caught:
            store.begin(BEGUN)
        assert "NUBEM_HOME" in caught.value.hint


def test_a_file_that_may_not_be_written_is_told(tmp_path):
    """Root may write to every file, so SQLite itself is told to refuse."""
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        store.begin(BEGUN)
        with store.database.reading() as connection:
            connection.execute("PRAGMA query_only = ON")
        with pytest.raises(StorageError, match="may not be written") as caught:
            store.end(sample_run("a1"))
        assert "permissions" in caught.value.hint


def test_a_store_that_stays_busy_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("nubem_jupyter.storage.database._BUSY_S", 0.05)
    path = tmp_path / "runs.db"
    with closing(SqliteRunStore(path)) as store, closing(SqliteRunStore(path)) as other:
        store.begin(BEGUN)
        with other.database.writing():
            store.save_node(BEGUN.id, sample_node(NodePath("a")))
            with pytest.raises(StorageError, match="in use by another process"):
                store.end(sample_run("a1"))
        assert other.load(BEGUN.id) == sample_run("a1", nodes=(sample_node(NodePath("a")),))
        assert files(tmp_path) == []


def test_a_value_that_is_not_json_is_told(tmp_path):
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        for value in (object(), "\ud800"):
            with pytest.raises(StorageError, match="plain JSON"):
                store.begin(msgspec.structs.replace(BEGUN, inputs={"a": value}))
        assert list(store.list()) == []


def _delete_and_fail(store):
    with store.database.writing() as connection:
        connection.execute("DELETE FROM run")
        _ = 1 / 0


def test_a_block_that_fails_changes_nothing(tmp_path):
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        keep(store, sample_run("a1"))
        with pytest.raises(ZeroDivisionError):
            _delete_and_fail(store)
        assert [run.id for run in store.list()] == ["a1"]


def test_nobody_else_may_read_the_file(tmp_path):
    """Prompts and answers are the user's own."""
    path = tmp_path / "deep" / "runs.db"
    with closing(SqliteRunStore(path)) as store:
        assert not path.exists(), "nothing is touched before the first use"
        store.begin(BEGUN)
        assert {found.stat().st_mode & 0o077 for found in path.parent.iterdir()} == {0}


def test_a_thread_that_waits_does_not_see_half_a_change(tmp_path):
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        keep(store, sample_run("a1"))
        seen = []
        with store.database.writing() as connection:
            connection.execute("DELETE FROM run")
            reader = threading.Thread(target=lambda: seen.append(len(store.list())))
            reader.start()
            connection.execute("SELECT 1")
        reader.join()
        assert seen == [0]
