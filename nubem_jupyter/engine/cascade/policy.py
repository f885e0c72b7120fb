"""What can be had for a task: models alone and cascades, each with what is to be expected of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np

from nubem_jupyter.engine.cascade.agreement import telling
from nubem_jupyter.engine.cascade.cascade import Cascade
from nubem_jupyter.engine.cascade.jury import Jury
from nubem_jupyter.engine.cascade.records import Floats, Records
from nubem_jupyter.engine.cascade.replay import Played, juries_for
from nubem_jupyter.engine.cascade.search import LONGEST, search


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate for a task with what is predicted of it."""

    cascade: Cascade
    """Whom it asks, and when it stops."""
    quality: float
    """Chance that the answer is right, 0 to 1."""
    cost_usd: float
    """US dollars of a query, on average."""
    latency_s: float | None
    """Seconds of a query, on average; None where not recorded."""
    asked: Floats
    """How often each of its models is asked, as a share of the queries."""


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
    cost_usd: Floats
    """Likewise, US dollars of a query on average."""
    latency_s: Floats | None
    """Likewise, seconds; None where not recorded."""
    asked: tuple[Floats, ...]
    """Of each candidate, tasks, and last any other task, x its models: how often each is asked, as a share."""

    def options(self, task: int) -> tuple[Option, ...]:
        """Return all candidates for a task, by its number, in the order of ``candidates``."""
        chance = np.clip(self.quality[:, task], 0.0, 1.0)
        return tuple(
            Option(
                cascade=cascade,
                quality=float(chance[place]),
                cost_usd=float(self.cost_usd[place, task]),
                latency_s=None if self.latency_s is None else float(self.latency_s[place, task]),
                asked=self.asked[place][task],
            )
            for place, cascade in enumerate(self.candidates)
        )


def learn(records: Records, seed: int = 0, longest: int = LONGEST) -> Policy:
    """Learn candidates and what to expect of them; equal records and seeds give equal policies.

    No cascade asks more than ``longest`` models.
    """
    found = search(records, seed, longest)
    told = np.array(telling(records), dtype=np.int64)
    return Policy(
        models=records.models,
        tasks=records.tasks,
        answers={records.answers[number]: int(number) for number in told},
        candidates=found.cascades,
        juries=juries_for(records, found.cascades, told),
        quality=found.quality,
        cost_usd=found.cost_usd,
        latency_s=found.latency_s,
        asked=tuple(
            _asked(records, len(one.models), played) for one, played in zip(found.cascades, found.played, strict=True)
        ),
    )


def _asked(records: Records, count: int, played: Played) -> Floats:
    """Return how often each model of a candidate is asked, task by task and last over all of them."""
    reached = (played.asked[:, None] > np.arange(count)).astype(np.float64)
    tasks = [reached[records.task == task] for task in range(len(records.tasks))]
    return np.array([rows.mean(axis=0) if len(rows) else np.zeros(count) for rows in (*tasks, reached)])
