"""When a deployment that keeps failing is left alone for a while."""

from __future__ import annotations

import math
from collections import deque
from enum import StrEnum

import msgspec


class BreakerState(StrEnum):
    """What a breaker lets through."""

    CLOSED = "closed"
    """Every call."""
    OPEN = "open"
    """None."""
    HALF_OPEN = "half-open"
    """One trial, whose outcome is awaited."""


class BreakerPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How many failures are too many, and how long the rest is."""

    window_s: float = 30.0
    """Outcomes older than this no longer count."""
    most_seen: int = 100
    """Latest outcomes that count at most; as many more as there are calls under way."""
    least_failures: int = 8
    """Failures that must have been seen before the share matters."""
    share: float = 0.5
    """Share of failures among the outcomes that opens the breaker."""
    first_rest_s: float = 5.0
    """Seconds until the first trial; they double with each trial that fails."""
    gone_rest_s: float = 0.5
    """The same where nobody is there: what is being started again is back soon."""
    most_rest_s: float = 120.0
    """No rest is longer than this."""


class Breaker:
    """Guards one deployment (the circuit breaker of Nygard, Release It!, 2007).

    Being refused for a limit (HTTP 429) is no failure: that is the pacer's. Nor is a call that was cancelled: nothing
    is reported for it. A trial whose outcome never comes is taken for lost after a rest, and another may be made.

    Failures mostly come sooner than answers, so the first outcomes of many calls sent together say nothing of the rest:
    calls still under way count as if they will be answered.
    """

    def __init__(self, policy: BreakerPolicy | None = None) -> None:
        self._policy = policy or BreakerPolicy()
        self._state = BreakerState.CLOSED
        self._outcomes: deque[tuple[float, bool]] = deque()
        self._failures = 0
        self._good = 0
        self._good_s = -math.inf
        self._rest_s = self._policy.first_rest_s
        self._rests_until_s = 0.0

    @property
    def state(self) -> BreakerState:
        """What is let through; an open breaker turns half-open when `allows` lets its trial through."""
        return self._state

    @property
    def good_s(self) -> float:
        """When the latest call was answered; minus infinity where none was."""
        return self._good_s

    def is_due(self, now_s: float) -> bool:
        """Tell whether ``allows`` would say yes; changes nothing."""
        return self._state is BreakerState.CLOSED or now_s >= self._rests_until_s

    def allows(self, now_s: float) -> bool:
        """Tell whether a call may be made now; yes to a breaker that is not closed means that it is the trial."""
        if self._state is BreakerState.CLOSED:
            return True
        if now_s < self._rests_until_s:
            return False
        self._state = BreakerState.HALF_OPEN
        self._rests_until_s = now_s + self._rest_s
        return True

    def failed(self, now_s: float, under_way: int = 0) -> None:
        """Take in that a call failed through no fault of its own; while open, late failures tell nothing new.

        ``under_way`` counts the other calls whose outcome is awaited.
        """
        if self._state is BreakerState.HALF_OPEN:
            self._rest_s = min(2 * self._rest_s, self._policy.most_rest_s)
            self._open(now_s)
        elif self._state is BreakerState.CLOSED:
            self._fold(under_way)
            self._note(now_s, under_way, failed=True)
            if self._is_too_much(under_way):
                self._rest_s = self._policy.first_rest_s
                self._open(now_s)

    def trip(self, now_s: float) -> None:
        """Take in that nobody is there, which one call is enough to know."""
        if self._state is BreakerState.CLOSED:
            self._rest_s = self._policy.gone_rest_s
            self._open(now_s)
        else:
            self.failed(now_s)

    def succeeded(self, now_s: float) -> None:
        """Take in that a call was answered; while open, only the trial's answer counts."""
        if self._state is BreakerState.HALF_OPEN:
            self._state = BreakerState.CLOSED
        if self._state is BreakerState.CLOSED:
            self._good += 1
            self._good_s = now_s

    def _open(self, now_s: float) -> None:
        self._state = BreakerState.OPEN
        self._rests_until_s = now_s + self._rest_s
        self._outcomes.clear()
        self._failures = self._good = 0

    def _fold(self, under_way: int) -> None:
        """Note the answers since the last failure, as of the newest of them: nearly all calls are answered, at once."""
        for _ in range(min(self._good, self._policy.most_seen + under_way)):
            self._note(self._good_s, under_way, failed=False)
        self._good = 0

    def _note(self, now_s: float, under_way: int, *, failed: bool) -> None:
        self._outcomes.append((now_s, failed))
        self._failures += failed
        most_seen = self._policy.most_seen + under_way
        while len(self._outcomes) > most_seen or self._outcomes[0][0] < now_s - self._policy.window_s:
            self._failures -= self._outcomes.popleft()[1]

    def _is_too_much(self, under_way: int) -> bool:
        policy = self._policy
        return self._failures >= max(policy.least_failures, policy.share * (len(self._outcomes) + under_way))
