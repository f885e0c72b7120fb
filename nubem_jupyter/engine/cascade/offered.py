"""Which candidates a plan is offered, and by how much those that were chosen look better than they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from nubem_jupyter.engine.cascade.policy import Option, Policy, learn
from nubem_jupyter.engine.cascade.records import Floats, Records, folds
from nubem_jupyter.engine.cascade.replay import replay

_MOST = 12
"""Cascades that a step is offered: enough for every price, and few enough to read."""
_HALVES = 2
_WEIGHTS = (0.0, *np.geomspace(1e-3, 10.0, 60))
"""What of the best quality is given up for, per cost of the dearest candidate."""
_DIGITS = 12
_TINY = 1e-300
_HURRIES = (0.0, 0.01, 0.03, 0.1)
"""Likewise, per time of the slowest one."""


def worth_having(policy: Policy, task: int) -> list[Option]:
    """Return cascades that no other candidate for a task beats in quality, cost and time at once; the best first.

    There are a dozen at most: those that are best at most prices of quality, and of those with one name, which differ
    in when they stop, only one. A cascade that never asks its second member is a model under another name, and is left
    out.
    """
    options = [one for one in policy.options(task) if len(one.asked) == 1 or one.asked[1] > 0]
    amounts = _amounts(options)
    wins = _wins(amounts)
    unbeaten = [row for row, one in enumerate(options) if len(one.asked) > 1 and not _is_beaten(amounts, row)]
    unbeaten.sort(key=lambda row: (-wins[row], *amounts[row]))
    series: dict[tuple[tuple[int, ...], int], int] = {}
    for row in unbeaten:
        series.setdefault((options[row].cascade.models, options[row].cascade.at_once), row)
    kept = list(series.values())[:_MOST]
    return [options[row] for row in sorted(kept, key=lambda row: tuple(amounts[row]))]


def luck_of(records: Records, seed: int) -> float:
    """Return by how much the offered cascades look better than they are: the best of thousands were also lucky ones.

    It is what those of each half of the cases promise above the mean of all models, task by task, less what they keep
    on the other half. Twice as many cases as a half leave the square root of a half of it.
    """
    fold, gaps, weights = folds(len(records), _HALVES, seed), list[float](), list[float]()
    for number in range(_HALVES):
        known, held = records.take(fold != number), records.take(fold == number)
        policy = learn(known, seed)
        for task in range(len(records.tasks)):
            before, after = known.score[known.task == task], held.take(held.task == task)
            if not len(before) or not len(after):
                continue
            for option in worth_having(policy, task):
                kept = replay(after, option.cascade, policy.juries).score.mean() - after.score.mean()
                gaps.append(float(option.quality - before.mean() - kept))
                weights.append(len(after))
    return max(0.0, float(np.average(gaps, weights=weights))) * 0.5**0.5 if gaps else 0.0


def _amounts(options: Sequence[Option]) -> Floats:
    """Return less quality, cost and time of each, as shares of the most; what floats are added in does not count."""
    amounts = np.array([[-one.quality, one.cost_usd, one.latency_s or 0.0] for one in options])
    return np.asarray(np.round(amounts / np.maximum(np.abs(amounts).max(axis=0), _TINY), _DIGITS))


def _wins(amounts: Floats) -> Counter[int]:
    """Return at how many prices of quality each row is the best."""
    counts = np.array([(1.0, weight, hurry) for hurry in _HURRIES for weight in _WEIGHTS])
    return Counter(int(row) for row in np.argmin(counts @ amounts.T, axis=1))


def _is_beaten(amounts: Floats, row: int) -> bool:
    """Tell whether another row is no worse in anything and better in something, or an earlier one is just as good."""
    no_worse = (amounts <= amounts[row]).all(axis=1)
    no_better = (amounts == amounts[row]).all(axis=1)
    return bool((no_worse & ~no_better).any() or no_better[:row].any())
