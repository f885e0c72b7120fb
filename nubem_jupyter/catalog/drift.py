"""Whether a model's newest results differ from its older ones by more than chance, and what the older are then worth.

Two windows of a stream are held against each other at every day on which it may have changed, as ADWIN does (Bifet and
Gavaldà 2007), by Fisher's exact test. That is the chance, under two beta posteriors, that nothing changed that way
(Altham 1969), which takes scores between right and wrong, too: nothing with the same mean varies more than right and
wrong do, so there are then fewer false alarms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

from nubem_jupyter.core.beta import beta_share

_FALSE_ALARM = 0.01
"""How often a stream that never changes is said to have, at one look, all days together."""
_STEPS = 128
"""Half of the steps at least of the sum in place of an integral."""
_CLEARLY = 2.0
"""Standard errors, by a normal approximation, below which nothing is worth a closer look."""
_AGREE = NormalDist().inv_cdf(0.95)
"""Standard errors within which older and newer results do not contradict each other: the ends of a 90 % range."""
_MOST_TESTED = 3
"""Days, those that seem to tell most, for which the test is made; it allows for all of them."""
_MOST_DAYS = 60
"""Days that are told apart; what is older is one."""
_MOST_KEPT = 4096
"""Streams whose changes are remembered: most are as they were when the models were listed before."""


class Day(NamedTuple):
    """What was found on one day."""

    day: str
    """ISO day."""
    n: float
    """How many cases."""
    right: float
    """Sum of their scores."""


class Split(NamedTuple):
    """Where results changed."""

    since: str
    """ISO day from which they are others."""
    before: Day
    """All of before together."""
    after: Day
    """All since together."""
    weight: float
    """What a case of before counts for, 0 to 1: so much that both together do not contradict each other."""


def changed(days: Sequence[Day]) -> Split | None:
    """Return where results, in order of days, changed for the last time by more than chance; None where they did not.

    Of several changes the last counts: what was before it is of another model.
    """
    return _last_change(tuple(_together(days)))


@lru_cache(maxsize=_MOST_KEPT)
def _last_change(days: tuple[Day, ...]) -> Split | None:
    found: Split | None = None
    rest: Sequence[Day] = days
    while (split := _one_change(rest)) is not None:
        found = split
        rest = [one for one in rest if one.day >= split.since]
    return found


def chance_of_no_change(before: Day, after: Day) -> float:
    """Return how likely results differ so much, one way or the other, where nothing has changed."""
    worse = _no_worse(before.n, before.right, after.n, after.right)
    better = _no_worse(before.n, before.n - before.right, after.n, after.n - after.right)
    return min(1.0, 2 * min(worse, better))


def _one_change(days: Sequence[Day]) -> Split | None:
    splits = [(sum_of(days[:place]), sum_of(days[place:])) for place in range(1, len(days))]
    apart = sorted(splits, key=lambda pair: -_errors_apart(*pair))[:_MOST_TESTED]
    told = [(chance_of_no_change(*pair), pair) for pair in apart if _errors_apart(*pair) > _CLEARLY]
    if not told:
        return None
    chance, (before, after) = min(told, key=lambda one: one[0])
    if chance * len(splits) > _FALSE_ALARM:
        return None
    return Split(after.day, before, after, _worth(before, after))


def sum_of(days: Sequence[Day]) -> Day:
    """Return what days, one or more, found together; it goes by the first."""
    return Day(days[0].day, math.fsum(one.n for one in days), math.fsum(one.right for one in days))


def _together(days: Sequence[Day]) -> list[Day]:
    """Put what is older than so many days together."""
    if len(days) <= _MOST_DAYS:
        return list(days)
    return [sum_of(days[: 1 - _MOST_DAYS]), *days[1 - _MOST_DAYS :]]


def _errors_apart(before: Day, after: Day) -> float:
    """Return by how many standard errors shares differ, by a normal approximation."""
    shares = [(one.right + 1) / (one.n + 2) for one in (before, after)]
    error = math.sqrt(sum(share * (1 - share) / one.n for share, one in zip(shares, (before, after), strict=True)))
    return abs(shares[0] - shares[1]) / error


def _no_worse(n: float, right: float, after_n: float, after_right: float) -> float:
    """Return the chance that the later share is at least the earlier one: Fisher's one-sided test, as an integral.

    The earlier share is of Beta(right, wrong + 1), the later of Beta(right + 1, wrong).
    """
    wrong = after_n - after_right
    if right < 1 or wrong <= 0:  # where next to nothing was right before nothing can be worse
        return 1.0
    # Beta(a, b) is taken at even steps of an angle, x = sin²(t): with a, b ≥ 1 its density is 0 at both ends.
    a, b = right, n - right + 1
    log_scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + math.log(2.0)
    # So fine that the densities of very many cases are not stepped over.
    steps = 2 * max(_STEPS, math.ceil(4 * math.sqrt(max(n, after_n))))
    step = math.pi / 2 / steps
    total = 0.0
    for place in range(1, steps):
        sine, cosine = math.sin(place * step), math.cos(place * step)
        log_density = log_scale + (2 * a - 1) * math.log(sine) + (2 * b - 1) * math.log(cosine)
        above = beta_share(cosine * cosine, wrong, after_right + 1)
        total += (4 if place % 2 else 2) * math.exp(log_density) * above
    return min(1.0, total * step / 3)


def _worth(before: Day, after: Day) -> float:
    """Return the weight of older cases at which the difference lies at the end of its 90 % range (a power prior:
    Ibrahim and Chen 2000).
    """
    (p, v), (q, w) = (_mean_and_variance(one) for one in (before, after))
    room = ((p - q) / _AGREE) ** 2 - w / after.n
    return min(1.0, v / (before.n * room)) if room > 0 else 1.0


def _mean_and_variance(one: Day) -> tuple[float, float]:
    """Return a share with one right and one wrong case added (Agresti and Caffo 2000), and the variance of a case."""
    share = (one.right + 1) / (one.n + 2)
    return share, share * (1 - share)
