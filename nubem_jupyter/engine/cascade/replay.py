"""What a cascade would have done on records: the same decisions as in a run, for all queries at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.cascade.cascade import Cascade, Juries
from nubem_jupyter.engine.cascade.jury import Jury, jury_of
from nubem_jupyter.engine.cascade.records import Floats, Ints, Records, folds

_FOLDS = 3
_TINY = 1e-12


class Played(NamedTuple):
    """Query by query."""

    score: Floats
    cost_usd: Floats
    latency_s: Floats | None
    asked: Ints
    """How many of its models, in their order."""


class Judged(NamedTuple):
    """What a jury says of each query."""

    chance: Floats
    score: Floats
    """Of the answer that it takes."""


Judge = Callable[[tuple[int, ...]], Judged]
"""Judges the records by the answers of these columns, which rise."""


def play(records: Records, alike: Sequence[Cascade], judge: Judge) -> tuple[Played, ...]:
    """Replay cascades of the same models, one or more."""
    models, first = alike[0].models, min(cascade.at_once for cascade in alike)
    queries = np.arange(len(records))
    stages = [models[:end] for end in range(first, len(models) + 1)]
    judged = [_judge(records, stage, judge, alone=len(models) == 1) for stage in stages]
    chance = np.array([stage.chance for stage in judged])
    score = np.array([stage.score for stage in judged])
    cost = np.array([records.cost_usd[:, list(stage)].sum(axis=1) for stage in stages])
    latency = {begin: _latency(records, models, begin) for begin in {cascade.at_once for cascade in alike}}
    played = []
    for cascade in alike:
        later = cascade.at_once - first
        enough = np.ones(chance.shape, dtype=bool)
        enough[:later] = False
        enough[later:-1] = chance[later:-1] >= np.array(cascade.sure)[:, None]
        last, times = enough.argmax(axis=0), latency[cascade.at_once]
        spent = None if times is None else times[last - later, queries]
        played.append(Played(score[last, queries], cost[last, queries], spent, last + first))
    return tuple(played)


def replay(records: Records, cascade: Cascade, juries: Juries) -> Played:
    """Replay a cascade with the juries that were learned with it."""
    (played,) = play(records, [cascade], lambda members: _by(juries[members], records))
    return played


class Rehearsal:
    """Judges records by juries that were learned from other ones of them, so that they do not know the result.

    Each query is judged by juries of the other folds. What was judged once is kept.
    """

    def __init__(self, records: Records, telling: Ints, seed: int) -> None:
        self.records = records
        self._telling = telling
        fold = folds(len(records), _FOLDS, seed)
        self._parts = [(fold == part, records.take(fold != part), records.take(fold == part)) for part in range(_FOLDS)]
        self._kept: dict[tuple[int, ...], Judged] = {}

    def __call__(self, members: tuple[int, ...]) -> Judged:
        """Judge all records by the answers of these columns, which rise."""
        if members not in self._kept:
            self._kept[members] = self._judge(members)
        return self._kept[members]

    def _judge(self, members: tuple[int, ...]) -> Judged:
        chance, score = np.zeros(len(self.records)), np.zeros(len(self.records))
        for held, others, own in self._parts:
            chance[held], score[held] = _by(jury_of(others, members, self._telling), own)
        return Judged(chance, score if len(members) == 1 else _smoothed(score, chance))


def _smoothed(score: Floats, chance: Floats) -> Floats:
    """Draw scores half of the way to their chances: by scores alone the luckiest of thousands would win.

    Chances are first moved to the scores' mean, as far as they are off it by more than luck (James and Stein 1961).
    """
    off = score - chance
    bias, error = off.mean(), off.var() / len(off)
    trust = max(0.0, 1 - error / max(bias**2, _TINY))
    return np.asarray((score + chance + trust * bias) / 2)


def juries_for(records: Records, cascades: Sequence[Cascade], telling: Ints) -> Mapping[tuple[int, ...], Jury]:
    """Learn the juries that these cascades ask on their way."""
    sets = {
        tuple(sorted(cascade.models[:end]))
        for cascade in cascades
        if len(cascade.models) > 1
        for end in range(cascade.at_once, len(cascade.models) + 1)
    }
    return {members: jury_of(records, members, telling) for members in sorted(sets)}


def _judge(records: Records, stage: tuple[int, ...], judge: Judge, *, alone: bool) -> Judged:
    if alone:
        return Judged(np.zeros(len(records)), records.score[:, stage[0]])
    return judge(tuple(sorted(stage)))


def _by(jury: Jury, records: Records) -> Judged:
    members = list(jury.models)
    verdicts = jury.judge(records.task, records.answer[:, members])
    return Judged(verdicts.chance, records.score[np.arange(len(records)), np.array(members)[verdicts.member]])


def _latency(records: Records, models: Sequence[int], at_once: int) -> Floats | None:
    """Return stages x queries: those asked at once take as long as the slowest, then one after the other."""
    if records.latency_s is None:
        return None
    each = records.latency_s[:, list(models)].T
    first = each[:at_once].max(axis=0)
    return np.asarray(np.cumsum(np.vstack([first[None], each[at_once:]]), axis=0))
