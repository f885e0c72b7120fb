"""Whether a model's calls are slower, faster or less reliable than they were; what is older then counts no more.

Failures are held against each other as results are (``catalog.drift``), times and paces by Mood's median test (1954): a
call is above the median of all days or not. Load differs from day to day, so a median must also be another one by half:
less seldom decides which model is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from nubem_jupyter.catalog.drift import Day, changed
from nubem_jupyter.core.call_statistics import CallStatistics, pooled
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import CallsChange
from nubem_jupyter.core.sketch import Sketch

_OTHERWISE = 1.5
"""How many times the lesser median the greater one must be."""

Days = Sequence[tuple[str, CallStatistics]]
"""ISO day and what it told, in order."""


def by_model(days: Mapping[tuple[ModelId, str], CallStatistics]) -> dict[ModelId, Days]:
    """Sort what days told."""
    found: dict[ModelId, list[tuple[str, CallStatistics]]] = defaultdict(list)
    for (model, day), statistics in sorted(days.items()):
        found[model].append((day, statistics))
    return dict(found)


def calls_changed(days: Days) -> tuple[CallsChange, ...]:
    """Return what changed for the last time in failures, in times to the first text and in paces."""
    return (*_failures(days), *_times(days, "first text", _first), *_times(days, "pace", _rate))


def as_since(statistics: CallStatistics, changes: Sequence[CallsChange], days: Days) -> CallStatistics:
    """Return statistics with what changed as it has been since."""
    found = statistics
    for change in changes:
        part = pooled([told for day, told in days if day >= change.since])
        match change.what:
            case "first text":
                found = msgspec.structs.replace(found, first_token_s=part.first_token_s)
            case "pace":
                found = msgspec.structs.replace(found, tokens_per_s=part.tokens_per_s)
            case _:
                found = msgspec.structs.replace(found, ends=part.ends)
    return found


def _failures(days: Days) -> Iterator[CallsChange]:
    counts = [Day(day, told.ends.count(told.ends.at_s), told.ends.answered) for day, told in days]
    split = changed([one for one in counts if one.n])
    if split is not None:
        before, now = (1 - part.right / part.n for part in (split.before, split.after))
        yield CallsChange(what="failures", since=split.since, before=before, now=now)


def _times(days: Days, what: str, sketch: Callable[[CallStatistics], Sketch]) -> Iterator[CallsChange]:
    told = [(day, one) for day, statistics in days if (one := sketch(statistics)).indexes]
    medians = [one.value_at(0.5) for _, one in told]
    # The median of several days lies between theirs.
    if not medians or max(medians) < _OTHERWISE * min(medians):
        return
    middle = _median([one for _, one in told])
    split = changed([Day(day, one.count(one.at_s), one.above(middle)) for day, one in told])
    if split is None:
        return
    before, now = (_median([one for day, one in told if (day >= split.since) is since]) for since in (False, True))
    if max(before, now) >= _OTHERWISE * min(before, now):
        yield CallsChange(what=what, since=split.since, before=before, now=now)


def _median(sketches: Sequence[Sketch]) -> float:
    first, *others = sketches
    return first.merged(*others).value_at(0.5)


def _first(statistics: CallStatistics) -> Sketch:
    return statistics.first_token_s


def _rate(statistics: CallStatistics) -> Sketch:
    return statistics.tokens_per_s
