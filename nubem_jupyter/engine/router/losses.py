"""What choosing a candidate loses, as a number that adds up over a flow: what is preferred first, then the rest.

The parts stand apart by factors, so that a lesser one decides only between what is as good as equal in a greater one.
Within a step the numbers rise in the order of ``rank``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from nubem_jupyter.core.constraint import Preference
from nubem_jupyter.core.plan import Candidate
from nubem_jupyter.engine.estimator.told import ToldOfModels, ToldOfSteps
from nubem_jupyter.engine.router import axes
from nubem_jupyter.engine.router.ranking import quality_lost

Ranked = Mapping[str, Sequence[Candidate]]
Amounts = dict[str, tuple[float, ...]]

_STANDING = 1e-2
"""Weight of a step's order where evidence says nothing, beside quality that is known to be lost."""
_NEVER = 1e-9
"""In place of no chance at all, which has no logarithm."""
_SECOND = 1e-5
_THIRD = 1e-8


def losses(
    ranked: Ranked,
    prefer: Preference,
    chances: Mapping[str, float],
    calls: Mapping[str, float],
    best: Mapping[str, Candidate] | None = None,
    told: ToldOfSteps = MappingProxyType({}),
) -> Amounts:
    """Return the loss of each candidate; ``ranked`` has the candidates of each step in their order.

    ``chances`` tells how likely a step is to be done at all, ``calls`` how often it is expected to be. Quality that is
    lost is then the number of steps expected to go wrong in place of right, whatever depends on what. ``best`` names
    the surest to be right of what may still be chosen, where that is not the surest of all. ``told`` is what scored
    cases tell of the steps, as for ``rank``.
    """
    surest = best or {}
    quality = {
        place: _quality(order, prefer, chances[place], surest.get(place), told.get(place, {}))
        for place, order in ranked.items()
    }
    cost, cheapest = _amounts(ranked, calls, axes.cost)
    latency, fastest = _amounts(ranked, calls, axes.latency)
    match prefer:
        case Preference.COST:
            parts = cost, cheapest, quality, 1.0, latency, _most(latency)
        case Preference.LATENCY:
            parts = latency, fastest, quality, 1.0, cost, _most(cost)
        case _:
            parts = quality, 1.0, cost, _most(cost), latency, _most(latency)
    first, one, second, two, third, three = parts
    return {
        place: tuple(
            a / one + _SECOND * b / two + _THIRD * c / three
            for a, b, c in zip(first[place], second[place], third[place], strict=True)
        )
        for place in ranked
    }


def doubts(ranked: Ranked, chances: Mapping[str, float]) -> Amounts:
    """Return for each candidate the logarithm of one over its chance of being right, times that of being asked at all.

    They add up to the logarithm of the chance that all is right. What nothing is measured of stands behind what is
    measured, in its order.
    """
    return {place: tuple(chances[place] * one for one in _doubts(order)) for place, order in ranked.items()}


def _doubts(order: Sequence[Candidate]) -> list[float]:
    known = [_doubt(one.quality.value) if one.quality else None for one in order]
    most = max((one for one in known if one is not None), default=0.0)
    return [most + _STANDING * (1 + place) if one is None else one for place, one in enumerate(known)]


def _doubt(chance: float) -> float:
    return -math.log(max(chance, _NEVER))


def _quality(
    order: Sequence[Candidate], prefer: Preference, chance: float, best: Candidate | None, told: ToldOfModels
) -> tuple[float, ...]:
    lost = quality_lost(order, balanced=prefer is Preference.BALANCED, best=best, told=told)
    # Nothing can be hoped for where nothing is known: all that the surest is sure of may be lost.
    measured = (axes.surest(one) for one, known in zip(order, lost, strict=True) if known is not None)
    most = axes.surest(best) if best else max(measured, default=0.0)
    return tuple(
        chance * (most + _STANDING * position / len(order) if known is None else known)
        for position, known in enumerate(lost)
    )


def _amounts(ranked: Ranked, calls: Mapping[str, float], amount: Callable[[Candidate], float]) -> tuple[Amounts, float]:
    """Return what each candidate takes for all its calls, and what the least of all steps come to together.

    An unknown amount counts as twice the greatest that is known.
    """
    known = [amount(one) for order in ranked.values() for one in order if amount(one) < float("inf")]
    unknown = 2 * max(known, default=0.0) or 1.0
    taken = {place: tuple(calls[place] * min(amount(one), unknown) for one in order) for place, order in ranked.items()}
    return taken, sum(min((one for one in those if one > 0), default=0.0) for those in taken.values()) or 1.0


def _most(amounts: Amounts) -> float:
    return sum(max(those) for those in amounts.values()) or 1.0
