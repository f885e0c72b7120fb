"""Which candidates a plan is offered, and by how much those that were chosen look better than they are."""

from __future__ import annotations

from collections import Counter

import numpy as np

from nubem_jupyter.engine.cascade.policy import Option, Policy, learn
from nubem_jupyter.engine.cascade.records import Floats, Records, folds
from nubem_jupyter.engine.cascade.replay import replay

_MOST = 12
"""Cascades that a step is offered: enough for every price, and few enough to read."""
_HALVES = 2
_WEIGHTS = (0.0, *np.geomspace(1e-3, 10.0, 60))
"""What quality is given up for, per cost of the dearest candidate."""
_TINY = 1e-300
_HURRIES = (0.0, 0.01, 0.03, 0.1)
"""Likewise, per time of the slowest one."""


def worth_having(policy: Policy, task: int) -> dict[int, Option]:
    """Return cascades that no other candidate for a task beats in quality, cost and time at once; the best first.

    There are a dozen at most, those that are best at most prices of quality, by their places among the candidates.
    A cascade that never asks its second member is a model under another name, and is left out.
    """
    options = policy.options(policy.tasks[task])
    told = [place for place, one in enumerate(options) if len(one.models) == 1 or policy.asked[place][task, 1] > 0]
    amounts = np.array(
        [[-one.quality.value, one.cost_usd, one.latency_s or 0.0] for one in (options[place] for place in told)]
    )
    wins = _wins(amounts)
    unbeaten = [
        (-wins[row], *amounts[row], place)
        for row, place in enumerate(told)
        if len(options[place].models) > 1 and not _is_beaten(amounts, row)
    ]
    kept = sorted(sorted(unbeaten)[:_MOST], key=lambda one: one[1:])
    return {place: options[place] for *_, place in kept}


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
            for option in worth_having(policy, task).values():
                kept = replay(after, option.cascade, policy.juries).score.mean() - after.score.mean()
                gaps.append(float(option.quality.value - before.mean() - kept))
                weights.append(len(after))
    return max(0.0, float(np.average(gaps, weights=weights))) * 0.5**0.5 if gaps else 0.0


def _wins(amounts: Floats) -> Counter[int]:
    """Return at how many prices of quality each row is the best; rows are less quality, cost and time."""
    units = np.maximum(amounts.max(axis=0), _TINY)
    worth = [
        -amounts[:, 0] - weight * amounts[:, 1] / units[1] - hurry * amounts[:, 2] / units[2]
        for hurry in _HURRIES
        for weight in _WEIGHTS
    ]
    return Counter(int(row) for row in np.argmax(worth, axis=1))


def _is_beaten(amounts: Floats, row: int) -> bool:
    """Tell whether another row is no worse in anything, and better in something."""
    no_worse = (amounts <= amounts[row]).all(axis=1)
    return bool((no_worse & (amounts < amounts[row]).any(axis=1)).any())
