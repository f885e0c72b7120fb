"""The ceilings for a whole run, and which of them a choice of models breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Estimate, Range
from nubem_jupyter.engine.estimator.total import estimate
from nubem_jupyter.engine.router.words import rounded_up

Chosen = Mapping[str, Candidate]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a run before it is planned."""

    inputs: Mapping[str, Any] = {}
    """Values that are already there."""
    uses_usd: Mapping[str, float] = {}
    """Place of a tool -> what a use costs, where that is known."""


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
            )
        )
    return tuple(found)


def broken(flow: Flow, chosen: Chosen, constraints: Constraints, known: Known) -> tuple[Limit, ...]:
    """Return the ceilings that the whole run would not stay below."""
    # A step of unknown speed was let through on purpose, and the run's deadline guards it: it adds nothing here.
    timed = {place: msgspec.structs.replace(one, latency_s=one.latency_s or _UNTIMED) for place, one in chosen.items()}
    route = {place: Choice(chosen=one) for place, one in timed.items()}
    whole = estimate(flow, route, inputs=known.inputs, uses_usd=known.uses_usd)
    return tuple(limit for limit in limits(constraints) if limit.total(whole) > limit.most)


_UNTIMED = Range(low=0.0, value=0.0, high=0.0)
