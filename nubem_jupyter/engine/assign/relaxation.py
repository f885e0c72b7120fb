"""What would be enough where nothing keeps all limits: the nearest limits that can be kept, with what they cost."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import msgspec

from nubem_jupyter.engine.assign.limits import COST as MAX_COST
from nubem_jupyter.engine.assign.limits import LATENCY as MAX_LATENCY
from nubem_jupyter.engine.assign.limits import QUALITY as MIN_QUALITY
from nubem_jupyter.engine.assign.limits import Limits
from nubem_jupyter.engine.assign.problem import Assignment, Problem
from nubem_jupyter.engine.assign.table import COST, DOUBT, TIME

_HAIR = 1 + 1e-9
"""So much more than the least, which may be told a hair too low; ``_tightened`` takes back what is not needed."""


class Relaxation(msgspec.Struct, frozen=True, kw_only=True):
    """Limits that can be kept."""

    relaxed: tuple[str, ...]
    """Names of the limits that differ from those that were asked for."""
    limits: Limits
    """All limits; what is relaxed goes no further than it has to, where what takes an unknown time is no help: nobody
    could say that a deadline is enough for it."""
    assignment: Assignment
    """The best choice within them."""


def relaxations(problem: Problem, limits: Limits) -> tuple[Relaxation, ...]:
    """Return for each single limit how far it has to give way beside the others; where no single one does, for pairs.

    Where pairs do not do either, all of them give way. Of cost and time together, the smallest common share is added to
    both; beside a quality that gives way, it does so least.
    """
    for count in range(1, len(limits.names) + 1):
        found = [one for names in combinations(limits.names, count) for one in _relaxed(problem, limits, names)]
        if found:
            return tuple(found)
    return ()


def _relaxed(problem: Problem, limits: Limits, names: tuple[str, ...]) -> Iterator[Relaxation]:
    wider = limits
    if MIN_QUALITY in names:
        least = _highest_floor(problem, _without(limits, names))
        wider = msgspec.structs.replace(limits, min_quality=least)
    bounds = frozenset({MAX_COST: COST, MAX_LATENCY: TIME}[name] for name in names if name != MIN_QUALITY)
    if bounds:
        needed = problem.least(bounds, wider).value
        wider = _widened(wider, bounds, needed * _HAIR)
    found = problem.best(wider)
    if found is not None:
        yield Relaxation(relaxed=names, limits=_tightened(problem, limits, wider, found), assignment=found)


def _without(limits: Limits, names: tuple[str, ...]) -> Limits:
    return Limits(
        max_cost_usd=None if MAX_COST in names else limits.max_cost_usd,
        max_latency_s=None if MAX_LATENCY in names else limits.max_latency_s,
        min_quality=limits.min_quality,
    )


def _widened(limits: Limits, bounds: frozenset[int], needed: float) -> Limits:
    """Return limits as far as needed: an amount of the one quantity, or a share of both limits."""
    cost, latency = limits.max_cost_usd, limits.max_latency_s
    if needed == float("inf"):
        return limits
    if len(bounds) == 1:
        return (
            msgspec.structs.replace(limits, max_cost_usd=needed)
            if COST in bounds
            else msgspec.structs.replace(limits, max_latency_s=needed)
        )
    return msgspec.structs.replace(limits, max_cost_usd=(cost or 0) * needed, max_latency_s=(latency or 0) * needed)


def _tightened(problem: Problem, asked: Limits, wider: Limits, found: Assignment) -> Limits:
    """Take back what the choice does not need of it; of a deadline nothing where the choice's time is not known."""
    unknown = any(problem.candidates[place][number].latency_s is None for place, number in found.chosen.items())
    needed_s = max(found.latency_s, (wider.max_latency_s or 0.0) if unknown else 0.0)
    return Limits(
        max_cost_usd=None if asked.max_cost_usd is None else max(asked.max_cost_usd, found.cost_usd),
        max_latency_s=None if asked.max_latency_s is None else max(asked.max_latency_s, needed_s),
        min_quality=None if wider.min_quality is None else min(asked.min_quality or 0.0, found.quality or 0.0),
    )


def _highest_floor(problem: Problem, limits: Limits) -> float | None:
    """Return the highest floor of quality that can be kept, a hair less; None where none can."""
    least = problem.least(frozenset({DOUBT}), msgspec.structs.replace(limits, min_quality=None)).value
    return math.exp(-least) * (1 - 1e-9) if least < math.inf else None
