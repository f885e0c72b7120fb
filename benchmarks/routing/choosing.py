"""What does each task within a budget: the router's choice for a flow that has a step for each task.

A step stands for its task's share of the queries, and comes after the one before it, so that cost and time add up to
those of the mean query; the chance that it is right is that of no query's going wrong there.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from nubem_jupyter.core.constraint import Constraints, Preference
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Range
from nubem_jupyter.engine.router import axes
from nubem_jupyter.engine.router.keeping import prepare, solve
from nubem_jupyter.engine.router.limits import Known
from nubem_jupyter.engine.router.ranking import rank
from nubem_jupyter.errors import InfeasibleError

Chosen = Mapping[str, Candidate]
"""Task -> what does it."""

_BUDGETS = 100
"""Points of a curve."""
_FIRST = 1e-4
"""Where the least budget is smaller, the second one, as a share of the greatest."""
_NEXT_TO_NOTHING = 1e-12
"""US dollars, where every task has a free model: nothing at all is no budget."""
_SLACK = 1e-6
"""Of the least budget, as a share: floats are added in another order."""


class Chooser:
    """Chooses among the same candidates for any budget."""

    def __init__(self, offered: Mapping[str, Sequence[Candidate]], tasks: Sequence[str]) -> None:
        """Take candidates by task, and the task of each query."""
        counts, flow, before = Counter(tasks), Flow.build(), "a query"
        self._steps = {f"step_{number}": task for number, task in enumerate(offered)}
        self._offered = {task: {one.model: one for one in those} for task, those in offered.items()}
        self._ranked: dict[str, Sequence[Candidate]] = {}
        for step, task in self._steps.items():
            flow, before = flow.model(step, before), f"{{{step}}}"
            shared = [_shared(one, counts[task] / len(tasks)) for one in offered[task]]
            self._ranked[step] = rank(shared, Preference.QUALITY, {}, task)
        self._problem = prepare(flow.output(), self._ranked, Preference.QUALITY, Known())
        cheapest = (min(axes.cost(one) for one in order) for order in self._ranked.values())
        self._least_usd = max(math.fsum(cheapest) * (1 + _SLACK), _NEXT_TO_NOTHING)

    def curve(self) -> list[Chosen]:
        """Return the choices within budgets from the least to one that keeps nothing out."""
        most_usd = solve(self._problem, Constraints(prefer=Preference.QUALITY)).cost_usd * (1 + _SLACK)
        if most_usd <= self._least_usd:
            return [self.within(self._least_usd, None)]
        # Where the least is next to nothing, few points would lie where there is something to choose.
        first_usd = max(self._least_usd, most_usd * _FIRST)
        budgets = [self._least_usd, *np.geomspace(first_usd, most_usd, _BUDGETS).tolist()]
        return [self.within(usd, None) for usd in budgets[first_usd == self._least_usd :]]

    def within(self, cost_usd: float, latency_s: float | None) -> Chosen:
        """Return the choice that loses least within limits of the mean query; where there is none, the cheapest."""
        limits = Constraints(max_cost_usd=cost_usd, max_latency_s=latency_s, prefer=Preference.QUALITY)
        try:
            found = solve(self._problem, limits)
        except InfeasibleError:
            found = solve(self._problem, Constraints(max_cost_usd=self._least_usd, prefer=Preference.QUALITY))
        names = {step: self._ranked[step][number].model for step, number in found.chosen.items()}
        return {task: self._offered[task][names[step]] for step, task in self._steps.items()}


def _shared(one: Candidate, share: float) -> Candidate:
    """Return a candidate with what it takes of the mean query, of which so large a share is its task's."""
    return msgspec.structs.replace(
        one,
        quality=None if one.quality is None else _times(one.quality, share, 1 - share),
        cost_usd=None if one.cost_usd is None else _always(one.cost_usd.value * share),
        latency_s=None if one.latency_s is None else _always(one.latency_s.value * share),
    )


def _times(amount: Range, share: float, more: float) -> Range:
    return Range(low=amount.low * share + more, value=amount.value * share + more, high=amount.high * share + more)


def _always(amount: float) -> Range:
    """Return what the mean of very many queries takes, which has no range to speak of."""
    return Range(low=amount, value=amount, high=amount)
