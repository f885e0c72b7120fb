"""How evidence fades: what was seen one half-life ago counts half."""

from __future__ import annotations

LEAST_CALLS = 0.125
"""Evidence that counts for less than this many calls of now is unknown: one call, after three half-lives."""
MOST_CALLS = 10_000.0
"""For an interval there are no more calls than this: sums stay short, and it is no narrower than it should be."""


def remaining(age_s: float, half_life_s: float) -> float:
    """Return what counts of evidence of this age, 0 to 1; what seems to come from the future is of now."""
    return float(2.0 ** -(max(age_s, 0.0) / half_life_s))
