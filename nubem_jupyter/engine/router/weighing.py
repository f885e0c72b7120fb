"""What other limits would make of a plan, asked as often as one likes: all that does not depend on them is kept.

It chooses as ``route`` does. What may do a step whatever it takes is asked of ``route`` once for each preference; then
limits are a matter of ``engine.assign`` alone. Only where a limit forbids the surest model of a step does the order of
the others change with it, and is worked out anew; where what is left is so weak that evidence guides nobody, ``route``
is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from nubem_jupyter.core.constraint import Constraints, Preference
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice
from nubem_jupyter.core.weighed import Front, FrontPoint
from nubem_jupyter.engine.router import axes
from nubem_jupyter.engine.router.hopeless import hopeful, remark
from nubem_jupyter.engine.router.keeping import prepare, solve
from nubem_jupyter.engine.router.limits import Chosen, Known
from nubem_jupyter.engine.router.losses import Ranked, doubts
from nubem_jupyter.engine.router.ranking import guides

if TYPE_CHECKING:
    from nubem_jupyter.engine.assign import Assignment, Problem

_KEPT = 8
"""How many problems are kept: one a preference, and some where a limit forbids the surest model of a step."""


class Weighing:
    """A flow with all that may do its steps."""

    def __init__(self, flow: Flow, routed: Callable[[Constraints], Mapping[str, Choice]], known: Known) -> None:
        """Take what calls ``route`` for a flow: with a preference alone, or with limits."""
        self._flow = flow
        self._routed = routed
        self._known = known
        self._ranked: dict[Preference, Ranked] = {}
        self._measured: dict[Preference, Ranked] = {}
        self._problems: dict[tuple[Preference, tuple[str, ...]], Problem] = {}

    def choose(self, constraints: Constraints) -> Chosen:
        """Return who would do each step; of the constraints only limits and the preference count.

        Raises:
            InfeasibleError: no choice of models keeps the limits; says which ones would be enough.
        """
        ranked = self._order(constraints.prefer)
        if not ranked:
            return {}
        if any(guides(ranked[place]) and not guides(self._fitting(constraints, place)) for place in ranked):
            return {place: choice.chosen for place, choice in self._routed(constraints).items()}
        best = {place: one for place in ranked for one in islice(self._fitting(constraints, place), 1)}
        found = solve(self._problem(constraints.prefer, ranked, best), constraints)
        return {place: ranked[place][number] for place, number in found.chosen.items()}

    def front(self, constraints: Constraints, most: int = 25) -> Front:
        """Return up to so many choices within the limits, from the cheapest and the fastest to the surest.

        Models that are hardly ever right take part only where nothing else keeps the limits.
        """
        ranked = self._order(Preference.QUALITY)
        likely = hopeful(ranked)
        points = self._points(likely, constraints, most)
        return Front(points=points if points or likely == ranked else self._points(ranked, constraints, most))

    def _points(self, ranked: Ranked, constraints: Constraints, most: int) -> tuple[FrontPoint, ...]:
        from nubem_jupyter.engine.assign import Limits, Problem, calls, front

        if not ranked:
            return ()
        problem = Problem(
            self._flow,
            ranked,
            doubts(ranked, calls(self._flow)),
            inputs=self._known.inputs,
            uses_usd=self._known.uses_usd,
        )
        within = Limits(
            max_cost_usd=constraints.max_cost_usd,
            max_latency_s=constraints.max_latency_s,
            min_quality=constraints.min_quality,
        )
        found = front(problem, within, most=most)
        return tuple(_point(ranked, one) for one in (found.assignments if found else ()))

    def _order(self, prefer: Preference) -> Ranked:
        if prefer not in self._ranked:
            ranked = {place: choice.in_turn for place, choice in self._routed(Constraints(prefer=prefer)).items()}
            self._ranked[prefer] = ranked
            self._measured[prefer] = {
                place: sorted((one for one in order if one.quality), key=axes.by_quality)
                for place, order in ranked.items()
            }
        return self._ranked[prefer]

    def _fitting(self, constraints: Constraints, place: str) -> Iterator[Candidate]:
        """Go through what is measured for a step and keeps every limit alone, surest first."""
        return (one for one in self._measured[constraints.prefer][place] if _fits(one, constraints))

    def _problem(self, prefer: Preference, ranked: Ranked, best: Chosen) -> Problem:
        key = prefer, tuple(one.model for one in best.values())
        if key not in self._problems:
            if len(self._problems) >= _KEPT:
                del self._problems[next(iter(self._problems))]
            self._problems[key] = prepare(self._flow, ranked, prefer, self._known, best)
        return self._problems[key]


def _point(ranked: Ranked, one: Assignment) -> FrontPoint:
    chosen = {place: ranked[place][number] for place, number in one.chosen.items()}
    return FrontPoint(
        models={place: candidate.model for place, candidate in chosen.items()},
        estimate=one.estimate,
        gap=one.gap,
        remark=remark(chosen, one.estimate),
    )


def _fits(one: Candidate, constraints: Constraints) -> bool:
    cost, latency, floor = constraints.max_cost_usd, constraints.max_latency_s, constraints.min_quality
    return (
        (cost is None or (one.cost_usd is not None and one.cost_usd.high <= cost))
        and (latency is None or one.latency_s is None or one.latency_s.value <= latency)
        and (floor is None or one.quality is None or one.quality.value >= floor)
    )
