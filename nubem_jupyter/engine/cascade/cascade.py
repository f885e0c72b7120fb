"""A cascade: models asked in turn until their answers agree enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from nubem_jupyter.engine.cascade.jury import Jury

Juries = Mapping[tuple[int, ...], Jury]
"""By their members, as rising columns."""


class Cascade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom to ask, in which order, and when to stop; one model alone is a cascade too."""

    models: tuple[int, ...]
    """Columns of the records that it was learned from, in the order in which they are asked."""
    at_once: int = 1
    """So many of the first ones are asked at the same time."""
    sure: tuple[float, ...] = ()
    """An answer is taken where it is right with this chance: once ``at_once`` models have answered, once one more has,
    and so on. When all have, the likeliest one is taken in any case."""


class Ask(NamedTuple):
    """Ask these, at the same time."""

    models: tuple[int, ...]


class Accept(NamedTuple):
    """Take the answer of this model, which was asked."""

    model: int
    chance: float
    """That it is right; 0 where nothing can be said."""


def advance(cascade: Cascade, juries: Juries, task: int, answers: Sequence[int]) -> Ask | Accept:
    """Say what is next, given the answers of the models asked so far, in the cascade's order.

    Answers are numbers: equal for equal answers, ``NOTHING`` where one cannot be compared.
    """
    asked = cascade.models[: len(answers)]
    if not asked:
        return Ask(cascade.models[: cascade.at_once])
    if len(cascade.models) == 1:
        return Accept(cascade.models[0], 0.0)
    order = sorted(range(len(asked)), key=asked.__getitem__)
    verdict = juries[tuple(asked[place] for place in order)].verdict(task, [answers[place] for place in order])
    if len(asked) == len(cascade.models) or verdict.chance >= cascade.sure[len(asked) - cascade.at_once]:
        return Accept(asked[order[verdict.member]], verdict.chance)
    return Ask(cascade.models[len(asked) : len(asked) + 1])
