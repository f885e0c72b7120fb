"""Models that their providers retire: not offered from then on, and told of a while before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from nubem_jupyter.core.model import ModelInfo

_NOTICE_DAYS = 60
"""So long before its end a model is said to end: a flow that names it has to be measured anew with another."""
_NAMED = 3
"""Models that are named where many end soon."""


def without_retired(models: Iterable[ModelInfo], today: str) -> tuple[ModelInfo, ...]:
    """Close those models that their list says to be served no longer on the ISO day ``today``."""
    return tuple(
        _closed(info) if info.available and info.retires and info.retires <= today else info for info in models
    )


def retiring(models: Iterable[ModelInfo], today: str) -> tuple[str, ...]:
    """Say which of the models that can be called will soon be gone."""
    until = (date.fromisoformat(today) + timedelta(days=_NOTICE_DAYS)).isoformat()
    ending = sorted((info.retires, info.id) for info in models if info.available and today < info.retires <= until)
    told = [f"{model} is retired on {day}; choose another before." for day, model in ending[:_NAMED]]
    if len(ending) > _NAMED:
        told.append(f"{len(ending) - _NAMED:,} more are retired by {until}.")
    return tuple(told)


def _closed(info: ModelInfo) -> ModelInfo:
    missing = f"its provider has retired it on {info.retires}, as its list says; choose another"
    return msgspec.structs.replace(info, available=False, missing=missing)
