"""When a series stops: for a price of quality, the chances from which an answer is worth more than asking on.

The next model may cost a hundredth of the one after it, so that each stage has a chance of its own. They are found
backwards, since what asking on is worth follows from the later ones (Bellman 1957), and then once more, now that it is
known which queries get so far.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nubem_jupyter.engine.cascade.cascade import Cascade
from nubem_jupyter.engine.cascade.records import Floats, Ints
from nubem_jupyter.engine.cascade.replay import Rehearsal

_CHANCES = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.99, 1.1)
"""Those that are tried; the last one is never reached."""
_ROUNDS = 3
_TINY = 1e-12


def best_stops(rehearsal: Rehearsal, models: Sequence[int], per_usd: Sequence[float]) -> list[tuple[float, ...]]:
    """Return when a series is best stopped, for prices of quality in US dollars; equal ones once.

    Each has a chance for every stage but the last, whose answer is taken however it is.
    """
    stages = [rehearsal(tuple(sorted(models[:end]))) for end in range(1, len(models) + 1)]
    level = [np.searchsorted(_CHANCES, stage.chance, side="right") for stage in stages[:-1]]
    score = np.array([stage.score for stage in stages])
    cost_usd = np.cumsum(rehearsal.records.cost_usd[:, list(models)], axis=1).T
    found = dict.fromkeys(_best(level, score - price * cost_usd) for price in per_usd)
    return [tuple(_CHANCES[place] for place in places) for places in found]


def begun(models: tuple[int, ...], sure: tuple[float, ...]) -> Cascade:
    """Return a series whose first models are asked at once where nothing that they say would be taken before."""
    never = next((place for place, chance in enumerate(sure) if chance <= 1), len(sure))
    return Cascade(models=models, at_once=never + 1, sure=sure[never:])


def _best(level: Sequence[Ints], worth: Floats) -> tuple[int, ...]:
    """Return the places of chances, stage by stage; ``worth`` is stages x queries, ``level`` how many are reached."""
    places = [len(_CHANCES) - 1] * len(level)
    for turn in range(_ROUNDS):
        before = list(places)
        _improve(level, worth, places, everyone=turn == 0)
        if places == before:
            break
    return tuple(places)


def _improve(level: Sequence[Ints], worth: Floats, places: list[int], *, everyone: bool) -> None:
    """Choose each stage's chance anew, the last one first; unless for everyone, by those who get so far."""
    going_on = worth[-1]
    for stage in reversed(range(len(level))):
        gain = worth[stage] - going_on
        if not everyone:
            gain = np.where(_reach(level[:stage], places), gain, 0.0)
        at_level = np.bincount(level[stage], weights=gain, minlength=len(_CHANCES) + 1)
        total = at_level[::-1].cumsum()[::-1][1:]
        best = int(total.argmax())
        if total[best] > total[places[stage]] + _TINY:
            places[stage] = best
        going_on = np.where(level[stage] > places[stage], worth[stage], going_on)


def _reach(level: Sequence[Ints], places: Sequence[int]) -> bool | np.ndarray:
    """Tell of each query whether no earlier stage stops there."""
    reached: bool | np.ndarray = True
    for stage, one in enumerate(level):
        reached = reached & (one <= places[stage])
    return reached
