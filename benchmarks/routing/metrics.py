"""The metrics of routing, as they are defined with the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Spot = tuple[float, float]
"""Mean cost as a share of the best single model's, and mean score."""


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """What a table's single models and its oracle reach."""

    best_cost_usd: float
    best_quality: float
    oracle_quality: float
    dearest: float
    """Mean cost of the dearest single model, as a share of the best one's."""


def hull(spots: Iterable[Spot]) -> list[Spot]:
    """Return the non-decreasing upper convex hull, cheapest first."""
    kept: list[Spot] = []
    for cost, quality in sorted(spots, key=lambda spot: (spot[0], -spot[1])):
        if kept and quality <= kept[-1][1]:
            continue
        while len(kept) > 1 and _below(kept[-2], kept[-1], (cost, quality)):
            kept.pop()
        kept.append((cost, quality))
    return kept


def quality_at(upper: Sequence[Spot], cost: float) -> float | None:
    """Return the hull's quality at a cost; None where it is cheaper than all of it."""
    if cost < upper[0][0]:
        return None
    costs, qualities = zip(*upper, strict=True)
    return float(np.interp(cost, costs, qualities))


def cost_to(upper: Sequence[Spot], quality: float) -> float | None:
    """Return the cost at which the hull reaches a quality; None where it never does."""
    costs, qualities = zip(*upper, strict=True)
    if quality > qualities[-1]:
        return None
    return float(np.interp(quality, qualities, costs))


def area(upper: Sequence[Spot], dearest: float) -> float:
    """Return the area under the hull from its cheapest point to a cost, over that cost."""
    inside = [spot for spot in upper if spot[0] < dearest]
    if not inside:
        return 0.0
    end = quality_at(upper, dearest)
    costs, qualities = zip(*inside, (dearest, end), strict=True)
    return float(np.trapezoid(qualities, costs) / dearest)


def summary(spots: Iterable[Spot], stick: Yardstick) -> dict[str, float | None]:
    """Return all metrics of a curve."""
    upper, best = hull(spots), stick.best_quality
    room = stick.oracle_quality - best
    return {
        "AIQ": area(upper, stick.dearest),
        "Q@1": quality_at(upper, 1.0),
        "Q@0.25": quality_at(upper, 0.25),
        "C@95": cost_to(upper, 0.95 * best),
        "C@100": cost_to(upper, best),
        "gap": (upper[-1][1] - best) / room if room > 0 else None,
    }


def bootstrap(ours: Any, theirs: Any, *, seed: int = 0, draws: int = 2000) -> list[float]:
    """Return the mean of the paired differences with its 95 % interval: low, mid, high."""
    difference = np.asarray(ours) - np.asarray(theirs)
    rng = np.random.default_rng(seed)
    means = [difference[rng.integers(0, len(difference), len(difference))].mean() for _ in range(draws)]
    low, high = np.quantile(means, [0.025, 0.975])
    return [float(low), float(difference.mean()), float(high)]


def _below(first: Spot, middle: Spot, last: Spot) -> bool:
    """Tell whether the middle point lies on or under the line between the others."""
    return (middle[1] - first[1]) * (last[0] - first[0]) <= (last[1] - first[1]) * (middle[0] - first[0])
