"""What checks in ordinary runs say of models, as evidence for the very steps that have these checks."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from nubem_jupyter.catalog.fading import weight_of
from nubem_jupyter.core.decay import LEAST_CALLS
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, ModelInfo
from nubem_jupyter.core.observation import CheckedDay

Stream = tuple[str, str]
"""Capability and digest of the step."""


def with_checked(models: Iterable[ModelInfo], days: Iterable[CheckedDay], now_s: float) -> tuple[ModelInfo, ...]:
    """Give each model the evidence of the checks of steps that it did, faded, in the models' order.

    What was found before and after a change of the model's results stays apart.
    """
    told: dict[ModelId, dict[Stream, list[CheckedDay]]] = defaultdict(lambda: defaultdict(list))
    for day in days:
        told[day.model][day.capability, day.task].append(day)
    return tuple(_with_checked(info, told[info.id], now_s) if info.id in told else info for info in models)


def source_of(day: CheckedDay) -> str:
    """Name where it comes from, as evidence does."""
    return f"checks of step '{day.step}'"


def _with_checked(info: ModelInfo, streams: Mapping[Stream, Sequence[CheckedDay]], now_s: float) -> ModelInfo:
    found: list[Evidence] = []
    for (capability, task), days in streams.items():
        since = max((one.since for one in info.changes_for(capability, task)), default="")
        for part in ([one for one in days if one.day < since], [one for one in days if one.day >= since]):
            found += _evidence(part, now_s)
    return msgspec.structs.replace(info, evidence=(*info.evidence, *found))


def _evidence(days: Sequence[CheckedDay], now_s: float) -> Iterator[Evidence]:
    """Put days together; what counts for next to nothing is left out."""
    count = sum(one.n for one in days)
    left = math.fsum(one.n * weight_of(one.day, now_s) for one in days)
    if left >= LEAST_CALLS:
        newest = days[-1]
        yield Evidence(
            capability=newest.capability,
            n=count,
            score_sum=float(sum(one.passed for one in days)),
            source=source_of(newest),
            date=newest.day,
            weight=left / count,
            task=newest.task,
        )
