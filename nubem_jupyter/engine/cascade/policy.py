"""The frontier of what can be had: for each trade of quality against cost and time, the best candidate of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from nubem_jupyter.core.plan import Range
from nubem_jupyter.engine.cascade.agreement import telling
from nubem_jupyter.engine.cascade.cascade import Cascade
from nubem_jupyter.engine.cascade.foresight import foreseen
from nubem_jupyter.engine.cascade.jury import Jury
from nubem_jupyter.engine.cascade.records import Floats, Ints, Records
from nubem_jupyter.engine.cascade.replay import Played, juries_for
from nubem_jupyter.engine.cascade.search import LONGEST, Found, search
from nubem_jupyter.engine.interval import wilson

CONFIDENCE = 0.9
"""Of the range of a predicted quality."""
_WORTH = 0.5
"""What a case counts for in such a range: the same cases chose the candidates, which are then a bit too good there."""


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """How much quality is given up for what."""

    per_usd: float = 0.0
    """Quality for a US dollar less."""
    per_s: float = 0.0
    """Quality for a second less."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate for a task with what is predicted of it."""

    models: tuple[str, ...]
    """Whom it asks, in their order."""
    cascade: Cascade
    """How."""
    quality: Range
    """Chance that the answer is right."""
    cost_usd: float
    """US dollars of a query, on average."""
    latency_s: float | None
    """Seconds of a query, on average; None where not recorded."""
    n: int
    """Queries of the task that this rests on."""


class Outlook(NamedTuple):
    """What to expect, queries x candidates."""

    quality: Floats
    cost_usd: Floats
    latency_s: Floats | None

    def best(self, trade: Trade) -> Ints:
        """Return the candidate that is worth most for each query: quality less what cost and time are worth."""
        worth = self.quality - trade.per_usd * self.cost_usd
        if self.latency_s is not None:
            worth = worth - trade.per_s * self.latency_s
        return np.asarray(worth.argmax(axis=1))


class Policy(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What was learned from records: candidates, their juries, and what to expect of them."""

    models: tuple[str, ...]
    """Names behind the numbers in cascades."""
    tasks: tuple[str, ...]
    """Names of the rows' tasks."""
    answers: Mapping[str, int]
    """Numbers of the answers that tell of themselves."""
    candidates: tuple[Cascade, ...]
    """Models alone and cascades."""
    juries: Mapping[tuple[int, ...], Jury]
    """By their members."""
    quality: Floats
    """Candidates x tasks, and last any other task."""
    spend_usd: Floats
    """Candidates x tasks, and last any other task, x models: US dollars that go to each, on average."""
    latency_s: Floats | None
    """Candidates x tasks, and last any other task; None where not recorded."""
    asked: tuple[Floats, ...]
    """Of each candidate, tasks x its models, and last any other task: how often each is asked, as a share."""
    queries: Floats
    """How many queries each task had, and last all together."""

    def task_number(self, task: str | None) -> int:
        """Return a task's number; that after the last for one that is not known."""
        return self.tasks.index(task) if task in self.tasks else len(self.tasks)

    def choose(self, task: str | None, trade: Trade, relative: Sequence[float] | None = None) -> Cascade:
        """Return the candidate that is worth most for a query.

        ``relative`` is what each model is expected to take for it, as a multiple of what it takes for the task.
        """
        row = None if relative is None else np.array([relative])
        return self.candidates[int(self.outlook(np.array([self.task_number(task)]), row).best(trade)[0])]

    def outlook(self, tasks: Ints, relative: Floats | None = None) -> Outlook:
        """Return what to expect of each candidate on queries of these tasks, whose costs are ``relative``."""
        spend = self.spend_usd.transpose(1, 0, 2)
        if relative is None:
            cost_usd = spend.sum(axis=2)[tasks]
        else:
            cost_usd = np.zeros((len(tasks), len(self.candidates)))
            for task in np.unique(tasks):
                cost_usd[tasks == task] = relative[tasks == task] @ spend[task].T
        latency_s = None if self.latency_s is None else self.latency_s.T[tasks]
        return Outlook(self.quality.T[tasks], cost_usd, latency_s)

    def options(self, task: str | None) -> tuple[Option, ...]:
        """Return all candidates for a task, in the order of ``candidates``."""
        number = self.task_number(task)
        n, chance = float(self.queries[number]), np.clip(self.quality[:, number], 0.0, 1.0)
        return tuple(
            Option(
                models=tuple(self.models[model] for model in cascade.models),
                cascade=cascade,
                quality=wilson(float(chance[place]) * n * _WORTH, n * _WORTH, CONFIDENCE),
                cost_usd=float(self.spend_usd[place, number].sum()),
                latency_s=None if self.latency_s is None else float(self.latency_s[place, number]),
                n=int(n),
            )
            for place, cascade in enumerate(self.candidates)
        )

    def foreseen(self, task: str | None, queries: int) -> tuple[Range, ...]:
        """Return the mean score of so many more queries of a task, candidate by candidate, with its range.

        It is wider than that of ``options``: those queries, too, are a sample.
        """
        number = self.task_number(task)
        n, chance = float(self.queries[number]), np.clip(self.quality[:, number], 0.0, 1.0)
        return tuple(foreseen(float(mean), n * _WORTH, queries, CONFIDENCE) for mean in chance)


def learn(records: Records, seed: int = 0, longest: int = LONGEST) -> Policy:
    """Learn candidates and what to expect of them; equal records and seeds give equal policies.

    No cascade asks more than ``longest`` models.
    """
    found = search(records, seed, longest)
    told = np.array(telling(records), dtype=np.int64)
    counts = np.bincount(records.task, minlength=len(records.tasks)).astype(np.float64)
    return Policy(
        models=records.models,
        tasks=records.tasks,
        answers={records.answers[number]: int(number) for number in told},
        candidates=found.cascades,
        juries=juries_for(records, found.cascades, told),
        quality=found.quality,
        spend_usd=_spend(records, found),
        latency_s=found.latency_s,
        asked=tuple(
            _asked(records, len(one.models), played) for one, played in zip(found.cascades, found.played, strict=True)
        ),
        queries=np.append(counts, counts.sum()),
    )


def _asked(records: Records, count: int, played: Played) -> Floats:
    """Return how often each model of a candidate is asked, task by task and last over all of them."""
    reached = (played.asked[:, None] > np.arange(count)).astype(np.float64)
    tasks = [reached[records.task == task] for task in range(len(records.tasks))]
    return np.array([rows.mean(axis=0) if len(rows) else np.zeros(count) for rows in (*tasks, reached)])


def _spend(records: Records, found: Found) -> Floats:
    """Return candidates x tasks, and last all together, x models: what went to each model on average."""
    spend = np.zeros((len(found.cascades), len(records.tasks) + 1, len(records.models)))
    counts = np.bincount(records.task, minlength=len(records.tasks))
    for place, (cascade, played) in enumerate(zip(found.cascades, found.played, strict=True)):
        for turn, model in enumerate(cascade.models):
            paid = np.where(played.asked > turn, records.cost_usd[:, model], 0.0)
            sums = np.bincount(records.task, weights=paid, minlength=len(counts))
            spend[place, :, model] = np.append(sums / np.maximum(counts, 1), paid.mean())
    return spend
