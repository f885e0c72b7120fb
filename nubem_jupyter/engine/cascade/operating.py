"""Which trade to work at: that which kept its limits, with most quality, on queries that were held out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.cascade.policy import Policy, Trade, learn
from nubem_jupyter.engine.cascade.records import Floats, Records, folds
from nubem_jupyter.engine.cascade.replay import replay

_FOLDS = 5
_WEIGHTS = (0.0, *np.geomspace(2e-4, 6.0, 100))
"""What quality is given up for, per cost of the best single model."""
_HURRIES = (0.0, 0.01, 0.03, 0.1)
"""Likewise, per time that it takes."""


class Limits(NamedTuple):
    """What an operating point must stay within, as shares of what the best single model takes."""

    cost: float
    latency: float | None = None
    """None where time does not matter, or was not recorded."""


class Point(NamedTuple):
    """A trade with what it gave on queries that were held out."""

    trade: Trade
    quality: float
    cost: float
    """As a share of the best single model's."""
    latency: float | None


def trades(records: Records) -> tuple[Trade, ...]:
    """Return trades from quality alone to cost alone, in units of the best single model's cost and time."""
    cost_usd = float(records.cost_usd[:, records.best].mean())
    if records.latency_s is None:
        return tuple(Trade(per_usd=weight / cost_usd) for weight in _WEIGHTS)
    time_s = float(records.latency_s[:, records.best].mean())
    return tuple(Trade(per_usd=weight / cost_usd, per_s=slow / time_s) for slow in _HURRIES for weight in _WEIGHTS)


def points(records: Records, seed: int = 0, relative: Floats | None = None) -> tuple[Point, ...]:
    """Return each trade with what policies, learned from the other folds, got on each fold.

    ``relative`` is what each model was expected to take for each query, as ``Policy.choose`` has it.
    """
    fold, offered = folds(len(records), _FOLDS, seed), trades(records)
    sums = np.zeros((len(offered), 3))
    for number in range(_FOLDS):
        held = fold == number
        policy = learn(records.take(~held), seed)
        sums += _sums(policy, records.take(held), offered, None if relative is None else relative[held])
    means = sums / len(records)
    best, latency = records.best, records.latency_s
    cost_usd = records.cost_usd[:, best].mean()
    time_s = None if latency is None else latency[:, best].mean()
    return tuple(
        Point(trade, float(got[0]), float(got[1] / cost_usd), None if time_s is None else float(got[2] / time_s))
        for trade, got in zip(offered, means, strict=True)
    )


def operating_point(found: tuple[Point, ...], limits: Limits) -> Point:
    """Return the best point within the limits, of equals the cheapest; where there is none, the cheapest of all."""
    within = [point for point in found if _keeps(point, limits)]
    if not within:
        return min(found, key=lambda point: point.cost)
    return max(within, key=lambda point: (point.quality, -point.cost))


def _keeps(point: Point, limits: Limits) -> bool:
    if point.latency is not None and limits.latency is not None and point.latency > limits.latency:
        return False
    return point.cost <= limits.cost


def _sums(policy: Policy, records: Records, offered: tuple[Trade, ...], relative: Floats | None) -> Floats:
    """Return trades x (score, cost, seconds), summed over the records."""
    played = [replay(records, candidate, policy.juries) for candidate in policy.candidates]
    got = np.zeros((3, len(played), len(records)))
    for place, one in enumerate(played):
        got[:2, place] = one.score, one.cost_usd
        if one.latency_s is not None:
            got[2, place] = one.latency_s
    outlook, queries = policy.outlook(records.task, relative), np.arange(len(records))
    return np.array([got[:, outlook.best(trade), queries].sum(axis=1) for trade in offered])
