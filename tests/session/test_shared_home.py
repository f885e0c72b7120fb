"""Two kernels over one home: both record all of their runs, and one run is gone on with by one of them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from nubem_jupyter.core.run import Outcome
from nubem_jupyter.storage.sqlite import SqliteRunStore

SCRIPT = Path(__file__).with_name("shared_home.py")


def process(home, *arguments):
    return subprocess.Popen(
        [sys.executable, SCRIPT, str(home), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(child):
    out, trouble = child.communicate(timeout=120)
    assert child.returncode == 0, trouble
    return out.splitlines()


def check_files(home):
    for path in home.glob("*.db"):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path


def test_two_kernels_record_all_of_their_runs_once_and_leave_sound_files(tmp_path):
    children = [process(tmp_path, "many", 200) for _ in range(2)]
    told = [run for child in children for run in said(child)]
    assert len(told) == len(set(told)) == 400
    with closing(SqliteRunStore(tmp_path / "nubem.db")) as store:
        kept = store.list(1000)
        assert sorted(run.id for run in kept) == sorted(told)
        assert {run.outcome for run in kept} == {Outcome.FINISHED}
        assert not store.damaged()
        assert all(len(store.load(run).nodes) == 3 for run in told)
    assert not list((tmp_path / "journals").glob("*.jsonl")), "each journal became rows"
    assert (tmp_path / "cache.db").exists()
    check_files(tmp_path)


@pytest.mark.parametrize("turn", range(3))
def test_of_two_kernels_that_go_on_with_one_run_exactly_one_does(tmp_path, turn):
    (run,) = said(process(tmp_path, "left"))
    children = [process(tmp_path, "resume", run) for _ in range(2)]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    ends = sorted(line for child in children for line in said(child))
    assert ends[0].startswith("lost")
    assert "under way" in ends[0] or "finished" in ends[0]
    assert ends[1] == "won finished"
    with closing(SqliteRunStore(tmp_path / "nubem.db")) as store:
        found = store.load(run)
        assert (found.outcome, [node.path for node in found.nodes]) == (Outcome.FINISHED, ["a", "b", "c"])
    check_files(tmp_path)
