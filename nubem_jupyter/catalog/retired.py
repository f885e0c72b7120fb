"""Models that their providers retire: told of a while before, and chosen from then on only where they are named."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

import msgspec

from nubem_jupyter.core.model import ModelInfo

_NOTICE_DAYS = 60
"""So long before its end a model is said to end: a flow that names it has to be measured anew with another."""
_NAMED = 3
"""Models that are named where many end soon."""


def without_retired(models: Iterable[ModelInfo], today: str, named: Collection[str] = ()) -> tuple[ModelInfo, ...]:
    """Close those models that their list says to be served no longer on the ISO day ``today``, but for ``named``.

    A list may be wrong about the day: who names a model, by its id or by what follows the provider, may try it.
    """
    return tuple(
        _closed(info) if info.available and _is_over(info, today) and not _is_named(info, named) else info
        for info in models
    )


def retiring(models: Iterable[ModelInfo], today: str) -> tuple[str, ...]:
    """Say which of the models that can be called will soon be gone, and which should be gone already."""
    until = (date.fromisoformat(today) + timedelta(days=_NOTICE_DAYS)).isoformat()
    ending = sorted((info.retires, info.id) for info in models if info.available and "" < info.retires <= until)
    over = [model for day, model in ending if day <= today]
    soon = ending[len(over) :]
    told = [f"{model} is retired on {day}; choose another before." for day, model in soon[:_NAMED]]
    if len(soon) > _NAMED:
        told.append(f"{len(soon) - _NAMED:,} more are retired by {until}.")
    if over:
        others = f" and {len(over) - 1:,} more are" if len(over) > 1 else " is"
        told.append(f"{over[-1]}{others} retired, as the list says, and taken only where named.")
    return tuple(told)


def _is_over(info: ModelInfo, today: str) -> bool:
    return bool(info.retires) and info.retires <= today


def _is_named(info: ModelInfo, names: Collection[str]) -> bool:
    return info.id in names or info.id.partition("/")[2] in names


def _closed(info: ModelInfo) -> ModelInfo:
    missing = f"its provider has retired it on {info.retires}, as its list says; name it with --models to try it"
    return msgspec.structs.replace(info, available=False, missing=missing)
