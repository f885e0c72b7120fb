"""The limits of a whole run, and which of them a choice of models breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Estimate, Range
from nubem_jupyter.engine.estimator.told import ToldOfSteps
from nubem_jupyter.engine.estimator.total import estimate, least_chance
from nubem_jupyter.engine.router.words import rounded_down, rounded_up

Chosen = Mapping[str, Candidate]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a run before it is planned."""

    inputs: Mapping[str, Any] = {}
    """Values that are already there."""
    uses_usd: Mapping[str, float] = {}
    """Place of a tool -> what a use costs, where that is known."""
    told: ToldOfSteps = {}
    """What scored cases tell of the steps."""


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """What limits look at."""

    estimate: Estimate
    """What the run takes."""
    chance: float | None
    """That all is right, whichever way a branch goes; None where it is not measured."""


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of the whole run."""

    name: str
    """Its name among the constraints."""
    option: str
    """What sets it."""
    bound: float
    """Where it stands."""
    written: str
    """The limit as a sentence shows it, with its unit; ``{}`` stands for the figure."""
    keeps: Callable[[Whole], bool]
    """Whether a run keeps it; an unknown figure does not."""
    floor: bool = False
    """Whether it is the least that is allowed, not the most."""

    def write(self, figure: float) -> str:
        """Write a figure of it, rounded to the side that is allowed."""
        return self.written.format(rounded_down(figure) if self.floor else rounded_up(figure))


def limits(constraints: Constraints) -> tuple[Limit, ...]:
    """Return the limits that are set: cost by its high end, since a planned run must not meet its budget half-way;
    latency and quality by their best single values.
    """
    cost, latency, quality = constraints.max_cost_usd, constraints.max_latency_s, constraints.min_quality
    found = []
    if cost is not None:
        found.append(
            Limit(
                name="max_cost",
                option="--max-cost",
                bound=cost,
                written="${}",
                keeps=lambda whole: whole.estimate.cost_usd is not None and whole.estimate.cost_usd.high <= cost,
            )
        )
    if latency is not None:
        found.append(
            Limit(
                name="max_latency",
                option="--max-latency",
                bound=latency,
                written="{} s",
                keeps=lambda whole: whole.estimate.latency_s is not None and whole.estimate.latency_s.value <= latency,
            )
        )
    if quality is not None:
        found.append(
            Limit(
                name="min_quality",
                option="--min-quality",
                bound=quality,
                written="{}",
                keeps=lambda whole: whole.chance is not None and whole.chance >= quality,
                floor=True,
            )
        )
    return tuple(found)


def broken(flow: Flow, chosen: Chosen, constraints: Constraints, known: Known) -> tuple[Limit, ...]:
    """Return the limits that the whole run would not keep."""
    # A step of unknown speed was let through on purpose, and the run's deadline guards it: it adds nothing here.
    timed = {place: msgspec.structs.replace(one, latency_s=one.latency_s or _UNTIMED) for place, one in chosen.items()}
    route = {place: Choice(chosen=one) for place, one in timed.items()}
    whole = Whole(
        estimate=estimate(flow, route, inputs=known.inputs, uses_usd=known.uses_usd), chance=least_chance(flow, route)
    )
    return tuple(limit for limit in limits(constraints) if not limit.keeps(whole))


_UNTIMED = Range(low=0.0, value=0.0, high=0.0)
