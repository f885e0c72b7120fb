"""Limits that are said beforehand: calls, and tokens, that a deployment takes in any minute."""

from __future__ import annotations

import math
from collections import deque

from nubem_jupyter.engine.pace import Pacer

_MINUTE_S = 60.0
_LOOK_S = 0.05
"""How soon to ask again where only calls under way are in the way: no clock tells when they end."""


class Allowance:
    """Counts what was sent, and what was used, within the last minute; what is older is free again.

    How many tokens a call takes is known when it ends. Until then it counts for as many as answered calls took on
    average, so that the limit of tokens may be overrun by what the first calls take beyond that; the limit of calls
    never is. A call that alone takes more than a minute's tokens is let through where nothing else counts.
    """

    def __init__(self, calls_per_min: float | None = None, tokens_per_min: float | None = None) -> None:
        self._most_calls = None if calls_per_min is None else max(int(calls_per_min), 1)
        self._most_tokens = math.inf if tokens_per_min is None else tokens_per_min
        self._sent_s: deque[float] = deque()
        self._used: deque[tuple[float, int]] = deque()
        self._tokens = 0
        self._under_way = 0
        self._answers = 0
        self._answered_tokens = 0

    def wait_s(self, now_s: float) -> float:
        """Return the seconds after which to ask again, at most 60; at 0 a call may be sent. Takes nothing."""
        self._forget(now_s)
        # Rounding may add to a minute's wait.
        return min(max(self._until_calls_s(now_s), self._until_tokens_s(now_s)), _MINUTE_S)

    def take(self, now_s: float) -> float:
        """Return the seconds after which to ask again, as ``wait_s``; at 0 the call counts as sent."""
        wait_s = self.wait_s(now_s)
        if not wait_s:
            self.sent(now_s)
        return wait_s

    def sent(self, now_s: float) -> None:
        """Take in that a call is sent."""
        if self._most_calls is not None:
            self._sent_s.append(now_s)
        self._under_way += 1

    def ended(self, now_s: float, tokens: int) -> None:
        """Take in that a call ended, and what it used; 0 where it failed."""
        self._under_way -= 1
        if tokens:
            self._answers += 1
            self._answered_tokens += tokens
            self._tokens += tokens
            self._used.append((now_s, tokens))

    def _forget(self, now_s: float) -> None:
        while self._sent_s and self._sent_s[0] <= now_s - _MINUTE_S:
            self._sent_s.popleft()
        while self._used and self._used[0][0] <= now_s - _MINUTE_S:
            self._tokens -= self._used.popleft()[1]

    def _until_calls_s(self, now_s: float) -> float:
        if self._most_calls is None or len(self._sent_s) < self._most_calls:
            return 0.0
        return self._sent_s[len(self._sent_s) - self._most_calls] + _MINUTE_S - now_s

    def _until_tokens_s(self, now_s: float) -> float:
        mean = self._answered_tokens / self._answers if self._answers else 0.0
        over = self._tokens + mean * (self._under_way + 1) - self._most_tokens
        free_s = now_s
        for used_s, tokens in self._used:
            if over <= 0:
                break
            over, free_s = over - tokens, used_s + _MINUTE_S
        return max(free_s - now_s, _LOOK_S if over > 0 and self._under_way else 0.0)


class LimitedPacer(Pacer):
    """Spaces calls as a ``Pacer`` does, and within an allowance."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__()
        self._allowance = allowance

    def wait_s(self, now_s: float) -> float:
        """Return the seconds after which to ask again, at most 60; at 0 the call is sent, and its slot is taken."""
        # Looked at twice: only a call that may go takes a slot, and others may use the allowance at the same time.
        return self._allowance.wait_s(now_s) or super().wait_s(now_s) or self._allowance.take(now_s)

    def expects_s(self, now_s: float, ahead: int = 0) -> float:
        """Return the seconds until a call may be sent that has so many before it, as far as is known; takes no slot."""
        return max(self._allowance.wait_s(now_s), super().expects_s(now_s, ahead))
