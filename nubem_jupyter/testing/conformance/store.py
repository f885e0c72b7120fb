"""What a store of runs must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from nubem_jupyter.core.call import Answer
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
        """The list is newest first, bounded, and has the sum of the steps in place of what may be large."""
        runs = [sample_run(f"r{number}", started_at=f"2030-01-0{number}T08:00:00Z") for number in range(1, 5)]
        with closing(self.open(tmp_path / "runs.db")) as store:
            for run in runs:
                keep(store, run)
            listed = list(store.list(limit=3))
        assert listed == [run.brief for run in runs[:0:-1]]

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

    def test_answers_come_with_their_node(self, tmp_path: Path) -> None:
        """Answers are there by their calls' digests, while the run is under way and after; a later one replaces."""
        run = sample_run("a1")
        first, again, other = (Answer(text=text) for text in ("first", "again", "other"))
        with closing(self.open(tmp_path / "runs.db")) as store:
            store.begin(begun(run))
            store.save_node(run.id, run.nodes[0], {"d1": first})
            store.save_node(run.id, run.nodes[1], {"d1": again, "d2": other})
            assert store.answers(run.id) == {"d1": again, "d2": other}
            store.end(run)
            assert store.answers(run.id) == {"d1": again, "d2": other}
            assert store.answers(RunId("nobody")) == {}
            assert store.load(run.id) == run

    def test_the_last_record_of_a_path_counts(self, tmp_path: Path) -> None:
        """A step that is recorded again is on record once, where its last record was made."""
        run = sample_run("a1")
        early = msgspec.structs.replace(run.nodes[1], value="early")
        with closing(self.open(tmp_path / "runs.db")) as store:
            store.begin(begun(run))
            for node in (early, *run.nodes):
                store.save_node(run.id, node)
            under_way = store.load(run.id)
            store.end(run)
            assert (under_way.nodes if under_way else None) == run.nodes
            assert store.load(run.id) == run

    def test_the_nodes_are_those_that_were_saved(self, tmp_path: Path) -> None:
        """Who ends a run may hold no more than a part of it."""
        run = sample_run("a1")
        with closing(self.open(tmp_path / "runs.db")) as store:
            store.begin(begun(run))
            for node in run.nodes:
                store.save_node(run.id, node)
            store.end(msgspec.structs.replace(run, nodes=run.nodes[1:]))
            assert store.load(run.id) == run

    def test_a_run_under_way_is_seen(self, tmp_path: Path) -> None:
        """Others see what there is so far, in every way of looking."""
        run = sample_run("a1", nodes=(_timed("a", "local/small", 1.0),))
        with closing(self.open(tmp_path / "runs.db")) as one, closing(self.open(tmp_path / "runs.db")) as two:
            keep(two, sample_run("a0", started_at="2029-01-01T08:00:00Z", nodes=()))
            one.begin(begun(run))
            one.save_node(run.id, run.nodes[0])
            one.sync(run.id)
            found = two.load(RunId("a1"))
            assert found == msgspec.structs.replace(begun(run), nodes=run.nodes)
            assert [seen.id for seen in two.list()] == ["a1", "a0"]
            assert [seen.id for seen in two.list(1)] == ["a1"]
            assert [speed.model for speed in two.speeds()] == ["local/small"]
            assert two.load(RunId("a")) is None, "the prefix of two"

    def test_an_ended_run_takes_nothing_more(self, tmp_path: Path) -> None:
        """A record that comes after the end is refused, and so is one by a store that does not have the run."""
        run = sample_run("a1")
        with closing(self.open(tmp_path / "runs.db")) as one, closing(self.open(tmp_path / "runs.db")) as two:
            one.begin(begun(run))
            _check_refuses(two, run)
            one.end(run)
            _check_refuses(one, run)
            found = two.load(run.id)
        assert found == msgspec.structs.replace(run, nodes=())

    def test_an_interrupted_run_is_taken_up(self, tmp_path: Path) -> None:
        """It goes on with the nodes and answers that it had, and ends as one run."""
        run = sample_run("a1")
        first, later = Answer(text="first"), Answer(text="later")
        with closing(self.open(tmp_path / "runs.db")) as abandoned:
            abandoned.begin(begun(run))
            abandoned.save_node(run.id, run.nodes[0], {"d1": first})
        with closing(self.open(tmp_path / "runs.db")) as store:
            assert store.resume(run.id) == msgspec.structs.replace(begun(run), nodes=run.nodes[:1])
            store.save_node(run.id, run.nodes[1], {"d2": later})
            assert store.load(run.id) == msgspec.structs.replace(begun(run), nodes=run.nodes)
            assert store.answers(run.id) == {"d1": first, "d2": later}
            store.end(run)
            assert store.load(run.id) == run
            assert store.answers(run.id) == {"d1": first, "d2": later}

    def test_an_unfinished_run_is_taken_up(self, tmp_path: Path) -> None:
        """One that failed is under way again; a step that is done again replaces what it was, and is timed once."""
        failed = sample_run("a1", outcome=Outcome.FAILED)
        again = msgspec.structs.replace(_timed("shorter", "local/small", 1.0), value="done")
        ended = sample_run("a1", nodes=(failed.nodes[0], again))
        with closing(self.open(tmp_path / "runs.db")) as store:
            keep(store, failed)
            assert store.resume(failed.id) == failed
            found = store.load(failed.id)
            assert found is not None
            assert (found.outcome, found.failure, found.nodes) == (Outcome.RUNNING, None, failed.nodes)
            assert [run.outcome for run in store.list()] == [Outcome.RUNNING]
            store.save_node(failed.id, again)
            assert len(store.speeds()) == 1
            store.end(ended)
            assert store.load(failed.id) == ended
            assert len(store.speeds()) == 1

    def test_only_what_nobody_has_is_taken_up(self, tmp_path: Path) -> None:
        """A run that is under way, has finished or is not there stays as it is."""
        run = sample_run("a1")
        with closing(self.open(tmp_path / "runs.db")) as one, closing(self.open(tmp_path / "runs.db")) as two:
            keep(one, sample_run("b2"))
            one.begin(begun(run))
            for store in (one, two):
                for name in ("a1", "b2", "b", "nobody"):
                    with pytest.raises(StorageError):
                        store.resume(RunId(name))
            one.save_node(run.id, run.nodes[0])
            assert two.load(run.id) == msgspec.structs.replace(begun(run), nodes=run.nodes[:1])
            assert two.load(RunId("b2")) == sample_run("b2")

    def test_what_is_under_way_is_told_from_what_was_interrupted(self, tmp_path: Path) -> None:
        """Both say ``running``; only the first has somebody who works on it."""
        with closing(self.open(tmp_path / "runs.db")) as one, closing(self.open(tmp_path / "runs.db")) as two:
            one.begin(begun(sample_run("a1")))
            keep(one, sample_run("b2"))
            assert two.under_way() == one.under_way() == {"a1"}
            one.close()
            assert two.under_way() == frozenset()

    def test_of_several_that_take_a_run_up_one_has_it(self, tmp_path: Path) -> None:
        """Two notebooks never work on one run."""
        run = sample_run("a1")
        keep_open = [self.open(tmp_path / "runs.db") for _ in range(6)]
        with closing(self.open(tmp_path / "runs.db")) as abandoned:
            abandoned.begin(begun(run))
        with ThreadPoolExecutor(6) as pool:
            winners = [store for store, won in zip(keep_open, pool.map(_resumes, keep_open), strict=True) if won]
        assert len(winners) == 1
        winners[0].save_node(run.id, run.nodes[0])
        for store in keep_open:
            store.close()

    def test_what_is_not_json_is_refused(self, tmp_path: Path) -> None:
        """A value that could not be read again is told at once, and what is there stays whole."""
        run = sample_run("a1")
        with closing(self.open(tmp_path / "runs.db")) as store:
            store.begin(begun(run))
            for value in (object(), "\ud800"):
                with pytest.raises(StorageError, match="plain JSON"):
                    store.save_node(run.id, msgspec.structs.replace(run.nodes[0], value=value))
                with pytest.raises(StorageError, match="plain JSON"):
                    store.begin(sample_run("b2", inputs={"a": value}))
            store.save_node(run.id, run.nodes[0])
            assert store.load(run.id) == msgspec.structs.replace(begun(run), nodes=run.nodes[:1])
            assert [found.id for found in store.list()] == ["a1"]

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


def _check_refuses(store: RunStore, run: Run) -> None:
    with pytest.raises(StorageError):
        store.save_node(run.id, run.nodes[0])
    with pytest.raises(StorageError):
        store.sync(run.id)
    with pytest.raises(StorageError):
        store.end(run)


def _resumes(store: RunStore) -> bool:
    try:
        store.resume(RunId("a1"))
    except StorageError:
        return False
    return True


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
