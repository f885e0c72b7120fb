"""Everything that the catalog knows at one moment, as one value that can be compared and handed around."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from nubem_jupyter.core.component import ComponentInfo, Trouble
from nubem_jupyter.core.model import ModelInfo


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What there is, and what could not be read."""

    models: tuple[ModelInfo, ...] = ()
    """Every model, by first listing."""
    components: tuple[ComponentInfo, ...] = ()
    """Every component, each name once."""
    troubles: tuple[Trouble, ...] = ()
    """What of components could not be read, and how to mend it."""
    unheard: tuple[Trouble, ...] = ()
    """Which servers did not answer when last asked for their models."""


def unique(components: Iterable[ComponentInfo]) -> tuple[tuple[ComponentInfo, ...], tuple[Trouble, ...]]:
    """Keep the first component of each name, and say which others are left out."""
    found: dict[str, ComponentInfo] = {}
    troubles: list[Trouble] = []
    for info in components:
        first = found.setdefault(info.name, info)
        if first is not info:
            message = f"'{info.name}' is left out, since {first.origin.where} has that name"
            troubles.append(Trouble(where=info.origin.where, message=message, hint="rename one of the two"))
    return tuple(found.values()), tuple(troubles)


def joined(snapshots: Iterable[Snapshot]) -> Snapshot:
    """Put several parts together; of two components of one name that of the earlier part is kept, of models all are."""
    parts = tuple(snapshots)
    components, doubles = unique(info for part in parts for info in part.components)
    return Snapshot(
        models=tuple(info for part in parts for info in part.models),
        components=components,
        troubles=(*(trouble for part in parts for trouble in part.troubles), *doubles),
        unheard=tuple(trouble for part in parts for trouble in part.unheard),
    )
