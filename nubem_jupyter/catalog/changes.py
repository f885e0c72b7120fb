"""Which models' results have changed, and what is known of them from before: it counts for less, and is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from nubem_jupyter.catalog.checks import source_of
from nubem_jupyter.catalog.days import begin_of
from nubem_jupyter.catalog.drift import Day, changed
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, ModelInfo, ResultsChange
from nubem_jupyter.core.observation import CheckedDay

_Stream = tuple[ModelId, str, str, str]
"""Model, capability, digest of the step where its check told, and the source where an evaluation did."""

Changes = Mapping[ModelId, Sequence[ResultsChange]]


def changes_in(evidence: Iterable[tuple[ModelId, Evidence]], checks: Iterable[CheckedDay]) -> Changes:
    """Return what has changed in the results of each model, of those that were found the same way on several days.

    Of evaluations that are those of the same cases, flow and scorer: else how hard cases are would be taken for how
    good the model is. A step that was renamed is the same; it goes by its newest name.
    """
    names: dict[_Stream, str] = {}
    streams: dict[tuple[_Stream, str], dict[str, Day]] = defaultdict(dict)
    for model, entry in evidence:
        if entry.method and begin_of(entry.date) is not None:
            day = entry.date[:10]
            stream = (model, entry.capability, "", entry.source)
            names[stream] = entry.source
            streams[stream, entry.method][day] = Day(day, entry.n, entry.score_sum)
    for one in sorted(checks, key=lambda each: each.day):
        stream = (one.model, one.capability, one.task, "")
        names[stream] = source_of(one)
        streams[stream, one.task][one.day] = Day(one.day, one.n, one.passed)
    found: dict[ModelId, list[ResultsChange]] = defaultdict(list)
    for (stream, _), days in streams.items():
        change = _change(stream, names[stream], [days[day] for day in sorted(days)])
        if change is not None:
            found[stream[0]].append(change)
    return found


def _change(stream: _Stream, source: str, days: Sequence[Day]) -> ResultsChange | None:
    split = changed(days) if len(days) > 1 else None
    if split is None:
        return None
    _, capability, task, _ = stream
    return ResultsChange(
        capability=capability,
        task=task,
        source=source,
        since=split.since,
        n_before=round(split.before.n),
        score_before=split.before.right,
        n_since=round(split.after.n),
        score_since=split.after.right,
        weight=split.weight,
    )


def with_changes(models: Iterable[ModelInfo], changes: Changes) -> tuple[ModelInfo, ...]:
    """Give each model the changes of its results, in the models' order."""
    return tuple(
        msgspec.structs.replace(info, changes=tuple(changes[info.id])) if info.id in changes else info
        for info in models
    )


def with_discounted(models: Iterable[ModelInfo]) -> tuple[ModelInfo, ...]:
    """Have evidence from before a change of a model's results count for less, whatever its source.

    What the check of one step told is about that step alone.
    """
    return tuple(
        msgspec.structs.replace(info, evidence=tuple(_discounted(entry, info.changes) for entry in info.evidence))
        if info.changes
        else info
        for info in models
    )


def _discounted(entry: Evidence, changes: Sequence[ResultsChange]) -> Evidence:
    about = [one for one in changes if one.capability == entry.capability and one.task in ("", entry.task)]
    return msgspec.structs.replace(entry, weight=entry.weight * weight_among(entry.date, about))


def weight_among(day: str, changes: Iterable[ResultsChange]) -> float:
    """Return what is left of a case of that day by changes since; where no day is known nothing says that it is old."""
    since = (one.weight for one in changes if day[:10] < one.since)
    return 1.0 if begin_of(day) is None else min(since, default=1.0)
