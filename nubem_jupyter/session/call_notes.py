"""What real calls tell of their deployments: taken down on the event loop of a run, kept by a thread behind it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from nubem_jupyter.catalog.days import day_of
from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.call_statistics import CallKey, CallStatistics
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.observation import (
    CallObservation,
    CheckedAnswer,
    CheckedDay,
    answered_call,
    failed_call,
    observed,
    passed_check,
)
from nubem_jupyter.core.paths import without_numbers
from nubem_jupyter.core.run import NodeRun
from nubem_jupyter.engine.checked import case_of
from nubem_jupyter.errors import NubemError, StorageError
from nubem_jupyter.ports import SpeedSample

if TYPE_CHECKING:
    from nubem_jupyter.storage.call_stats import CallStats
    from nubem_jupyter.storage.checks import CheckStore

_TOGETHER = 64
"""Records that a run hands over at once; until then it holds them, with their texts."""
_MOST_WAITING = 16
"""Hands full that wait for the next time something is kept; more are taken in before it."""
_MOST_CHECKED = 100_000
"""Checked answers that wait to be kept; where nobody can keep them for so long, further ones go."""
_EVERY_S = 2.0
"""How often what many runs tell is kept."""


class _Told(NamedTuple):
    """What a run handed over."""

    began_s: float
    stand_ins: frozenset[ModelId]
    nodes: list[NodeRun]
    tasks: Mapping[str, str]
    """Path of a step without item and round numbers -> its digest, of those whose checks are evidence."""


class CallNotes:
    """What this session's runs tell, in front of the store; for any thread and event loop.

    A store in trouble breaks nothing: what could not be kept is kept the next time.
    """

    def __init__(
        self,
        stats: CallStats,
        timings: Callable[[], Sequence[SpeedSample]],
        thread: ThreadPoolExecutor,
        wall_clock: Callable[[], float],
        checks: CheckStore,
    ) -> None:
        """Stand in front of stores; ``timings`` are those on record, for models of which it knows nothing."""
        self._stats = stats
        self._checks = checks
        self._checked: list[CheckedAnswer] = []
        self._timings = timings
        self._thread = thread
        self._wall_clock = wall_clock
        self._told: deque[_Told] = deque()
        self._turn = threading.Lock()
        self._next_s = 0.0
        self._caught_up = False

    def of_run(self, spent_s: float, stand_ins: frozenset[ModelId], tasks: Mapping[str, str] | None = None) -> RunNotes:
        """Return where a run takes down its calls; it has gone on for ``spent_s`` seconds before.

        What models tell that only stand in for others is left out. ``tasks`` are the steps whose checks are evidence,
        by their paths without item and round numbers.
        """
        if not self._caught_up:
            self._submit(self._catch_up)
        return RunNotes(self, self._wall_clock() - spent_s, stand_ins, tasks or {})

    def days(self) -> Mapping[tuple[ModelId, str], CallStatistics]:
        """Return what each of the last days told, by model and ISO day; for a thread that may wait.

        Raises:
            StorageError: the store cannot be read.
        """
        self._take_in()
        return self._stats.days()

    def checked_days(self) -> Sequence[CheckedDay]:
        """Return what checks said of models, what was not kept yet included; for a thread that may wait.

        Raises:
            StorageError: the store cannot be read, or what was not kept cannot be.
        """
        self._take_in()
        self._keep_checked()
        return self._checks.days()

    def all(self) -> Mapping[CallKey, CallStatistics]:
        """Return everything that is known, what was not kept yet included; for a thread that may wait.

        Raises:
            StorageError: the store cannot be read.
        """
        self._catch_up()
        self._take_in()
        return self._stats.all()

    def answered(self, model: ModelId, capability: str, answer: Answer) -> None:
        """Take in a call that was answered, and of which no run has a record."""
        self._note(answered_call(model, capability, self._wall_clock(), answer))

    def failed(self, model: ModelId, capability: str, error: NubemError) -> None:
        """Take in a call that failed, and of which no run has a record."""
        self._note(failed_call(model, capability, self._wall_clock(), error.code))

    def take(self, told: _Told) -> None:
        """Take in what a run hands over; on its event loop, so nothing is waited for."""
        self._told.append(told)
        if len(self._told) % _MOST_WAITING == 0:
            self._submit(self._take_in)
        self._keep_soon()

    def close(self) -> None:
        """Keep what is not kept yet."""
        self._keep()

    def _note(self, call: CallObservation | None) -> None:
        if call is not None:
            self._stats.note(call)
            self._keep_soon()

    def _keep_soon(self) -> None:
        """Keep what there is now, and what follows after a while."""
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + _EVERY_S
            self._submit(self._keep)
            asyncio.get_running_loop().call_later(_EVERY_S, self._submit, self._keep)

    def _submit(self, work: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the session closes, and keeps the rest itself
            self._thread.submit(work)

    def _keep(self) -> None:
        self._take_in()
        with contextlib.suppress(StorageError):
            self._stats.save()
        with contextlib.suppress(StorageError):
            self._keep_checked()

    def _keep_checked(self) -> None:
        with self._turn:
            if self._checked:
                self._checks.add(self._checked)
                self._checked = []

    def _take_in(self) -> None:
        with self._turn:
            while self._told:
                told = self._told.popleft()
                for node in told.nodes:
                    if node.model not in told.stand_ins:
                        self._take_one(node, told)

    def _take_one(self, node: NodeRun, told: _Told) -> None:
        at_s = told.began_s + node.ended_s
        call = observed(node, at_s)
        if call is not None:
            self._stats.note(call)
        step = without_numbers(node.path) if told.tasks else ""
        if step in told.tasks:
            checked = _checked(node, step, told.tasks[step], at_s)
            if checked is not None and len(self._checked) < _MOST_CHECKED:
                self._checked.append(checked)

    def _catch_up(self) -> None:
        """Once, before a run of this session is on record: take in what runs tell of models that are not known yet."""
        from nubem_jupyter.catalog.learned import earlier_calls

        with self._turn, contextlib.suppress(StorageError):  # whoever reads the store next is told
            if not self._caught_up:
                self._caught_up = True
                self._stats.add(earlier_calls(self._timings(), self._stats.all(), self._wall_clock()))


class RunNotes:
    """The calls of one run, on its event loop."""

    def __init__(
        self, calls: CallNotes, began_s: float, stand_ins: frozenset[ModelId], tasks: Mapping[str, str]
    ) -> None:
        self._calls = calls
        self._tasks = tasks
        self._began_s = began_s
        self._stand_ins = stand_ins
        self._nodes: list[NodeRun] = []
        self._timer: asyncio.TimerHandle | None = None

    def take(self, node: NodeRun) -> None:
        """Take down the record of a step that asked a model, or of a try that another follows."""
        nodes = self._nodes
        nodes.append(node)
        count = len(nodes)
        if count == 1:
            self._begin()
        elif count >= _TOGETHER:
            self._hand_over()

    def failed_beside(self, model: ModelId, capability: str, error: NubemError) -> None:
        """Take down a call that failed while another one, for the same step, went on: the record is of that one."""
        if model not in self._stand_ins:
            self._calls.failed(model, capability, error)

    def over(self) -> None:
        """Hand over what is left, at the run's end."""
        if self._timer is not None:
            self._timer.cancel()
        if self._nodes:
            self._hand_over()

    def _begin(self) -> None:
        """See that what a slow run has to tell is not kept from others until its end."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_EVERY_S, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._nodes:
            self._hand_over()

    def _hand_over(self) -> None:
        nodes, self._nodes = self._nodes, []
        self._calls.take(_Told(self._began_s, self._stand_ins, nodes, self._tasks))


def _checked(node: NodeRun, step: str, task: str, at_s: float) -> CheckedAnswer | None:
    passed = passed_check(node)
    if passed is None or node.model is None:
        return None
    case, day = case_of(node.prompt, task), day_of(at_s)
    return CheckedAnswer(
        model=node.model, capability=node.capability, task=task, step=step, case=case, day=day, passed=passed
    )
