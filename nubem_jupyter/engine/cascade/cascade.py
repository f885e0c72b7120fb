"""A cascade, while it is learned: models asked in turn until their answers agree enough."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from nubem_jupyter.engine.cascade.jury import Jury

Juries = Mapping[tuple[int, ...], Jury]
"""By their members, as rising columns."""


class Cascade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom to ask, in which order, and when to stop; one model alone is a cascade too."""

    models: tuple[int, ...]
    """Columns of the records that it was learned from, in the order in which they are asked."""
    at_once: int = 1
    """So many of the first ones are asked at the same time."""
    sure: tuple[float, ...] = ()
    """An answer is taken where it is right with this chance: once ``at_once`` models have answered, once one more has,
    and so on. When all have, the likeliest one is taken in any case."""
