"""What a run's journal promises when a process is killed, several share a store, or the disk is full."""

import random
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import closing

import pytest

from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.storage.sqlite import SqliteRunStore
from nubem_jupyter.testing.conformance.store import keep
from nubem_jupyter.testing.runs import sample_run

PRELUDE = """
    import sys, time
    from pathlib import Path
    from nubem_jupyter.core.ids import NodePath, RunId
    from nubem_jupyter.errors import StorageError
    from nubem_jupyter.storage.sqlite import SqliteRunStore
    from nubem_jupyter.testing.conformance.store import begun
    from nubem_jupyter.testing.runs import sample_node, sample_run
    store = SqliteRunStore(Path(sys.argv[1]))
"""


def python(program, *arguments):
    source = textwrap.dedent(PRELUDE) + textwrap.dedent(program)
    return subprocess.Popen(
        [sys.executable, "-c", source, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


WRITE = """
    run = sample_run("a1")
    store.begin(begun(run))
    print("begun", flush=True)
    number = 0
    while True:
        store.save_node(run.id, sample_node(NodePath(f"n{number}")))
        sys.stdout.write(f"{number}\\n")
        sys.stdout.flush()
        number += 1
"""


@pytest.mark.parametrize("seed", range(4))
def test_what_was_told_as_written_survives_a_kill_at_any_moment(tmp_path, seed):
    """Every node whose record had returned is there, in order, and the run can be taken up."""
    writer = python(WRITE, tmp_path / "runs.db")
    assert writer.stdout.readline() == "begun\n"
    time.sleep(random.Random(seed).uniform(0.0, 0.05))
    writer.send_signal(signal.SIGKILL)
    told = [int(line) for line in writer.stdout if line.endswith("\n")]
    writer.communicate()
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        found = store.resume(RunId("a1"))
        assert found.outcome is Outcome.RUNNING
        assert [node.path for node in found.nodes[: len(told)]] == [f"n{number}" for number in told]
        assert len(found.nodes) <= len(told) + 1, "at most one was written and not yet told"


def test_a_process_killed_while_it_ends_a_run_loses_nothing(tmp_path):
    """Wherever the kill falls, the run is there once, with all of its nodes."""
    program = """
        run = sample_run(sys.argv[2])
        store.begin(begun(run))
        for number in range(2000):
            store.save_node(run.id, sample_node(NodePath(f"n{number}")))
        print("ending", flush=True)
        store.end(run)
    """
    for number in range(4):
        writer = python(program, tmp_path / "runs.db", f"r{number}")
        assert writer.stdout.readline() == "ending\n"
        time.sleep(number * 0.006)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
            assert {run.id: run.steps for run in store.list()} == {f"r{seen}": 2000 for seen in range(number + 1)}


def test_processes_that_find_the_same_left_runs_keep_each_once(tmp_path):
    """Several look at once; nothing is lost or doubled, and all of them see all of it."""
    left = python("""
        for name in ("a1", "b2", "c3"):
            run = sample_run(name)
            store.begin(begun(run))
            for number in range(100):
                store.save_node(run.id, sample_node(NodePath(f"n{number}")))
    """, tmp_path / "runs.db")  # fmt: skip
    assert left.wait() == 0
    left.communicate()
    look = """
        sys.stdin.readline()
        print(sorted((run.id, run.steps) for run in store.list()))
    """
    lookers = [python(look, tmp_path / "runs.db") for _ in range(3)]
    for looker in lookers:
        looker.stdin.write("\n")
        looker.stdin.flush()
    for looker in lookers:
        assert looker.communicate()[0].strip() == "[('a1', 100), ('b2', 100), ('c3', 100)]"
    assert list((tmp_path / "journals").glob("*.jsonl")) == []


def test_a_run_of_another_living_process_cannot_be_taken_up(tmp_path):
    """It can when that process is gone, and by one of two that try."""
    writer = python("""
        store.begin(begun(sample_run("a1")))
        print("begun", flush=True)
        sys.stdin.readline()
    """, tmp_path / "runs.db")  # fmt: skip
    assert writer.stdout.readline() == "begun\n"
    take = """
        sys.stdin.readline()
        try:
            store.resume(RunId("a1"))
        except StorageError as error:
            print("refused", error.message)
        else:
            print("taken")
        sys.stdout.flush()
        sys.stdin.readline()
    """
    early = python(take, tmp_path / "runs.db")
    assert early.communicate("\n\n")[0] == "refused run 'a1' is under way\n"
    writer.communicate("\n")
    both = [python(take, tmp_path / "runs.db") for _ in range(2)]
    for taker in both:
        taker.stdin.write("\n")
        taker.stdin.flush()
    assert sorted(taker.stdout.readline().split()[0] for taker in both) == ["refused", "taken"]
    for taker in both:
        taker.communicate("\n")


@pytest.mark.parametrize(("paths", "outcome"), [(1, "finished"), (100_000, "running")])
def test_a_full_disk_is_told_at_the_node_and_nothing_that_was_kept_is_lost(tmp_path, paths, outcome):
    """The system's limit of a file's size stands for the disk: it cuts a write short and refuses the next.

    How the run ended is kept where the database has room for it: it has for a step that was recorded many times.
    """
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        keep(store, sample_run("old"))
    program = """
        import resource, signal
        store.begin(begun(sample_run("a1")))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
        number = 0
        try:
            while True:
                store.save_node(RunId("a1"), sample_node(NodePath(f"n{number % int(sys.argv[2])}")))
                number += 1
        except StorageError as error:
            print(number)
            print(error.message)
            print(error.hint)
        try:
            store.end(sample_run("a1"))
            print("ended")
        except StorageError as error:
            print(error.message)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(len(store.load(RunId("a1")).nodes))
    """
    writer = python(program, tmp_path / "runs.db", paths)
    said = writer.communicate()[0].splitlines()
    assert writer.returncode == 0
    assert int(said[0]) > 100
    kept = min(int(said[0]), paths)
    assert "is not written: the disk is full" in said[1]
    assert "free some space" in said[2]
    assert said[-1] == str(kept)
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        assert store.load(RunId("old")) == sample_run("old")
        found = store.load(RunId("a1"))
        assert len(found.nodes) == kept
        assert (found.outcome, said[3] == "ended") == (outcome, outcome == "finished")
