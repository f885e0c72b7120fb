"""Keeping the whole run within its limits by taking cheaper or faster models where that loses least."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Estimate, Range
from nubem_jupyter.engine.estimator.total import estimate
from nubem_jupyter.engine.router import axes
from nubem_jupyter.engine.router.words import because, rounded_up
from nubem_jupyter.errors import InfeasibleError

Ranked = Mapping[str, Sequence[Candidate]]
Chosen = Mapping[str, Candidate]


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A ceiling for the whole run."""

    name: str
    """Its name among the constraints."""
    option: str
    """What sets it."""
    most: float
    """The ceiling."""
    written: str
    """The ceiling as a sentence shows it, with its unit; ``{}`` stands for the figure."""
    total: Callable[[Estimate], float]
    """What a run takes of it, infinite where unknown."""
    amount: Callable[[Candidate], float]
    """What one step takes of it."""

    def write(self, figure: float) -> str:
        """Write a figure of it, rounded up."""
        return self.written.format(rounded_up(figure))


def limits(constraints: Constraints) -> tuple[Limit, ...]:
    """Return the ceilings that are set: cost by its high end, since a planned run must not meet its budget half-way;
    latency by its best single value.
    """
    found = []
    if constraints.max_cost_usd is not None:
        found.append(
            Limit(
                name="max_cost",
                option="--max-cost",
                most=constraints.max_cost_usd,
                written="${}",
                total=lambda whole: whole.cost_usd.high if whole.cost_usd else float("inf"),
                amount=lambda one: one.cost_usd.high if one.cost_usd else float("inf"),
            )
        )
    if constraints.max_latency_s is not None:
        found.append(
            Limit(
                name="max_latency",
                option="--max-latency",
                most=constraints.max_latency_s,
                written="{} s",
                total=lambda whole: whole.latency_s.value if whole.latency_s else float("inf"),
                amount=axes.latency,
            )
        )
    return tuple(found)


def keep_within(flow: Flow, ranked: Ranked, constraints: Constraints, inputs: Mapping[str, Any]) -> Chosen:
    """Take the best candidate of each step, then cheaper or faster ones until the whole run satisfies its limits.

    Greedy: of the next best candidates that take less, the one that loses least quality for what it saves. What a limit
    forced stays within the limits before it. The result need not be the best there is.

    Raises:
        InfeasibleError: it cannot be done; names the limit and what would be enough.
    """
    chosen: dict[str, Candidate] = {place: order[0] for place, order in ranked.items()}
    met: tuple[Limit, ...] = ()
    for limit in limits(constraints):

        def swapped(place: str, candidate: Candidate, base: Chosen = chosen) -> Estimate:
            return _estimate(flow, {**base, place: candidate}, inputs)

        while (total := limit.total(_estimate(flow, chosen, inputs))) > limit.most:
            swap = _best_swap(ranked, chosen, limit, total, met, swapped)
            if swap is None:
                raise _infeasible(limit, total, met)
            place, candidate = swap
            why = (
                f"taken in place of {chosen[place].model} to keep the run within {limit.name} {limit.write(limit.most)}"
            )
            chosen[place] = because(candidate, why)
        met = (*met, limit)
    return chosen


def _estimate(flow: Flow, chosen: Chosen, inputs: Mapping[str, Any]) -> Estimate:
    """Estimate the whole flow. A step of unknown speed was let through on purpose, and the run's deadline guards it: it
    adds nothing to the time of those that are known.
    """
    return estimate(flow, {place: Choice(chosen=_timed(one)) for place, one in chosen.items()}, inputs=inputs)


def _timed(one: Candidate) -> Candidate:
    return one if one.latency_s else msgspec.structs.replace(one, latency_s=_UNTIMED)


def _best_swap(
    ranked: Ranked,
    chosen: Chosen,
    limit: Limit,
    total: float,
    met: Sequence[Limit],
    swapped: Callable[[str, Candidate], Estimate],
) -> tuple[str, Candidate] | None:
    swaps: list[tuple[float, str, Candidate]] = []
    for place, now in chosen.items():
        for other in ranked[place]:
            if limit.amount(other) >= limit.amount(now):
                continue
            after = swapped(place, other)
            if all(earlier.total(after) <= earlier.most for earlier in met):
                saved = total - limit.total(after)
                lost = max(0.0, axes.surest(now) - axes.surest(other))
                swaps.append((lost / saved if saved > 0 else float("inf"), place, other))
                break
    if not swaps:
        return None
    _, place, other = min(swaps, key=lambda swap: swap[:2])
    return place, other


def _infeasible(limit: Limit, total: float, met: Sequence[Limit]) -> InfeasibleError:
    within = "".join(f" within {earlier.name} {earlier.write(earlier.most)}" for earlier in met)
    return InfeasibleError(
        f"no choice of models{within} keeps the run within {limit.name} {limit.write(limit.most)}: "
        f"the least found is {limit.write(total)}",
        hint=f"{limit.option} {rounded_up(total)} would be enough",
    )


_UNTIMED = Range(low=0.0, value=0.0, high=0.0)
"""What a step of unknown speed adds to the time of the others, at least."""
