"""What is known of every model, put together from those who know a part of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from nubem_jupyter.catalog.speed import loosened
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, ModelInfo, Speed


def compile_models(
    listed: Iterable[ModelInfo],
    evidence: Iterable[tuple[ModelId, Evidence]],
    elsewhere: Mapping[ModelId, Speed] | None = None,
) -> tuple[ModelInfo, ...]:
    """Give each listed model its evidence and its speed, in the order of the list; a model listed again is left out.

    A listed speed comes before one measured on another machine; what was measured here comes before both, and is added
    by ``with_learned``. Evidence of models that nobody lists is left out.
    """
    first: dict[ModelId, ModelInfo] = {}
    for info in listed:
        first.setdefault(info.id, info)
    found: dict[ModelId, list[Evidence]] = {}
    for model, entry in evidence:
        found.setdefault(model, []).append(entry)
    measured = {*found, *(elsewhere or {})}
    return tuple(
        msgspec.structs.replace(
            info,
            evidence=newest_of_each((*info.evidence, *found.get(info.id, ()))),
            speed=info.speed or loosened((elsewhere or {}).get(info.id)),
        )
        # Thousands are listed and few were measured; the others stay the values that they are.
        if info.id in measured or info.evidence
        else info
        for info in first.values()
    )


def newest_of_each(entries: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Keep the newest entry of each capability and source: the same cases measured again tell nothing new.

    Of entries of one date the later one is kept.
    """
    newest: dict[tuple[str, str], Evidence] = {}
    for entry in entries:
        key = (entry.capability, entry.source)
        if key not in newest or entry.date >= newest[key].date:
            newest[key] = entry
    return tuple(newest.values())
