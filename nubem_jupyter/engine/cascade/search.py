"""Which cascades are worth having: a beam search over whom to ask next, judged on queries that were held out.

A cascade grows by one model at a time. At each length those stay that are best for some task at some price of quality.
In the end few stay, the best over all tasks at each price, and each model alone: choosing among thousands, task by
task, would find those that were lucky.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.cascade.agreement import telling
from nubem_jupyter.engine.cascade.cascade import Cascade
from nubem_jupyter.engine.cascade.records import NOTHING, Floats, Records
from nubem_jupyter.engine.cascade.replay import Played, Rehearsal, play
from nubem_jupyter.engine.cascade.stopping import begun, best_stops

LONGEST = 7
"""Models of a series: votes of many are better than those of few, but there are more and more to try."""
_BEAMS = (15, 15, 10, 8, 6)
"""Series that grow on, by their length from two on; of all longer ones as many as of the last."""
_STOPS = tuple(np.geomspace(1e-3, 3.0, 8))
"""Quality per cost of the best single model at which series are stopped while they grow."""
_REFINED = 4
"""Of so many of the best series for each weight it is looked when they are best stopped at just that weight."""
_RUNNERS_UP = 8
"""How many of the best for each weight speak for their series."""
_KEPT = 3
"""How many of the best for each weight stay in the end."""
_WIDENED = 6
"""How many of the best for each weight are tried with models at the same time."""
_HURRIES = (0.0, 0.03, 0.1)
"""Likewise, per time that it takes; only where seconds were recorded."""
_AS_CASES = 60.0
"""How many cases of a task all tasks together count as, when candidates are compared."""
_WEIGHTS = np.geomspace(2e-4, 6.0, 30)
"""What quality is given up for, per cost of the best single model."""


class Found(NamedTuple):
    """Cascades with what they did, task by task."""

    cascades: tuple[Cascade, ...]
    quality: Floats
    """Cascades x tasks, and last all tasks together: mean score, drawn towards what holds for all tasks."""
    cost_usd: Floats
    """Likewise, mean US dollars."""
    latency_s: Floats | None
    """Likewise, mean seconds; None where not recorded."""
    played: tuple[Played, ...] = ()
    """Of each cascade, what it did on queries that were held out; left out while searching."""


def search(records: Records, seed: int, longest: int = LONGEST) -> Found:
    """Return the cascades worth having, of so many models at most; equal records and seeds give equal ones."""
    rehearsal = Rehearsal(records, np.array(telling(records), dtype=np.int64), seed)
    tried = _Tried(records)
    singles = [Cascade(models=(model,)) for model in range(len(records.models))]
    for single in singles:
        tried.add(single, play(records, [single], rehearsal)[0])
    if (records.answer != NOTHING).any():
        _grow(rehearsal, tried, [single.models for single in singles], longest)
        _refine(rehearsal, tried)
    if records.latency_s is not None:
        _widen(rehearsal, tried)
    kept = _worth_keeping(tried, _KEPT)
    found = tried.found([place for place, cascade in enumerate(tried.cascades) if cascade in kept])
    played = (play(records, [cascade], rehearsal)[0] for cascade in found.cascades)
    return found._replace(played=tuple(played))


class _Tried:
    """Sums up what cascades did, task by task."""

    def __init__(self, records: Records) -> None:
        self.cascades: list[Cascade] = []
        self.known: set[Cascade] = set()
        self.queries = np.bincount(records.task, minlength=len(records.tasks)).astype(np.float64)
        self.unit_usd = float(records.cost_usd[:, records.best].mean())
        self.unit_s = 1.0 if records.latency_s is None else float(records.latency_s[:, records.best].mean())
        self._records = records
        self._score: list[Floats] = []
        self._cost: list[Floats] = []
        self._latency: list[Floats] = []
        self._level = self._means(records.score.mean(axis=1))

    def add(self, cascade: Cascade, played: Played) -> None:
        self.cascades.append(cascade)
        self.known.add(cascade)
        self._score.append(self._means(played.score))
        self._cost.append(self._means(played.cost_usd))
        if played.latency_s is not None:
            self._latency.append(self._means(played.latency_s))

    def found(self, places: Sequence[int] | None = None) -> Found:
        """Draw each task's quality, beside the mean of all models there, towards that of all tasks."""
        chosen = list(range(len(self.cascades))) if places is None else list(places)
        above = np.array(self._score)[chosen] - self._level
        weight = self.queries / (self.queries + _AS_CASES)
        drawn = above[:, :-1] * weight + above[:, -1:] * (1 - weight)
        return Found(
            tuple(self.cascades[place] for place in chosen),
            np.column_stack([drawn, above[:, -1]]) + self._level,
            np.array(self._cost)[chosen],
            np.array(self._latency)[chosen] if self._latency else None,
        )

    def _means(self, values: Floats) -> Floats:
        sums = np.bincount(self._records.task, weights=values, minlength=len(self.queries))
        return np.append(sums / np.maximum(self.queries, 1), values.mean())


def _grow(rehearsal: Rehearsal, tried: _Tried, singles: Sequence[tuple[int, ...]], longest: int) -> None:
    """Try longer and longer cascades."""
    beam = list(singles)
    for length in range(2, min(longest, len(singles)) + 1):
        longer = [(*models, other) for models in beam for other in range(len(singles)) if other not in models]
        start = len(tried.cascades)
        for models in longer:
            _try(rehearsal, tried, models, _STOPS)
        width = _BEAMS[min(length - 2, len(_BEAMS) - 1)]
        beam = _best(tried, tried.found(range(start, len(tried.cascades))), width)


def _best(tried: _Tried, found: Found, count: int) -> list[tuple[int, ...]]:
    """Return the series that are among the best most often, tasks counting by their queries."""
    votes: Counter[tuple[int, ...]] = Counter()
    share = np.append(tried.queries / tried.queries.sum(), 1.0)
    for weight in _WEIGHTS:
        worth = found.quality - weight / tried.unit_usd * found.cost_usd
        order = np.argsort(-worth, axis=0, kind="stable")[:_RUNNERS_UP]
        for column, part in enumerate(share):
            series = dict.fromkeys(found.cascades[place].models for place in order[:, column])
            votes.update({models: part / rank for rank, models in enumerate(series, start=1)})
    return [models for models, _ in votes.most_common(count)]


def _refine(rehearsal: Rehearsal, tried: _Tried) -> None:
    """Stop the best series for each weight as is best for it."""
    found = tried.found()
    for weight in _WEIGHTS:
        worth = found.quality[:, -1] - weight / tried.unit_usd * found.cost_usd[:, -1]
        series = (found.cascades[place].models for place in np.argsort(-worth, kind="stable"))
        longer = dict.fromkeys(models for models in series if len(models) > 1)
        for models in islice(longer, _REFINED):
            _try(rehearsal, tried, models, [weight])


def _try(rehearsal: Rehearsal, tried: _Tried, models: tuple[int, ...], prices: Sequence[float]) -> None:
    """Add a series as it is best stopped for each of these prices; what is known already is not added again."""
    stops = best_stops(rehearsal, models, [price / tried.unit_usd for price in prices])
    new = [one for sure in stops if (one := begun(models, sure)) not in tried.known]
    if new:
        for cascade, played in zip(new, play(rehearsal.records, new, rehearsal), strict=True):
            tried.add(cascade, played)


def _widen(rehearsal: Rehearsal, tried: _Tried) -> None:
    """Try the best series with their first models asked at the same time, which takes more calls and less time."""
    for cascade in sorted(_worth_keeping(tried, _WIDENED), key=tried.cascades.index):
        for at_once in range(cascade.at_once + 1, len(cascade.models) + 1):
            wider = Cascade(models=cascade.models, at_once=at_once, sure=cascade.sure[at_once - cascade.at_once :])
            tried.add(wider, play(rehearsal.records, [wider], rehearsal)[0])


def _worth_keeping(tried: _Tried, count: int) -> set[Cascade]:
    """Return each model alone, and what is best over all tasks for some weight."""
    found = tried.found()
    kept = {cascade for cascade in found.cascades if len(cascade.models) == 1}
    for hurry in _HURRIES:
        for weight in _WEIGHTS:
            worth = found.quality[:, -1] - weight / tried.unit_usd * found.cost_usd[:, -1]
            if found.latency_s is not None:
                worth = worth - hurry / tried.unit_s * found.latency_s[:, -1]
            kept.update(found.cascades[place] for place in np.argsort(-worth, kind="stable")[:count])
    return kept
