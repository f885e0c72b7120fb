"""What a store of runs must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from nubem_jupyter.core.ids import ModelId, NodePath, RunId
from nubem_jupyter.core.run import NodeRun, NodeState, Outcome, Run
from nubem_jupyter.errors import StorageError
from nubem_jupyter.ports import RunStore, SpeedSample
from nubem_jupyter.testing.runs import sample_node, sample_run


def keep(store: RunStore, run: Run) -> None:
    """Write a run the way the executor does: begin, each node as it ends, end."""
    store.begin(begun(run))
    for node in run.nodes:
        store.save_node(run.id, node)
    store.end(run)


def begun(run: Run) -> Run:
    """Give the run as it was when it began."""
    return Run(id=run.id, plan=run.plan, inputs=run.inputs, outcome=Outcome.RUNNING, started_at=run.started_at)


class RunStoreConformance:
    """Promises of ``RunStore``. Hook: ``open`` gives a store over what is kept at a path."""

    def open(self, path: Path) -> RunStore:
        """Open the store at ``path`` (a file that may not be there yet); two may be open on one path."""
        raise NotImplementedError("a conformance suite needs open()")

    def test_a_run_comes_back_as_it_was(self, tmp_path: Path) -> None:
        """Plan, inputs, nodes, result, failure and log survive the store unchanged."""
        for run in (sample_run("a1"), sample_run("b1", outcome=Outcome.FAILED)):
            with closing(self.open(tmp_path / "runs.db")) as store:
                keep(store, run)
                assert store.load(run.id) == run

    def test_a_reopened_store_has_everything(self, tmp_path: Path) -> None:
        """What was written is there for the next process."""
        run = sample_run("a1")
        with closing(self.open(tmp_path / "runs.db")) as store:
            keep(store, run)
        with closing(self.open(tmp_path / "runs.db")) as store:
            assert store.load(run.id) == run

    def test_each_node_is_kept_at_once(self, tmp_path: Path) -> None:
        """A run whose process died says ``running`` and has every node that ended."""
        run = sample_run("a1")
        abandoned = self.open(tmp_path / "runs.db")  # never ended, never closed: its process is gone
        abandoned.begin(begun(run))
        abandoned.save_node(run.id, run.nodes[0])
        with closing(self.open(tmp_path / "runs.db")) as store:
            found = store.load(run.id)
        abandoned.close()
        assert found == msgspec.structs.replace(begun(run), nodes=run.nodes[:1])

    def test_a_unique_prefix_is_enough(self, tmp_path: Path) -> None:
        """Users type the beginning of an id."""
        with closing(self.open(tmp_path / "runs.db")) as store:
            for name in ("abc1", "abd2", "abd2x"):
                keep(store, sample_run(name))
            assert _id(store.load(RunId("abc"))) == "abc1"
            assert _id(store.load(RunId("abd2"))) == "abd2", "a whole id is never ambiguous"

    def test_an_ambiguous_prefix_finds_nothing(self, tmp_path: Path) -> None:
        """A prefix of two ids, or of none, is no run; wildcards are ordinary characters."""
        with closing(self.open(tmp_path / "runs.db")) as store:
            for name in ("abc1", "abd2"):
                keep(store, sample_run(name))
            assert [store.load(RunId(name)) for name in ("ab", "x", "ab%", "abc_", "%", "abc*")] == [None] * 6

    def test_the_newest_runs_are_listed_first(self, tmp_path: Path) -> None:
        """The list is newest first, bounded, and leaves the logs out."""
        runs = [sample_run(f"r{number}", started_at=f"2030-01-0{number}T08:00:00Z") for number in range(1, 5)]
        with closing(self.open(tmp_path / "runs.db")) as store:
            for run in runs:
                keep(store, run)
            listed = list(store.list(limit=3))
        assert listed == [msgspec.structs.replace(run, log=()) for run in runs[:0:-1]]

    def test_an_empty_store_has_nothing(self, tmp_path: Path) -> None:
        """Before the first run every question has an empty answer."""
        with closing(self.open(tmp_path / "runs.db")) as store:
            assert (list(store.list()), list(store.speeds()), store.load(RunId("a"))) == ([], [], None)

    def test_two_stores_on_one_path_see_each_other(self, tmp_path: Path) -> None:
        """A notebook and a terminal write to the same place at the same time."""
        with closing(self.open(tmp_path / "runs.db")) as one, closing(self.open(tmp_path / "runs.db")) as two:
            keep(one, sample_run("a1"))
            keep(two, sample_run("b2", started_at="2030-02-01T08:00:00Z"))
            assert [run.id for run in one.list()] == [run.id for run in two.list()] == ["b2", "a1"]

    def test_threads_may_write_at_once(self, tmp_path: Path) -> None:
        """Nodes that end together are saved from several threads, and none is lost."""
        run = sample_run("a1")
        paths = {NodePath(f"each[{number}]") for number in range(24)}
        with closing(self.open(tmp_path / "runs.db")) as store:
            store.begin(begun(run))
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda path: store.save_node(run.id, sample_node(path)), paths))
            found = store.load(run.id)
        assert found is not None
        assert {node.path for node in found.nodes} == paths

    def test_a_node_needs_its_run(self, tmp_path: Path) -> None:
        """A node of a run that never began cannot be kept anywhere."""
        with closing(self.open(tmp_path / "runs.db")) as store, pytest.raises(StorageError):
            store.save_node(RunId("nobody"), sample_node(NodePath("a")))

    def test_a_run_never_replaces_another(self, tmp_path: Path) -> None:
        """A second run of the same id is refused, and the first is unharmed."""
        run = sample_run("a1")
        with closing(self.open(tmp_path / "runs.db")) as store:
            keep(store, run)
            with pytest.raises(StorageError):
                store.begin(begun(run))
            assert store.load(run.id) == run

    def test_speeds_are_of_finished_model_calls(self, tmp_path: Path) -> None:
        """Timings come from calls that a model finished and timed, newest first."""
        nodes = (
            _timed("a", "local/small", 1.0),
            msgspec.structs.replace(_timed("b", "local/small", 9.0), state=NodeState.FAILED),
            msgspec.structs.replace(_timed("c", "local/small", 9.0), first_token_s=None),
            NodeRun(path=NodePath("d"), kind="code", state=NodeState.FINISHED, ended_s=9.0),
            _timed("e", "local/large", 2.0),
        )
        run = sample_run("a1", nodes=nodes)
        with closing(self.open(tmp_path / "runs.db")) as store:
            keep(store, run)
            assert list(store.speeds()) == [
                _speed("local/large", 2.0, run.started_at[:10]),
                _speed("local/small", 1.0, run.started_at[:10]),
            ]

    def test_speeds_are_bounded_by_model(self, tmp_path: Path) -> None:
        """A model that is called often does not crowd out one that is called rarely."""
        rare = sample_run("a1", started_at="2030-01-01T08:00:00Z", nodes=(_timed("a", "local/rare", 4.0),))
        often = tuple(_timed(f"n{number}", "local/often", float(number)) for number in range(1, 7))
        with closing(self.open(tmp_path / "runs.db")) as store:
            keep(store, rare)
            keep(store, sample_run("b2", started_at="2030-01-02T08:00:00Z", nodes=often))
            found = [(speed.model, speed.total_s) for speed in store.speeds(limit=2)]
        assert found == [("local/often", 6.0), ("local/often", 5.0), ("local/rare", 4.0)]

    def test_closing_twice_is_harmless(self, tmp_path: Path) -> None:
        """A store may be closed by whoever used it last."""
        store = self.open(tmp_path / "runs.db")
        store.close()
        store.close()


def _id(run: Run | None) -> str:
    return run.id if run else ""


def _timed(path: str, model: str, total_s: float) -> NodeRun:
    """Give a finished model call; its text began after a quarter of its time."""
    node = sample_node(NodePath(path))
    return msgspec.structs.replace(
        node,
        model=ModelId(model),
        started_s=0.0,
        ended_s=total_s,
        first_token_s=total_s / 4,
    )


def _speed(model: str, total_s: float, date: str) -> SpeedSample:
    tokens = sample_node(NodePath("any")).usage.output_tokens
    return SpeedSample(
        model=ModelId(model), first_token_s=total_s / 4, output_tokens=tokens, total_s=total_s, date=date
    )
