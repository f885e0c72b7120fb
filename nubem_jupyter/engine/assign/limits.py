"""What a whole plan has to stay within."""

from __future__ import annotations

import msgspec

COST, LATENCY, QUALITY = "max_cost", "max_latency", "min_quality"
"""Names of the limits, as users write them."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of a plan; None sets none."""

    max_cost_usd: float | None = None
    """US dollars at the high end of the estimate; with it, options of unknown price are out."""
    max_latency_s: float | None = None
    """Seconds of the estimate's best single value; options of unknown speed count as nothing, the deadline guards them.
    """
    min_quality: float | None = None
    """Least chance that every step is right, whichever way a branch goes, 0 to 1; with it, options that nothing is
    measured of are out."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of those that are set."""
        named = ((COST, self.max_cost_usd), (LATENCY, self.max_latency_s), (QUALITY, self.min_quality))
        return tuple(name for name, value in named if value is not None)
