"""The product's own router on a table: it learns, chooses and asks as a session does, and calls through the desk.

A table is what evaluations would have kept, its tasks are capabilities. The queries of all tasks are one flow, a step
a task with its share of the queries, and what does each step the router chooses as for any flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from benchmarks.routing.access import Desk, Query, Result, Router
from benchmarks.routing.choosing import Chooser, Chosen
from benchmarks.routing.foresight import foreseen
from benchmarks.routing.tables import Table
from nubem_jupyter.core.cascade import CascadePlan, LearnedCascade
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.core.plan import Candidate, Range
from nubem_jupyter.engine.answer_form import digest_of
from nubem_jupyter.engine.asking import AskMembers, NoAnswer, Said, following
from nubem_jupyter.engine.cascade import learn_cascades
from nubem_jupyter.engine.estimator import predict_cascade
from nubem_jupyter.engine.estimator.prediction import CONFIDENCE, with_like

Candidates = Mapping[str, Sequence[Candidate]]
"""Task -> what may do it."""


class Ours:
    """The router at work; what it got on a query from a candidate is not asked for again."""

    def __init__(self, fit: Table, score: Table, tasks: Sequence[str], *, seed: int, labels: bool) -> None:
        self._offered = candidates(fit, learn_cascades(outcomes(fit), seed))
        self._chooser = Chooser(self._offered, fit.datasets)
        self._desk = Desk(score, labels=labels)
        self._tasks = tasks
        self._commonest = max(self._offered, key=fit.datasets.count)
        self._unit_usd = float(fit.cost[:, fit.best].mean())
        self._unit_s = None if fit.latency is None else float(fit.latency[:, fit.best].mean())
        self._kept: dict[tuple[int, str], Result] = {}

    def curve(self) -> list[list[Result]]:
        """Return what it gets within each of many budgets, query by query."""
        return [self._results(chosen) for chosen in self._chooser.curve()]

    def within(self, cost: float, latency: float) -> list[Result]:
        """Return what it gets within limits of mean cost and time, as shares of the best single model's."""
        return self._results(
            self._chooser.within(cost * self._unit_usd, None if self._unit_s is None else latency * self._unit_s)
        )

    def covered(self) -> list[bool]:
        """Tell of each task, and each candidate that does it within some budget, whether the mean score was foreseen.

        It was if it lies in the 90 % range for as many queries.
        """
        taken = {(task, one.model): one for chosen in self._chooser.curve() for task, one in chosen.items()}
        found = []
        for (task, _), one in taken.items():
            rows = [row for row, other in enumerate(self._tasks) if other == task]
            if rows:
                (evidence,) = one.evidence
                mean = evidence.score_sum / evidence.n
                expected = foreseen(mean, evidence.n * evidence.weight, len(rows), CONFIDENCE)
                got = np.mean([self._result(row, one).score for row in rows])
                found.append(bool(expected.low <= got <= expected.high))
        return found

    def _results(self, chosen: Chosen) -> list[Result]:
        """Return what candidates get; a task that was not learned is done as the commonest one."""
        return [self._result(row, chosen.get(task, chosen[self._commonest])) for row, task in enumerate(self._tasks)]

    def _result(self, row: int, one: Candidate) -> Result:
        key = (row, one.model if one.cascade is None else f"{self._tasks[row]}: {one.model}")
        if key not in self._kept:
            self._kept[key] = self._desk.serve(row, router_of(one))
        return self._kept[key]


def outcomes(table: Table) -> Iterator[CaseOutcome]:
    """Yield a table as what evaluations keep of it."""
    for row, task in enumerate(table.datasets):
        for column, model in enumerate(table.models):
            answer = table.answers[row][column]
            yield CaseOutcome(
                capability=task,
                kind="label",
                query=table.query_ids[row],
                model=ModelId(model),
                score=float(table.score[row, column]),
                form=answer,
                answer=None if answer is None else digest_of(answer),
                cost_usd=float(table.cost[row, column]),
                latency_s=0.0 if table.latency is None else float(table.latency[row, column]),
            )


def candidates(table: Table, learned: Mapping[str, Sequence[LearnedCascade]]) -> Candidates:
    """Return what may do each task, as it is predicted from a table: models alone, then cascades."""
    found = {}
    for task in dict.fromkeys(table.datasets):
        rows = table.take(np.array([other == task for other in table.datasets]))
        alone = {model: _alone(rows, task, column) for column, model in enumerate(table.models)}
        cascades = (
            predict_cascade(one, [alone[member.model] for member in one.cascade.members])
            for one in learned.get(task, ())
        )
        found[task] = (*alone.values(), *cascades)
    return found


def _alone(rows: Table, task: str, column: int) -> Candidate:
    score = float(rows.score[:, column].sum())
    evidence = Evidence(capability=task, n=len(rows), score_sum=score, source="the fitting table", date="")
    return Candidate(
        model=ModelId(rows.models[column]),
        quality=with_like((evidence,), None)[0],
        cost_usd=_mean(rows.cost[:, column]),
        latency_s=None if rows.latency is None else _mean(rows.latency[:, column]),
        evidence=(evidence,),
    )


def _mean(amounts: Sequence[float]) -> Range:
    mean = float(np.mean(amounts))
    return Range(low=mean, value=mean, high=mean)


def router_of(one: Candidate) -> Router:
    """Return a candidate as a router: it asks and listens as a run does."""

    def route(query: Query) -> str:
        if one.cascade is not None:
            return _agreed(one.cascade, query)
        query.call(one.model)
        return one.model

    return route


def _agreed(cascade: CascadePlan, query: Query) -> str:
    said: list[Said] = []
    while isinstance(decided := following(cascade, said), AskMembers):
        members = cascade.members[decided.begin : decided.end]
        said += [Said(True, reply.answer) for reply in query.call(*(member.model for member in members))]
    assert not isinstance(decided, NoAnswer), "every call of a table has an answer"
    return cascade.members[decided.member].model
