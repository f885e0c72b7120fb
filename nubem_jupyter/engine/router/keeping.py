"""Keeping the whole run within its limits, by the choice that loses least of all that do."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from nubem_jupyter.core.constraint import Constraints, Preference
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate
from nubem_jupyter.engine.estimator.sizes import known_sizes
from nubem_jupyter.engine.router.limits import Chosen, Known, Limit, broken, limits
from nubem_jupyter.engine.router.losses import Ranked, losses
from nubem_jupyter.engine.router.words import because, rounded_down, rounded_up
from nubem_jupyter.errors import InfeasibleError

if TYPE_CHECKING:
    from nubem_jupyter.engine.assign import Assignment, Limits, Problem, Relaxation


def keep_within(
    flow: Flow, ranked: Ranked, constraints: Constraints, known: Known, unlimited: Callable[[], Ranked]
) -> Chosen:
    """Take the best candidate of each step; where the whole run then breaks a limit, the choice that loses least.

    ``unlimited`` tells who might do each step without limits: limits that would be enough are looked for among those.

    Raises:
        InfeasibleError: there is none; says which limits would be enough.
    """
    first = {place: order[0] for place, order in ranked.items()}
    over = broken(flow, first, constraints, known)
    if not over:
        return first
    found = prepare(flow, ranked, constraints.prefer, known).best(_asked(constraints))
    if found is None:
        raise _infeasible(
            limits(constraints), _enough(prepare(flow, unlimited(), constraints.prefer, known), constraints)
        )
    kept = " and ".join(f"{limit.name} {limit.write(limit.bound)}" for limit in over)
    return {place: _instead(first[place], ranked[place][number], kept) for place, number in found.chosen.items()}


def solve(problem: Problem, constraints: Constraints) -> Assignment:
    """Return the choice that loses least within the limits.

    Raises:
        InfeasibleError: there is none; says which limits would be enough.
    """
    found = problem.best(_asked(constraints))
    if found is None:
        raise _infeasible(limits(constraints), _enough(problem, constraints))
    return found


def what_would_allow(flow: Flow, unlimited: Ranked, constraints: Constraints, known: Known) -> str:
    """Say which limits would have to give way, and how far, for the whole run to be done; empty where none helps."""
    asked = limits(constraints)
    enough = _enough(prepare(flow, unlimited, constraints.prefer, known), constraints) if asked else ()
    if len(unlimited) > 1:
        return _hints(enough, asked)
    return "; ".join(f"{_options(one, asked)} would allow {_names(one, unlimited)}" for one in enough)


def _names(one: Relaxation, ranked: Ranked) -> str:
    return ", ".join(ranked[place][number].model for place, number in one.assignment.chosen.items())


def _asked(constraints: Constraints) -> Limits:
    from nubem_jupyter.engine.assign import Limits

    return Limits(
        max_cost_usd=constraints.max_cost_usd,
        max_latency_s=constraints.max_latency_s,
        min_quality=constraints.min_quality,
    )


def _enough(problem: Problem, constraints: Constraints) -> Sequence[Relaxation]:
    # Late, as below.
    from nubem_jupyter.engine.assign import relaxations

    found = (_each_alone(problem, one) for one in relaxations(problem, _asked(constraints)))
    return list({one.relaxed: one for one in found}.values())


def _each_alone(problem: Problem, one: Relaxation) -> Relaxation:
    """Let limits give way as far as each step by itself needs, since it is held to them, too.

    In a branch that may be more than the whole is expected to take.
    """
    chosen = [problem.candidates[place][number] for place, number in one.assignment.chosen.items()]
    cost, latency = one.limits.max_cost_usd, one.limits.max_latency_s
    dearest = max((step.cost_usd.high for step in chosen if step.cost_usd), default=0.0)
    slowest = max((step.latency_s.value for step in chosen if step.latency_s), default=0.0)
    more = [
        name
        for name, most, needs in (("max_cost", cost, dearest), ("max_latency", latency, slowest))
        if most is not None and most < needs
    ]
    wider = msgspec.structs.replace(
        one.limits,
        max_cost_usd=None if cost is None else max(cost, dearest),
        max_latency_s=None if latency is None else max(latency, slowest),
    )
    return msgspec.structs.replace(one, relaxed=tuple(dict.fromkeys((*one.relaxed, *more))), limits=wider)


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
        losses(ranked, prefer, calls(flow), counted, best, known.told),
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
    needed = _needed(enough[0], asked[0]) if len(asked) == 1 and enough else None
    if needed is not None:
        end = "the most that can be hoped for" if asked[0].floor else "the least"
        nearest = f": {end} is {asked[0].write(needed)}"
    message = f"no choice of models keeps the run within {within}{nearest}"
    return InfeasibleError(message, hint=_hints(enough, asked))


def _hints(enough: Sequence[Relaxation], asked: Sequence[Limit]) -> str:
    return "; ".join(f"{_options(one, asked)} would be enough{_beside(one, asked)}" for one in enough)


def _needed(one: Relaxation, limit: Limit) -> float | None:
    """Return how far a limit has to go; None where it has to go altogether, as nothing is measured to hold it to."""
    amounts = {
        "max_cost": one.limits.max_cost_usd,
        "max_latency": one.limits.max_latency_s,
        "min_quality": one.limits.min_quality,
    }
    return amounts[limit.name]


def _options(one: Relaxation, asked: Sequence[Limit]) -> str:
    amounts = [(limit, _needed(one, limit)) for limit in asked if limit.name in one.relaxed]
    given = " ".join(
        f"{limit.option} {(rounded_down if limit.floor else rounded_up)(amount)}"
        for limit, amount in amounts
        if amount is not None
    )
    gone = " and ".join(limit.option for limit, amount in amounts if amount is None)
    if not gone:
        return given
    return f"{given} without {gone}" if given else f"leaving out {gone}"


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
