"""How fast a deployment takes calls, told from what it refuses."""

from __future__ import annotations

import msgspec

_MEMORY_S = 60.0
"""While nothing is refused, what was sent longer ago than this counts less and less."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """What got through from one moment on."""

    starts_s: float
    through: int
    """Calls sent in it, less those of them that were refused."""


class RateMeter:
    """Measures a limit between two moments at which it opens again after refusing.

    At such a moment a token bucket holds one token, and a window is fresh. So what got through between two of them,
    divided by the time between them, is the rate of either kind of limit: with an exact Retry-After it is exact for a
    bucket from the first call on, and for a window it includes the time in which nothing is let through. A span in
    which nothing got through prolongs the one before it. Refusals that come in late correct the count.
    """

    def __init__(self) -> None:
        self._starts_s: float | None = None
        self._sent = 0
        self._span = Span(starts_s=0.0, through=0)
        self._earlier = self._span

    @property
    def through(self) -> int:
        """Calls of the span closed last that were not refused so far."""
        return self._span.through

    def sent_freely(self, now_s: float) -> None:
        """Count a call sent while nothing is refused; old ones count less and less."""
        if self._starts_s is None:
            self._starts_s = now_s
        elif now_s - self._starts_s > _MEMORY_S:
            self._starts_s = (self._starts_s + now_s) / 2
            self._sent //= 2
        self._sent += 1

    def sent(self, now_s: float) -> None:
        """Count a call that is sent now."""
        if self._starts_s is None:
            self._starts_s = now_s
        self._sent += 1

    def close(self, now_s: float) -> None:
        """End the span under way, because one of its calls was refused."""
        if self._span.through > 0:
            self._earlier = self._span
        self._span = Span(starts_s=now_s if self._starts_s is None else self._starts_s, through=self._sent)
        self._sent = 0

    def refused(self, opens_s: float) -> None:
        """Take one call of the closed span back; the next span starts when the limit opens."""
        self._span = Span(starts_s=self._span.starts_s, through=self._span.through - 1)
        self._starts_s = opens_s

    def rate(self, opens_s: float, *, known: int, hold_s: float) -> float:
        """Return the calls a second that got through until the limit opens again.

        ``known`` are those of `through` that cannot be refused any more. One call at least is taken to have got
        through, and the span to have lasted for the hold at least.
        """
        span, through = self._span, max(known, 1)
        if known < 1 and self._earlier.through > 0:
            span, through = self._earlier, self._earlier.through
        return through / max(opens_s - span.starts_s, hold_s)
