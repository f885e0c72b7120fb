"""Refusals that belong together."""

from __future__ import annotations

import math


class Storm:
    """Refusals of calls that were sent before the first of these refusals was known."""

    def __init__(self, now_s: float, *, rate: float, least_rate: float, backoff_s: float) -> None:
        self.began_s = now_s
        self.ends_s = now_s
        """Calls sent from here on belong to the next storm."""
        self.rate = rate
        """Calls a second that were sent before; infinite when nothing limited them."""
        self.least_rate = least_rate
        """The pace does not fall below this in one storm."""
        self.backoff_s = backoff_s
        """How long a refusal that does not say it holds calls back."""
        self.hold_s = 0.0
        """The longest that a refusal holds calls back from when its own was sent."""
        self.echo_s = 0.0
        """The longest that a refusal took to come."""

    @property
    def is_first(self) -> bool:
        """Whether nothing limited the pace before."""
        return math.isinf(self.rate)

    def add(self, now_s: float, sent_s: float, *, hold_s: float, opens_s: float) -> None:
        """Note one refusal; while nothing may be sent, the storm goes on."""
        self.hold_s = max(self.hold_s, hold_s)
        self.echo_s = max(self.echo_s, now_s - sent_s)
        if opens_s > now_s:
            self.ends_s = max(self.ends_s, opens_s)

    def under_way(self, sent_s: float) -> int:
        """Return how many calls, sent after this one at the pace of then, may yet be refused; 0 for the first storm."""
        return 0 if self.is_first else math.floor(max(self.began_s - sent_s, 0.0) * self.rate)
