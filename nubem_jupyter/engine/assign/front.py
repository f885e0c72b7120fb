"""What can be had for what: choices between the cheapest, the fastest and the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import le
from typing import NamedTuple

import msgspec

from nubem_jupyter.engine.assign.limits import Limits
from nubem_jupyter.engine.assign.problem import Assignment, Problem
from nubem_jupyter.engine.assign.table import COST, TIME

_LEAST_SHARE = 1e-3
"""Budgets and deadlines below this share of the greatest are not told apart, but for the very least."""
_HAIR = 1 + 1e-9
"""So much more than the least and the most, which adding up in another order may come to."""


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """Choices none of which another beats in everything, and how much lies between them.

    To every choice within the limits there is one of these that loses no more than it, costs at most ``cost_ratio``
    times as much, and takes at most ``latency_ratio`` times as long, each counted from ``least_cost_usd`` and
    ``least_latency_s`` up (Papadimitriou and Yannakakis 2000), as far as ``Assignment.gap`` is 0.
    """

    assignments: tuple[Assignment, ...]
    """Cheapest first."""
    cost_ratio: float
    """Between two budgets that were tried."""
    latency_ratio: float
    """Between two deadlines that were tried."""
    least_cost_usd: float
    """The lowest budget."""
    least_latency_s: float
    """The shortest deadline."""


def front(problem: Problem, limits: Limits, *, most: int = 25) -> Front | None:
    """Return up to so many choices within the limits; None where there is none at all.

    Budgets and deadlines are tried in a grid with even ratios, from the least that is possible to the most that any
    choice takes. Where a price is unknown, only deadlines are.
    """
    cost, latency = (_ladder(problem, quantity, limits, math.isqrt(most)) for quantity in (COST, TIME))
    found = []
    for budget in cost.rungs:
        for deadline in latency.rungs:
            within = Limits(max_cost_usd=budget, max_latency_s=deadline, min_quality=limits.min_quality)
            one = problem.best(within)
            found.extend([one] if one else [])
    if not found:
        return None
    return Front(
        assignments=_unbeaten(found),
        cost_ratio=cost.ratio,
        latency_ratio=latency.ratio,
        least_cost_usd=cost.begins,
        least_latency_s=latency.begins,
    )


class _Ladder(NamedTuple):
    """Limits to try, rising; a None stands for no limit."""

    rungs: tuple[float | None, ...]
    ratio: float = 1.0
    begins: float = 0.0


def _ladder(problem: Problem, quantity: int, limits: Limits, count: int) -> _Ladder:
    limit = limits.max_cost_usd if quantity == COST else limits.max_latency_s
    least = problem.least(frozenset({quantity}), limits).value * _HAIR
    most = max(least, min(problem.most(quantity, limits) * _HAIR, math.inf if limit is None else limit))
    if count < 2 or most == math.inf or (limit is not None and least > limit):
        return _Ladder((limit,), math.inf)
    low = max(least, most * _LEAST_SHARE)
    if low == most:
        return _Ladder((most,))
    first = (least,) if least < low else ()
    steps = count - 1 - len(first)
    if not steps:
        return _Ladder((*first, most), most / low, low)
    ratio = (most / low) ** (1 / steps)
    return _Ladder((*first, *(low * ratio**step for step in range(steps)), most), ratio, low)


def _unbeaten(found: Sequence[Assignment]) -> tuple[Assignment, ...]:
    """Return those that no other is no worse than, cheapest first; of equals the first stays."""
    kept: list[Assignment] = []
    for one in sorted(found, key=_amounts):
        if not any(all(map(le, _amounts(other), _amounts(one))) for other in kept):
            kept.append(one)
    return tuple(kept)


def _amounts(one: Assignment) -> tuple[float, float, float]:
    return one.cost_usd, one.latency_s, one.loss
