"""What other limits would make of a plan, asked as often as one likes: all that does not depend on them is kept.

It chooses as ``route`` does. What may do a step whatever it takes is asked of ``route`` once for each preference; then
limits are a matter of ``engine.assign`` alone. Only where a limit forbids the surest model of a step does the order of
the others change with it, and is worked out anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.core.constraint import Constraints, Preference
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice
from nubem_jupyter.core.weighed import Front, FrontPoint
from nubem_jupyter.engine.router import axes
from nubem_jupyter.engine.router.keeping import prepare, solve
from nubem_jupyter.engine.router.limits import Chosen, Known
from nubem_jupyter.engine.router.losses import Ranked, doubts

if TYPE_CHECKING:
    from nubem_jupyter.engine.assign import Problem

_KEPT = 8
"""How many problems are kept: one a preference, and some where a limit forbids the surest model of a step."""


class Weighing:
    """A flow with all that may do its steps."""

    def __init__(self, flow: Flow, routed: Callable[[Preference], Mapping[str, Choice]], known: Known) -> None:
        """Take what ``route`` gives for a preference where nothing limits the run."""
        self._flow = flow
        self._routed = routed
        self._known = known
        self._ranked: dict[Preference, Ranked] = {}
        self._surest_first: dict[Preference, dict[str, list[int]]] = {}
        self._problems: dict[tuple[Preference, tuple[int, ...]], Problem] = {}

    def choose(self, constraints: Constraints) -> Chosen:
        """Return who would do each step; of the constraints only limits and the preference count.

        Raises:
            InfeasibleError: no choice of models keeps the limits; says which ones would be enough.
        """
        ranked = self._order(constraints.prefer)
        if not ranked:
            return {}
        found = solve(self._problem(constraints, ranked), constraints)
        return {place: ranked[place][number] for place, number in found.chosen.items()}

    def front(self, constraints: Constraints, most: int = 25) -> Front:
        """Return up to so many choices within the limits, from the cheapest and the fastest to the surest."""
        from nubem_jupyter.engine.assign import Limits, Problem, calls, front

        ranked = self._order(Preference.QUALITY)
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
        found = front(problem, within, most=most) if ranked else None
        return Front(
            points=tuple(
                FrontPoint(
                    models={place: ranked[place][number].model for place, number in one.chosen.items()},
                    estimate=one.estimate,
                    gap=one.gap,
                )
                for one in (found.assignments if found else ())
            )
        )

    def _order(self, prefer: Preference) -> Ranked:
        if prefer not in self._ranked:
            ranked = {place: choice.in_turn for place, choice in self._routed(prefer).items()}
            self._ranked[prefer] = ranked
            self._surest_first[prefer] = {place: _surest_first(order) for place, order in ranked.items()}
        return self._ranked[prefer]

    def _problem(self, constraints: Constraints, ranked: Ranked) -> Problem:
        best = {
            place: next((number for number in numbers if _fits(ranked[place][number], constraints)), -1)
            for place, numbers in self._surest_first[constraints.prefer].items()
        }
        key = constraints.prefer, tuple(best.values())
        if key not in self._problems:
            surest = {place: ranked[place][number] for place, number in best.items() if number >= 0}
            while len(self._problems) >= _KEPT:
                del self._problems[next(iter(self._problems))]
            self._problems[key] = prepare(self._flow, ranked, constraints.prefer, self._known, surest)
        return self._problems[key]


def _surest_first(order: Sequence[Candidate]) -> list[int]:
    """Return the places of those of which something is measured."""
    measured = (number for number, one in enumerate(order) if one.quality)
    return sorted(measured, key=lambda number: axes.by_quality(order[number]))


def _fits(one: Candidate, constraints: Constraints) -> bool:
    cost, latency, floor = constraints.max_cost_usd, constraints.max_latency_s, constraints.min_quality
    return (
        (cost is None or (one.cost_usd is not None and one.cost_usd.high <= cost))
        and (latency is None or one.latency_s is None or one.latency_s.value <= latency)
        and (floor is None or one.quality is None or one.quality.value >= floor)
    )
