"""The conformance suites find what they are for: each broken adapter here fails the promise that it breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from nubem_jupyter.core.call import Answer, Chunk, ModelCall, TextDelta, Usage
from nubem_jupyter.core.evaluation import EvalCase, Score
from nubem_jupyter.core.ids import ModelId, RunId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.core.run import NodeRun, Outcome, Run
from nubem_jupyter.errors import CallFailedError
from nubem_jupyter.ports import CodeRequest, CodeResult, Provider, RunStore, Sandbox, Scorer
from nubem_jupyter.testing import FakeSandbox, MemoryRunStore, Shelf, scripted_model
from nubem_jupyter.testing.conformance import (
    ProviderConformance,
    RunStoreConformance,
    SandboxConformance,
    ScorerConformance,
    check_models,
)

FAILURES = (AssertionError, pytest.fail.Exception)
MODEL = scripted_model("broken/one")


class Exact:
    """Right is what is equal to the target."""

    name = "exact"

    def score(self, answer: Any, case: EvalCase) -> Score:
        return Score(value=1.0 if answer == case.target else 0.0)


class TestExact(ScorerConformance):
    def make(self) -> Scorer:
        return Exact()

    def right(self) -> Sequence[tuple[Any, EvalCase]]:
        return [("a", EvalCase(inputs={}, target="a"))]

    def wrong(self) -> Sequence[tuple[Any, EvalCase]]:
        return [("b", EvalCase(inputs={}, target="a"))]


class Broken:
    """A provider that yields what it is given, whatever it is asked."""

    name = "broken"

    def __init__(self, *chunks: Chunk) -> None:
        self._chunks = chunks

    def models(self) -> Sequence[ModelInfo]:
        return (MODEL,)

    async def stream(self, call: ModelCall) -> AsyncIterator[Chunk]:
        if call.model != MODEL.id:
            raise CallFailedError("who is no-such-model?")
        for chunk in self._chunks:
            yield chunk

    async def aclose(self) -> None:
        return


def _provider_suite(make: Callable[[], Provider]) -> ProviderConformance:
    class Suite(ProviderConformance):
        model = MODEL.id

        def make(self) -> Provider:
            return make()

    return Suite()


GOOD = Answer(text="a b", usage=Usage(input_tokens=1, output_tokens=9))


@pytest.mark.parametrize(
    ("chunks", "promise"),
    [
        ((TextDelta(text="a"), GOOD), "test_deltas_add_up_to_the_answer"),
        ((TextDelta(text="a b"), GOOD, TextDelta(text="")), "test_one_answer_comes_and_it_is_last"),
        ((GOOD, GOOD), "test_one_answer_comes_and_it_is_last"),
        ((TextDelta(text="a b"), Answer(text="a b")), "test_usage_is_counted"),
        ((msgspec.structs.replace(GOOD, first_token_s=2.0, total_s=1.0),), "test_times_are_in_order"),
        ((TextDelta(text="a b"), GOOD), "test_the_ceiling_of_tokens_is_kept"),
        ((GOOD,), "test_a_closed_stream_leaves_the_provider_usable"),
        ((TextDelta(text="x"), GOOD), "test_calls_at_once_keep_apart"),
        ((GOOD,), "test_an_unknown_model_is_refused"),
    ],
)
async def test_a_broken_stream_is_found(chunks: tuple[Chunk, ...], promise: str) -> None:
    suite = _provider_suite(lambda: Broken(*chunks))
    with pytest.raises(FAILURES):
        await getattr(suite, promise)()


async def test_an_answer_that_is_no_instance_is_found() -> None:
    import jsonschema

    suite = _provider_suite(lambda: Broken(msgspec.structs.replace(GOOD, text="{}")))
    with pytest.raises(jsonschema.ValidationError):
        await suite.test_a_schema_is_satisfied()


FIGURE = Figure(value=1.0, source="listed: me")


@pytest.mark.parametrize(
    "models",
    [
        (MODEL, MODEL),
        (msgspec.structs.replace(MODEL, id=ModelId("one")),),
        (msgspec.structs.replace(MODEL, provider=""),),
        (msgspec.structs.replace(MODEL, available=False),),
        (msgspec.structs.replace(MODEL, missing="a key"),),
        (msgspec.structs.replace(MODEL, context_tokens=0),),
        (msgspec.structs.replace(MODEL, features=("vision", "vision")),),
        (msgspec.structs.replace(MODEL, price=Price(input_usd=FIGURE, output_usd=Figure(value=1.0, source=""))),),
        (msgspec.structs.replace(MODEL, price=Price(input_usd=FIGURE, output_usd=Figure(value=-1.0, source="x"))),),
    ],
)
def test_a_broken_list_is_found(models: tuple[ModelInfo, ...]) -> None:
    with pytest.raises(FAILURES):
        check_models(models)


class Forgetful(MemoryRunStore):
    """Keeps no node until the run ends."""

    def save_node(self, run: RunId, node: NodeRun, answers: Mapping[str, Answer] = MappingProxyType({})) -> None:
        return


class Mute(MemoryRunStore):
    """Keeps no answers."""

    def answers(self, run: RunId) -> Mapping[str, Answer]:
        return {}


class Repeating(MemoryRunStore):
    """Keeps every record of a path."""

    def save_node(self, run: RunId, node: NodeRun, answers: Mapping[str, Answer] = MappingProxyType({})) -> None:
        found = self._held(run)
        self._shelf.runs[run] = msgspec.structs.replace(found, nodes=(*found.nodes, node))


class Trusting(MemoryRunStore):
    """Takes the nodes of whoever ends the run."""

    def end(self, run: Run) -> None:
        super().end(run)
        self._shelf.runs[run.id] = run


class Generous(MemoryRunStore):
    """Lets anybody take up anything."""

    def resume(self, run: RunId) -> Run:
        self._shelf.holders.pop(run, None)
        return super().resume(run)


class Lenient(MemoryRunStore):
    """Takes records from whoever comes, whenever."""

    def _held(self, run: RunId) -> Run:
        self._shelf.holders.setdefault(run, self)
        return self._shelf.runs[run]


class Discreet(MemoryRunStore):
    """Shows no run before it has ended."""

    def list(self, limit: int = 50) -> Sequence[Run]:
        return [run for run in super().list(limit) if run.id not in self._shelf.holders]


class Alive(MemoryRunStore):
    """Takes every run that did not end for one under way."""

    def under_way(self) -> frozenset[RunId]:
        return frozenset(run.id for run in self._shelf.runs.values() if run.outcome is Outcome.RUNNING)


class Talkative(MemoryRunStore):
    """Lists runs with their logs, oldest first."""

    def list(self, limit: int = 50) -> Sequence[Run]:
        return list(self._shelf.runs.values())[:limit]


class Guessing(MemoryRunStore):
    """Takes any run for the one asked for."""

    def load(self, run: RunId) -> Run | None:
        return next(iter(self._shelf.runs.values()), None)


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Forgetful, "test_a_run_comes_back_as_it_was"),
        (Forgetful, "test_each_node_is_kept_at_once"),
        (Forgetful, "test_threads_may_write_at_once"),
        (Forgetful, "test_a_node_needs_its_run"),
        (Forgetful, "test_speeds_are_of_finished_model_calls"),
        (Forgetful, "test_an_interrupted_run_is_taken_up"),
        (Forgetful, "test_what_is_not_json_is_refused"),
        (Mute, "test_answers_come_with_their_node"),
        (Repeating, "test_the_last_record_of_a_path_counts"),
        (Repeating, "test_an_unfinished_run_is_taken_up"),
        (Trusting, "test_the_nodes_are_those_that_were_saved"),
        (Generous, "test_only_what_nobody_has_is_taken_up"),
        (Generous, "test_of_several_that_take_a_run_up_one_has_it"),
        (Lenient, "test_an_ended_run_takes_nothing_more"),
        (Discreet, "test_a_run_under_way_is_seen"),
        (Alive, "test_what_is_under_way_is_told_from_what_was_interrupted"),
        (Talkative, "test_the_newest_runs_are_listed_first"),
        (Guessing, "test_an_ambiguous_prefix_finds_nothing"),
        (Guessing, "test_a_unique_prefix_is_enough"),
        (MemoryRunStore, "test_a_reopened_store_has_everything"),
        (MemoryRunStore, "test_two_stores_on_one_path_see_each_other"),
    ],
)
def test_a_broken_store_is_found(broken: type[MemoryRunStore], promise: str, tmp_path: Path) -> None:
    """A memory store without a common shelf is broken too: nothing of it is there for the next process."""
    shelf = None if broken is MemoryRunStore else Shelf()

    class Suite(RunStoreConformance):
        def open(self, path: Path) -> RunStore:
            return broken(shelf)

    with pytest.raises(FAILURES):
        getattr(Suite(), promise)(tmp_path)


@pytest.mark.parametrize(
    "promise",
    [
        "test_the_result_comes_back",
        "test_values_go_in_and_out_unchanged",
        "test_an_error_is_told",
        "test_the_time_limit_holds",
        "test_the_memory_limit_holds",
        "test_the_output_limit_holds",
        "test_the_process_limit_holds",
        "test_a_scratch_folder_is_there_and_fresh",
        "test_programs_do_not_see_each_other",
        "test_cancelling_kills_the_program",
    ],
)
async def test_a_sandbox_that_runs_nothing_is_found(promise: str) -> None:
    class Suite(SandboxConformance):
        def make(self) -> Sandbox:
            return FakeSandbox(_agree)

    with pytest.raises(FAILURES):
        await getattr(Suite(), promise)()


def _agree(_: CodeRequest) -> CodeResult:
    return CodeResult(ok=True, wall_s=0.1)
