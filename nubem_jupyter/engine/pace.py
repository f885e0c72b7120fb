"""When calls may be sent to a deployment that refuses calls (HTTP 429): as fast as it takes them, and no faster."""

from __future__ import annotations

import math

from nubem_jupyter.engine.pace_rate import RateMeter
from nubem_jupyter.engine.pace_storm import Storm

_FIRST_HOLD_S = 0.5
"""How long nothing is sent after a first refusal that does not say when to come back."""
_MOST_HOLD_S = 60.0
"""Nothing is held back longer than this, whatever Retry-After says: then one call tries again."""
_TOKEN_S = 1.0
"""A Retry-After below it cannot come from a header in whole seconds: it is the time that one token takes."""
_CREDIT_S = 0.02
"""A slot that is used late by up to this much does not delay the slots after it."""
_TICK_S = 1e-6
"""A shorter wait is none: it might not move a clock."""
_WORN_OFF_S = 300.0
"""Pacing ends when nothing was refused for so long and calls do not wait."""
_LEAST_START = 1.0
"""Calls a second that are tried at least after a first refusal."""
_DOUBLE = 2.0
"""Factor by which the pace grows while the rate is known badly, and falls when nothing gets through."""
_PROBE = 1.25
"""Factor by which the pace grows when the rate is known and no call was refused for a while."""
_FEW = 2.0
"""Calls that must get through before a pace known badly grows."""
_SOME = 8.0
"""Calls that must get through before a measured pace grows, at least."""
_MANY = 200.0
"""Calls that must get through before a measured pace grows, at most."""
_PAID_HOLDS = 4.0
"""A probe that fails costs a hold, so it comes after so many holds' worth of calls, even if these are more."""


class Pacer:
    """Spaces the calls to one deployment.

    Nothing waits until a call is refused. From then on calls get slots, one every 1 / rate seconds, from the moment at
    which the refusal says that the limit opens, or after an exponential backoff. The rate is measured (`RateMeter`).
    While calls wait and none is refused it is probed as TCP probes a path (slow start and congestion avoidance,
    Jacobson 1988): doubled until the first good measurement, then raised by a quarter after ever so many calls. A
    refusal takes the last raise back or goes down to the measured rate, whichever is higher, in place of TCP's
    halving: so the limit stays in full use. Refusals that one overshoot causes count once (`Storm`). When the limit is
    lifted, probing soon lets everything through.

    Who is first in the queue asks again and again until the answer is 0, and only then the next one asks: the queue is
    a fair lock around asking and sleeping. A refused call goes to the end of it.
    """

    def __init__(self) -> None:
        self._meter = RateMeter()
        self._storm = Storm(0.0, rate=math.inf, least_rate=_LEAST_START, backoff_s=_FIRST_HOLD_S)
        self._rate = math.inf
        self._is_sure = False
        self._last_s = -math.inf
        self._opens_s = -math.inf
        self._raised_s = -math.inf
        self._calls_left = 0.0

    def wait_s(self, now_s: float) -> float:
        """Return the seconds after which to ask again, at most 60; at 0 the call is sent, and its slot is taken."""
        if self._rate == math.inf:
            self._meter.sent_freely(now_s)
            return 0.0
        if self._next_s() - now_s > _TICK_S:
            self._probe(now_s)
        wait_s = self._next_s() - now_s
        if wait_s > _TICK_S:
            return wait_s
        self._take_slot(now_s)
        self._meter.sent(now_s)
        return 0.0

    def expects_s(self, now_s: float, ahead: int = 0) -> float:
        """Return the seconds until a call may be sent that has so many before it, as far as is known; takes no slot."""
        if self._rate == math.inf:
            return 0.0
        return max(self._next_s() - now_s, 0.0) + ahead / self._rate

    def refused(self, now_s: float, sent_s: float, retry_after_s: float | None = None) -> None:
        """Take in that a call sent at ``sent_s`` was refused because of the deployment's limit."""
        if math.isinf(self._rate) or sent_s >= self._storm.ends_s:
            self._storm = self._new_storm(now_s)
        storm = self._storm
        said_s = retry_after_s if retry_after_s is not None and retry_after_s > _TICK_S else None
        hold_s = min(said_s or storm.backoff_s, _MOST_HOLD_S)
        self._opens_s = max(self._opens_s, sent_s + hold_s)
        storm.add(now_s, sent_s, hold_s=hold_s, opens_s=self._opens_s)
        self._meter.refused(self._opens_s)
        known = self._meter.through - storm.under_way(sent_s)
        self._is_sure = known >= 1 and not storm.is_first
        if storm.is_first and said_s and storm.hold_s < _TOKEN_S:
            self._rate = 1 / storm.hold_s
        else:
            measured = self._meter.rate(self._opens_s, known=known, hold_s=storm.hold_s)
            self._rate = max(min(measured, storm.rate), storm.least_rate, 1 / _MOST_HOLD_S)
        self._raised_s = storm.ends_s
        self._calls_left = self._patience(known)

    def _new_storm(self, now_s: float) -> Storm:
        was_empty = self._meter.through <= 0
        self._meter.close(now_s)
        if math.isinf(self._rate):
            return Storm(now_s, rate=self._rate, least_rate=_LEAST_START, backoff_s=_FIRST_HOLD_S)
        step = _PROBE if self._is_sure and not was_empty else _DOUBLE
        backoff_s = _DOUBLE * self._storm.backoff_s if was_empty else 1 / self._rate
        return Storm(now_s, rate=self._rate, least_rate=self._rate / step, backoff_s=backoff_s)

    def _patience(self, known: int) -> float:
        """Return how many calls must get through before the pace grows."""
        if not self._is_sure:
            return _FEW
        return max(_SOME, min(2 * known, _MANY), _PAID_HOLDS * self._storm.hold_s * self._rate)

    def _next_s(self) -> float:
        return max(self._last_s + 1 / self._rate, self._opens_s)

    def _probe(self, now_s: float) -> None:
        """Raise the pace if enough calls got through, and refusals due to the last raise would be known by now."""
        if self._calls_left <= 0 and now_s - self._raised_s >= 2 * self._storm.echo_s:
            self._raised_s = now_s
            self._calls_left = _SOME if self._is_sure else _FEW
            self._rate *= _PROBE if self._is_sure else _DOUBLE

    def _take_slot(self, now_s: float) -> None:
        """Use the next slot; after a long calm in which this very slot lay unused, end the pacing."""
        late_s = now_s - self._next_s()
        self._last_s = max(self._next_s(), now_s - _CREDIT_S)
        self._calls_left -= 1
        if now_s - self._opens_s > _WORN_OFF_S and late_s > 1 / self._rate:
            self._rate = math.inf
            self._meter = RateMeter()
