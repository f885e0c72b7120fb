"""A disk that fills up while a run goes on: it ends with what to do about it, and goes on when there is room."""

from __future__ import annotations

import os
import resource
import subprocess
from contextlib import closing

import pytest

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.run import NodeState, Outcome
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.group import MAP_WINDOW
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.storage.sqlite import SqliteRunStore
from nubem_jupyter.testing import ScriptedProvider

ROWS = [f"row{number}" for number in range(400)]
BODY = Flow.build("row").input("item").model("t", "Write much of {item}", max_tokens=1000).output("t")
FLOW = Flow.build().input("rows").map("m", BODY, "rows").output("m")


class TinyDisk:
    """A file system of one mebibyte."""

    def __init__(self, path):
        path.mkdir()
        self.path = path
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path], capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")

    def make_room(self):
        subprocess.run(["mount", "-o", "remount,size=64m", self.path], check=True)

    def close(self):
        subprocess.run(["umount", "--lazy", self.path], check=True)


class ShortFiles:
    """A folder in which no file of this process gets longer than 400,000 bytes."""

    def __init__(self, path):
        path.mkdir()
        self.path = path
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, self._before[1]))

    def make_room(self):
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)

    close = make_room


@pytest.fixture(params=[TinyDisk, ShortFiles], ids=["tiny-disk", "short-files"])
def disk(request, tmp_path):
    with closing(request.param(tmp_path / "disk")) as small:
        yield small


def much(call):
    return f"{call.messages[-1].content} " + "word " * 900


def session_in(home, *, cache=False):
    provider = ScriptedProvider(then=much)
    settings = Settings(home=home, workspace=home, providers=(), cache=cache, hedge=False)
    return Session(settings, {}, providers={"scripted": provider}), provider


def plan():
    choice = Choice(chosen=Candidate(model=ScriptedProvider().models()[0].id))
    return Plan(flow=FLOW, route={place: choice for place, node in FLOW.walk() if isinstance(node.work, Prompt)})


def items_of(run):
    return {node.path for node in run.nodes if node.state is NodeState.FINISHED and node.path != "m"}


async def test_a_run_that_fills_the_disk_says_so_keeps_what_finished_and_goes_on_when_there_is_room(disk):
    first, provider = session_in(disk.path)
    run = await first.run(plan(), {"rows": ROWS})
    assert run.outcome is Outcome.FAILED
    assert "the disk is full" in run.failure.message
    assert str(disk.path) in run.failure.message
    assert "free some space" in run.failure.hint
    assert provider.running == 0
    await first.aclose()
    with closing(SqliteRunStore(disk.path / "nubem.db")) as store:
        kept = store.load(run.id)
    assert kept.outcome is not Outcome.FINISHED
    assert len(items_of(kept)) > 20
    assert items_of(kept) <= items_of(run)
    assert len(items_of(run) - items_of(kept)) <= MAP_WINDOW, "only what ended after there was no room is missing"
    disk.make_room()
    second, provider = session_in(disk.path)
    went_on = await (await second.resume(run.id)).wait()
    assert went_on.outcome is Outcome.FINISHED
    assert went_on.result == [f"Write much of {row} {'word ' * 900}".strip() for row in ROWS]
    assert len(provider.calls) == len(ROWS) - len(items_of(kept))
    assert second.store.load(run.id) == went_on
    await second.aclose()


async def test_a_run_that_cannot_even_begin_says_why(disk):
    """No call is made that could not be recorded."""
    filler = disk.path / "filler"
    with filler.open("wb", buffering=0) as file:
        if isinstance(disk, TinyDisk):
            while file.write(b"x" * 4096) == 4096:
                if os.statvfs(disk.path).f_bavail == 0:
                    break
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    session, provider = session_in(disk.path / "home")
    try:
        run = await session.run(plan(), {"rows": ROWS})
    finally:
        disk.make_room()  # now, since the report of a failed assertion may be written to a file, too
    assert run.outcome is Outcome.FAILED
    assert "disk" in run.failure.message + run.failure.hint
    assert provider.calls == []
    await session.aclose()


async def test_a_full_disk_under_the_cache_does_not_touch_the_run(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    with closing(TinyDisk(tmp_path / "disk")) as disk:
        (home / "cache.db").symlink_to(disk.path / "cache.db")
        session, provider = session_in(home, cache=True)
        run = await session.run(plan(), {"rows": ROWS})
        assert run.outcome is Outcome.FINISHED
        assert len(provider.calls) == len(ROWS)
        assert session.store.load(run.id) == run
        again = await session.run(plan(), {"rows": ROWS})
        assert again.result == run.result
        assert len(provider.calls) == len(ROWS), "what is in memory is given again"
        await session.aclose()
        assert "disk is full" in session.recall.trouble
