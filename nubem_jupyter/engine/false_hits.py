"""When a similar call's answer is checked by making the call all the same, and what the checks say."""

from __future__ import annotations

from nubem_jupyter.core.similar import FalseHits
from nubem_jupyter.engine.interval import wilson

FIRST = 20
"""Hits that are checked before any answer is given unchecked."""
SHARE = 0.05
"""Share of the later hits that is checked."""
MOST = 0.05
"""What the share of wrong answers may be."""
_CONFIDENCE = 0.95


def counted(checked: int, wrong: int) -> FalseHits:
    """Put a count of checks into figures, with Wilson's interval."""
    return FalseHits(checked=checked, wrong=wrong, rate=wilson(wrong, checked, _CONFIDENCE))


def must_check(checked: int, draw: float) -> bool:
    """Tell whether a hit is checked, where so many were; ``draw`` is a random number from 0 to 1."""
    return checked < FIRST or draw < SHARE


def too_many(found: FalseHits) -> bool:
    """Tell whether more answers are wrong than may be: the whole interval lies above what is allowed.

    Not before the first hits were checked, of which none was given: a single early miss would say much too much.
    """
    return found.checked >= FIRST and found.rate.low > MOST
