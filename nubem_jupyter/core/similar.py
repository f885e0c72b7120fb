"""How often the answer of a similar call was wrong, as counted by making the call all the same."""

from __future__ import annotations

import msgspec

from nubem_jupyter.core.plan import Range


class FalseHits(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks of one step found; ``engine.false_hits.counted`` makes one."""

    checked: int
    """Hits that were checked against the answer of the call itself."""
    wrong: int
    """Those where the two answers did not agree."""
    rate: Range
    """Share of wrong ones, with its 95 % interval; half, give or take all of it, as long as nothing was checked."""


class SimilarStep(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept for one step that takes answers of similar calls."""

    place: str
    """Which step of which flow: ``flow/place``; empty where nobody named it."""
    entries: int
    """Calls that are kept."""
    false_hits: FalseHits
    """How often such an answer was wrong."""
    trouble: str = ""
    """Why no answer is given any more; empty where answers are."""
