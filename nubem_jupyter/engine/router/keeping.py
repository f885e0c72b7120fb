"""Keeping the whole run within its limits, by the choice that loses least of all that do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.core.constraint import Constraints, Preference
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate
from nubem_jupyter.engine.estimator.sizes import known_sizes
from nubem_jupyter.engine.router.limits import Chosen, Known, Limit, broken, limits
from nubem_jupyter.engine.router.losses import Ranked, losses
from nubem_jupyter.engine.router.words import because, rounded_up
from nubem_jupyter.errors import InfeasibleError

if TYPE_CHECKING:
    from nubem_jupyter.engine.assign import Problem, Relaxation


def keep_within(flow: Flow, ranked: Ranked, constraints: Constraints, known: Known) -> Chosen:
    """Take the best candidate of each step; where the whole run then breaks a limit, the choice that loses least.

    Raises:
        InfeasibleError: there is none; says which limits would be enough.
    """
    first = {place: order[0] for place, order in ranked.items()}
    over = broken(flow, first, constraints, known)
    if not over:
        return first
    # Late: it imports numpy, which most plans can do without.
    from nubem_jupyter.engine.assign import Limits, relaxations

    problem = prepare(flow, ranked, constraints.prefer, known)
    asked = Limits(max_cost_usd=constraints.max_cost_usd, max_latency_s=constraints.max_latency_s)
    found = problem.best(asked)
    if found is None:
        raise _infeasible(limits(constraints), relaxations(problem, asked))
    kept = " and ".join(f"{limit.name} {limit.write(limit.most)}" for limit in over)
    return {place: _instead(first[place], ranked[place][number], kept) for place, number in found.chosen.items()}


def prepare(flow: Flow, ranked: Ranked, prefer: Preference, known: Known) -> Problem:
    """Return the flow with its candidates, to be solved for any limits; ``ranked`` has those of each step in order."""
    from nubem_jupyter.engine.assign import Problem, calls

    counted = calls(flow, known_sizes(flow, known.inputs).items)
    return Problem(
        flow,
        ranked,
        losses(ranked, prefer, calls(flow), counted),
        inputs=known.inputs,
        uses_usd=known.uses_usd,
        fastest=prefer is Preference.LATENCY,
    )


def _instead(first: Candidate, chosen: Candidate, kept: str) -> Candidate:
    if chosen is first:
        return first
    return because(chosen, f"taken in place of {first.model} to keep the run within {kept}")


def _infeasible(asked: Sequence[Limit], enough: Sequence[Relaxation]) -> InfeasibleError:
    within = " and ".join(f"{limit.name} {limit.write(limit.most)}" for limit in asked)
    least = f": the least is {asked[0].write(_needed(enough[0]))}" if len(asked) == 1 and enough else ""
    deadline = any(limit.name == "max_latency" for limit in asked)
    hints = [f"{_options(one)} would be enough{_beside(one, deadline=deadline)}" for one in enough]
    return InfeasibleError(f"no choice of models keeps the run within {within}{least}", hint="; ".join(hints))


def _needed(one: Relaxation) -> float:
    """Return how far the only limit has to go."""
    return one.limits.max_cost_usd or one.limits.max_latency_s or 0.0


def _options(one: Relaxation) -> str:
    amounts = {"max_cost": one.limits.max_cost_usd, "max_latency": one.limits.max_latency_s}
    return " ".join(f"--{name.replace('_', '-')} {rounded_up(amounts[name] or 0.0)}" for name in one.relaxed)


def _beside(one: Relaxation, *, deadline: bool) -> str:
    """Say what else it takes: money, and time where that has a limit."""
    found = one.assignment
    parts = []
    if "max_cost" not in one.relaxed and 0 < found.cost_usd < math.inf:
        parts.append(f"at ${rounded_up(found.cost_usd)}")
    if deadline and "max_latency" not in one.relaxed:
        parts.append(f"in {rounded_up(found.latency_s)} s")
    return "".join(f", {part}" for part in parts)
