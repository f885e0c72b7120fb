"""What was measured of a model's quality counts less as it grows old, and at last not at all."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from nubem_jupyter.catalog.days import begin_of
from nubem_jupyter.core.decay import LEAST_CALLS, remaining
from nubem_jupyter.core.model import Evidence, ModelInfo

_DAY_S = 86_400.0
_HALF_LIFE_S = 365 * _DAY_S
"""Of evidence of quality. Weights on this machine never change; a provider replaces what stands behind a name once or
twice a year."""


def with_faded(models: Iterable[ModelInfo], now_s: float) -> tuple[ModelInfo, ...]:
    """Give each model's evidence the weight of its age, by whole days; what counts for next to nothing is left out."""
    return tuple(
        # Thousands are listed and few were measured; the others stay the values that they are.
        msgspec.structs.replace(info, evidence=faded(info.evidence, now_s)) if info.evidence else info
        for info in models
    )


def faded(evidence: Iterable[Evidence], now_s: float) -> tuple[Evidence, ...]:
    """Give evidence the weight of its age, and leave out what counts for next to nothing."""
    weighed = ((entry, weight_of(entry.date, now_s)) for entry in evidence)
    return tuple(
        msgspec.structs.replace(entry, weight=weight) for entry, weight in weighed if entry.n * weight >= LEAST_CALLS
    )


def weight_of(day: str, now_s: float) -> float:
    """Return what a case of that day counts for; where no day is known nothing says that it is old."""
    begin_s = begin_of(day)
    if begin_s is None:
        return 1.0
    return remaining((now_s - begin_s) // _DAY_S * _DAY_S, _HALF_LIFE_S)
