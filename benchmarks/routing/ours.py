"""The product's own router on a table: it learns from the fitting half, and calls models through the desk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.routing.access import Desk, Query, Result, Router
from benchmarks.routing.tables import Table
from nubem_jupyter.engine.cascade import NOTHING, Accept, Cascade, Outcome, Policy, Records, Trade, advance, records_of
from nubem_jupyter.engine.cascade.records import Floats


def records(table: Table) -> Records:
    """Return a table as the evaluation records that the product learns from."""
    return records_of(
        Outcome(
            query=table.query_ids[row],
            task=table.datasets[row],
            model=model,
            score=float(table.score[row, column]),
            cost_usd=float(table.cost[row, column]),
            latency_s=None if table.latency is None else float(table.latency[row, column]),
            answer=table.answers[row][column],
        )
        for row in range(len(table))
        for column, model in enumerate(table.models)
    )


class Ours:
    """A policy at work; what it did on a query with a candidate is not done again for another trade."""

    def __init__(
        self, policy: Policy, table: Table, tasks: Sequence[str | None], relative: Floats, *, labels: bool
    ) -> None:
        self._policy = policy
        self._outlook = policy.outlook(np.array([policy.task_number(task) for task in tasks]), relative)
        self._desk = Desk(table, labels=labels)
        self._tasks = tasks
        self._kept: dict[tuple[int, Cascade], Result] = {}

    def results(self, trade: Trade) -> list[Result]:
        """Return what the policy gets, query by query."""
        best = self._outlook.best(trade)
        return [self._result(row, self._policy.candidates[place]) for row, place in enumerate(best)]

    def covered(self, offered: Sequence[Trade]) -> list[bool]:
        """Tell of each task, and each candidate that some trade takes there, whether the mean score was foreseen.

        It was if it lies in the policy's 90 % range for as many queries.
        """
        found = []
        for task in dict.fromkeys(self._tasks):
            rows = [row for row, other in enumerate(self._tasks) if other == task]
            outlook = self._policy.outlook(np.array([self._policy.task_number(task)]))
            ranges = self._policy.foreseen(task, len(rows))
            for place in sorted({int(outlook.best(trade)[0]) for trade in offered}):
                mean = np.mean([self._result(row, self._policy.candidates[place]).score for row in rows])
                found.append(bool(ranges[place].low <= mean <= ranges[place].high))
        return found

    def _result(self, row: int, cascade: Cascade) -> Result:
        key = (row, cascade)
        if key not in self._kept:
            self._kept[key] = self._desk.serve(row, router_of(self._policy, cascade, self._tasks[row]))
        return self._kept[key]


def router_of(policy: Policy, cascade: Cascade, task: str | None) -> Router:
    """Return a cascade as a router: it asks and listens as a session would."""
    number = policy.task_number(task)

    def route(query: Query) -> str:
        numbers, answers = dict(policy.answers), list[int]()
        while True:
            step = advance(cascade, policy.juries, number, answers)
            if isinstance(step, Accept):
                return policy.models[step.model]
            for reply in query.call(*(policy.models[model] for model in step.models)):
                answers.append(_number(reply.answer, numbers))

    return route


def _number(answer: str | None, numbers: dict[str, int]) -> int:
    """Number answers as they come, beside those that the policy knows."""
    if answer is None:
        return NOTHING
    return numbers.setdefault(answer, max(numbers.values(), default=0) + 1)
