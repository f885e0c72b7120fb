"""Keeping the whole run within its limits, by the choice that loses least of all that do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.core.constraint import Constraints, Preference
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate
from nubem_jupyter.engine.estimator.sizes import known_sizes
from nubem_jupyter.engine.router.limits import Chosen, Known, Limit, broken, limits
from nubem_jupyter.engine.router.losses import Ranked, losses
from nubem_jupyter.engine.router.words import because, rounded_down, rounded_up
from nubem_jupyter.errors import InfeasibleError

if TYPE_CHECKING:
    from nubem_jupyter.engine.assign import Assignment, Problem, Relaxation


def keep_within(flow: Flow, ranked: Ranked, constraints: Constraints, known: Known) -> Chosen:
    """Take the best candidate of each step; where the whole run then breaks a limit, the choice that loses least.

    Raises:
        InfeasibleError: there is none; says which limits would be enough.
    """
    first = {place: order[0] for place, order in ranked.items()}
    over = broken(flow, first, constraints, known)
    if not over:
        return first
    problem = prepare(flow, ranked, constraints.prefer, known)
    found = solve(problem, constraints)
    kept = " and ".join(f"{limit.name} {limit.write(limit.bound)}" for limit in over)
    return {place: _instead(first[place], ranked[place][number], kept) for place, number in found.chosen.items()}


def solve(problem: Problem, constraints: Constraints) -> Assignment:
    """Return the choice that loses least within the limits.

    Raises:
        InfeasibleError: there is none; says which limits would be enough.
    """
    from nubem_jupyter.engine.assign import Limits, relaxations

    asked = Limits(
        max_cost_usd=constraints.max_cost_usd,
        max_latency_s=constraints.max_latency_s,
        min_quality=constraints.min_quality,
    )
    found = problem.best(asked)
    if found is None:
        raise _infeasible(limits(constraints), relaxations(problem, asked))
    return found


def prepare(
    flow: Flow, ranked: Ranked, prefer: Preference, known: Known, best: Mapping[str, Candidate] | None = None
) -> Problem:
    """Return the flow with its candidates, to be solved for any limits; ``ranked`` has those of each step in order.

    ``best`` names the surest that may be chosen, as for ``losses``.
    """
    # Late: it imports numpy, which most plans can do without.
    from nubem_jupyter.engine.assign import Problem, calls

    counted = calls(flow, known_sizes(flow, known.inputs).items)
    return Problem(
        flow,
        ranked,
        losses(ranked, prefer, calls(flow), counted, best),
        inputs=known.inputs,
        uses_usd=known.uses_usd,
        fastest=prefer is Preference.LATENCY,
    )


def _instead(first: Candidate, chosen: Candidate, kept: str) -> Candidate:
    if chosen is first:
        return first
    return because(chosen, f"taken in place of {first.model} to keep the run within {kept}")


def _infeasible(asked: Sequence[Limit], enough: Sequence[Relaxation]) -> InfeasibleError:
    within = " and ".join(f"{limit.name} {limit.write(limit.bound)}" for limit in asked)
    nearest = ""
    if len(asked) == 1 and enough:
        end = "the most that can be hoped for" if asked[0].floor else "the least"
        nearest = f": {end} is {asked[0].write(_needed(enough[0], asked[0]))}"
    hints = [f"{_options(one, asked)} would be enough{_beside(one, asked)}" for one in enough]
    return InfeasibleError(f"no choice of models keeps the run within {within}{nearest}", hint="; ".join(hints))


def _needed(one: Relaxation, limit: Limit) -> float:
    """Return how far a limit has to go."""
    amounts = {
        "max_cost": one.limits.max_cost_usd,
        "max_latency": one.limits.max_latency_s,
        "min_quality": one.limits.min_quality,
    }
    return amounts[limit.name] or 0.0


def _options(one: Relaxation, asked: Sequence[Limit]) -> str:
    given = (limit for limit in asked if limit.name in one.relaxed)
    return " ".join(
        f"{limit.option} {(rounded_down if limit.floor else rounded_up)(_needed(one, limit))}" for limit in given
    )


def _beside(one: Relaxation, asked: Sequence[Limit]) -> str:
    """Say what else it takes: money, time where that has a limit, and how sure all is where it is known."""
    found = one.assignment
    names = {limit.name for limit in asked}
    parts = []
    if "max_cost" not in one.relaxed and 0 < found.cost_usd < math.inf:
        parts.append(f"at ${rounded_up(found.cost_usd)}")
    if "max_latency" in names and "max_latency" not in one.relaxed:
        parts.append(f"in {rounded_up(found.latency_s)} s")
    if "min_quality" in names and "min_quality" not in one.relaxed:
        parts.append(f"at quality {rounded_down(found.quality or 0.0)}")
    return "".join(f", {part}" for part in parts)
