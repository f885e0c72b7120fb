"""Which option each step of a flow takes: prepared once, then solved for any limits without asking anything anew."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Estimate, Range
from nubem_jupyter.engine.assign.graph import chain, cost_graph, doubt_graph, time_graph
from nubem_jupyter.engine.assign.limits import Limits
from nubem_jupyter.engine.assign.minimise import Least, minimise
from nubem_jupyter.engine.assign.search import TOLERANCE
from nubem_jupyter.engine.assign.table import COST, DOUBT, LOSS, TIME, Option, Table, tabulate
from nubem_jupyter.engine.estimator.sizes import known_sizes
from nubem_jupyter.engine.estimator.total import estimate, least_chance

EFFORT = 1024
"""Partial choices that are kept side by side: more prove more, and take longer."""

_ROUNDING = 3 * TOLERANCE
"""More than the order in which floats are added may change, and than the search lets a limit be off by, as a share."""
_LEAST = 1e-300
"""In place of a limit of nothing, so that shares of it are numbers."""
_NOTHING = Range(low=0.0, value=0.0, high=0.0)


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """An option for each step."""

    chosen: Mapping[str, int]
    """Place of a model call -> which of its candidates, by their order."""
    loss: float
    """What was least: the sum of the chosen candidates' losses."""
    gap: float
    """How much less another choice may lose at most; 0 where this one is proved to be the best."""
    cost_usd: float
    """US dollars at the high end, as limits count them; infinite where a price is unknown."""
    latency_s: float
    """Seconds at the best single value, as limits count them: steps of unknown speed as nothing."""
    quality: float | None
    """Chance that all is right, as limits count it: whichever way a branch goes; None where it is not measured."""
    estimate: Estimate
    """What the whole is expected to take."""


class Problem:
    """A flow with the candidates for each of its model calls.

    ``losses`` has a number for each candidate, in the order of ``candidates``: what choosing it loses, in any unit,
    so that the sum over the flow is what should be least. With ``fastest`` the time of the whole flow is first made
    least, and the losses decide between what is equally fast. ``inputs`` are values already known: they say how many
    items maps run over.
    ``uses_usd`` tells of places with a tool what a use costs, where that is known.
    """

    def __init__(
        self,
        flow: Flow,
        candidates: Mapping[str, Sequence[Candidate]],
        losses: Mapping[str, Sequence[float]],
        *,
        inputs: Mapping[str, Any] | None = None,
        uses_usd: Mapping[str, float] | None = None,
        fastest: bool = False,
    ) -> None:
        self._flow = flow
        self._inputs = inputs or {}
        self._uses_usd = uses_usd or {}
        self._fastest = fastest
        self._places = [place for place, _ in flow.walk() if place in candidates or place in self._uses_usd]
        self.candidates = {place: tuple(candidates[place]) for place in self._places if place in candidates}
        self._losses = losses
        steps = {place: number for number, place in enumerate(self._places)}
        items = known_sizes(flow, self._inputs).items
        self._graphs = (
            chain(len(steps)),
            cost_graph(flow, steps, items),
            time_graph(flow, steps, items),
            doubt_graph(flow, steps),
        )
        self._tables: dict[bool, Table] = {}

    def best(self, limits: Limits, *, effort: int = EFFORT) -> Assignment | None:
        """Return the choice that loses least within the limits; None where none was found, as a rule there is none.

        What is returned keeps the limits in its own estimate.
        """
        found = self._best(limits, 1 + _ROUNDING, effort)
        if found is None or self._holds(found, limits):
            return found
        return self._best(limits, 1 - _ROUNDING, effort)

    def least(self, quantities: frozenset[int], limits: Limits, *, effort: int = EFFORT) -> Least:
        """Return the least that a quantity can be within the limits on the others.

        Of several together it is the least share that all can keep to of their limits.
        """
        table = self._table(measured=limits.min_quality is not None or DOUBT in quantities)
        table = table.with_known_times() if TIME in quantities else table
        return minimise(table, self._graphs, quantities, _ceilings(limits, 1.0), effort)

    def most(self, quantity: int, limits: Limits) -> float:
        """Return the most that a quantity can come to, as far as a choice makes sense; infinite where unknown."""
        table = self._table(measured=limits.min_quality is not None)
        most = self._graphs[quantity].longest(table.most(quantity)) if table.complete else np.inf
        return np.inf if np.isnan(most) else most

    def _best(self, limits: Limits, rounding: float, effort: int) -> Assignment | None:
        table, ceilings = self._table(measured=limits.min_quality is not None), _ceilings(limits, rounding)
        if self._fastest:
            timed = table.with_known_times()
            least = minimise(timed, self._graphs, frozenset({TIME}), ceilings, effort)
            if least.value <= ceilings[TIME]:
                table, ceilings = timed, list(ceilings)
                ceilings[TIME] = max(least.value * (1 + _ROUNDING), _LEAST)
        found = minimise(table, self._graphs, frozenset({LOSS}), ceilings, effort)
        if found.picks is None and found.bound < np.inf:
            # Nothing was found and nothing proved: whatever keeps all limits is better than that.
            table = table.within(self._graphs, ceilings)
            shares = frozenset({TIME, DOUBT} | ({COST} if ceilings[COST] < np.inf else set()))
            kept = minimise(table, self._graphs, shares, ceilings, effort)
            found = found._replace(picks=kept.picks if kept.value <= 1 else None)
        return None if found.picks is None else self._assignment(found.picks, found.bound)

    def _assignment(self, picks: Sequence[int], bound: float) -> Assignment:
        options = [self._option(place, pick) for place, pick in zip(self._places, picks, strict=True)]
        chosen = {place: pick for place, pick in zip(self._places, picks, strict=True) if place in self.candidates}
        loss, cost, time = (
            graph.longest(amounts)
            for graph, amounts in zip(
                self._graphs[:DOUBT],
                ([one.loss for one in options], [one.cost for one in options], [one.time or 0.0 for one in options]),
                strict=True,
            )
        )
        return Assignment(
            chosen=chosen,
            loss=loss,
            gap=max(0.0, loss - bound) if loss - bound > _ROUNDING * abs(loss) else 0.0,
            # What is unknown stays so where a map goes over nothing.
            cost_usd=np.inf if np.isnan(cost) else cost,
            latency_s=time,
            quality=least_chance(self._flow, self._route(chosen)) if chosen else None,
            estimate=self._estimate(self._route(chosen)),
        )

    def _route(self, chosen: Mapping[str, int], unknown_latency_s: Range | None = None) -> dict[str, Choice]:
        picked = {place: self.candidates[place][index] for place, index in chosen.items()}
        return {
            place: Choice(chosen=msgspec.structs.replace(one, latency_s=one.latency_s or unknown_latency_s))
            for place, one in picked.items()
        }

    def _estimate(self, route: Mapping[str, Choice]) -> Estimate:
        return estimate(self._flow, route, inputs=self._inputs, uses_usd=self._uses_usd)

    def _holds(self, found: Assignment, limits: Limits) -> bool:
        """Tell whether an estimate keeps the limits, added up in its own order."""
        whole = found.estimate if found.estimate.latency_s else self._estimate(self._route(found.chosen, _NOTHING))
        cost, time = whole.cost_usd, whole.latency_s
        return (
            (limits.max_cost_usd is None or (cost is not None and cost.high <= limits.max_cost_usd))
            and (limits.max_latency_s is None or (time is not None and time.value <= limits.max_latency_s))
            and (limits.min_quality is None or not found.chosen or (found.quality or 0.0) >= limits.min_quality)
        )

    def _table(self, *, measured: bool) -> Table:
        """Return the options, of which with ``measured`` only those whose quality is known; a tool is what it is."""
        if measured not in self._tables:
            self._tables[measured] = tabulate(
                [
                    [
                        self._option(place, number, measured=measured)
                        for number, one in enumerate(self.candidates.get(place, (None,)))
                        if not measured or one is None or one.quality is not None
                    ]
                    for place in self._places
                ]
            )
        return self._tables[measured]

    def _option(self, place: str, number: int, *, measured: bool = False) -> Option:
        if place not in self.candidates:
            return Option(number, 0.0, self._uses_usd[place], 0.0)
        one = self.candidates[place][number]
        cost = one.cost_usd.high if one.cost_usd else np.inf
        time = one.latency_s.value if one.latency_s else None
        return Option(
            number,
            self._losses[place][number],
            cost,
            time,
            _doubt(one.quality.value) if measured and one.quality else 0.0,
        )


def _doubt(chance: float) -> float:
    return max(0.0, -math.log(chance)) if chance > 0 else np.inf


def _ceilings(limits: Limits, rounding: float) -> list[float]:
    given = (limits.max_cost_usd, limits.max_latency_s, _doubt(limits.min_quality or 0.0))
    return [np.inf, *(np.inf if most is None else max(most * rounding, _LEAST) for most in given)]
