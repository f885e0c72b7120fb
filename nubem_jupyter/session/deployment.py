"""What was learned of one deployment lately: how fast it may be asked, and whether it answers."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.engine.breaker import Breaker, BreakerState
from nubem_jupyter.engine.hedge import Hedger
from nubem_jupyter.engine.pace import Pacer
from nubem_jupyter.errors import CallFailedError, DeploymentBusyError, DeploymentGoneError, DeploymentRestingError
from nubem_jupyter.session.race import Lane

Clock = Callable[[], float]
"""Seconds that only go forward."""

TOO_MANY = 429
"""The status by which a provider's limit refuses a call."""
PATIENCE_S = 300.0
"""A call that a provider's limit kept away for this long is given up."""
_HOLD_S = 5.0
"""Where another model can be asked, no call waits at one that takes none for longer: an answer takes about as long. A
queue that moves is waited in, since the model that was chosen answers better."""


RESTART_S = 120.0
"""What answered so long ago or later, and is not there now, is taken to be started again: calls that can go nowhere
else wait until then for it to come back."""
_LOOK_S = 0.1
"""How often they look."""


class Deployment:
    """One model as one event loop sees it."""

    def __init__(self, model: ModelId, clock: Clock, hedger: Hedger, pacer: Pacer | None = None) -> None:
        self._model = model
        self._clock = clock
        self._hedger = hedger
        self._pacer = pacer or Pacer()
        self._breaker = Breaker()
        self._turns = asyncio.Lock()
        self._queued = 0
        self._under_way = 0
        self._lanes: dict[str, Lane] = {}
        self._is_back_soon = False

    def free(self, now_s: float) -> bool:
        """Take a turn if there is one at once; a call that gets none waits in ``turn``."""
        # The lock of ``turn`` is for storms: while nothing was refused, nobody queues and nobody pays for it.
        if self._breaker.state is not BreakerState.CLOSED or self._queued or self._pacer.wait_s(now_s):
            return False
        self._under_way += 1
        return True

    def lets_go(self, now_s: float) -> bool:
        """Tell whether ``go`` would; changes nothing."""
        return self._breaker.is_due(now_s) and not self._queued and not self._pacer.expects_s(now_s)

    def go(self, now_s: float) -> bool:
        """Take a turn if there is one at once, the trial after a rest included."""
        if self._queued or not self._breaker.allows(now_s) or self._pacer.wait_s(now_s):
            return False
        self._under_way += 1
        return True

    def expects_s(self, now_s: float) -> float:
        """Return the seconds until a call may go, as far as is known; infinity where it is left alone."""
        return self._pacer.expects_s(now_s, self._queued) if self._breaker.is_due(now_s) else math.inf

    @property
    def under_way(self) -> int:
        """How many calls wait for its answer."""
        return self._under_way

    @property
    def state(self) -> BreakerState:
        """Whether it is left alone for a while."""
        return self._breaker.state

    async def turn(self, left_s: float | None = None) -> float:
        """Wait until the deployment may be asked; return the time at which it was.

        ``left_s`` is given where another model can be asked: how long this one may be waited for.

        Raises:
            DeploymentRestingError: it failed too often lately.
            DeploymentBusyError: its limit keeps calls away for too long.
        """
        now_s = self._clock()
        if not self._breaker.allows(now_s):
            if left_s is not None or not self._is_back_soon:
                raise self._rests()
            now_s = await self._back()
        if not self._queued and not self._pacer.wait_s(now_s):
            self._under_way += 1
            return now_s
        until_s = None if left_s is None else now_s + left_s
        self._check(until_s, self._queued)
        self._queued += 1
        try:
            async with self._turns:
                while wait_s := self._pacer.wait_s(self._clock()):
                    self._check(until_s)
                    await asyncio.sleep(wait_s)  # no event tells when a limit eases
        finally:
            self._queued -= 1
        self._under_way += 1
        return self._clock()

    async def _back(self) -> float:
        """Wait for a deployment that is being started again; return when it may be asked.

        Raises:
            DeploymentRestingError: it is not back in time.
        """
        while (now_s := self._clock()) < self._breaker.good_s + RESTART_S:
            if self._breaker.allows(now_s):
                return now_s
            await asyncio.sleep(_LOOK_S)  # each trial tells one call alone
        raise self._rests()

    def _rests(self) -> DeploymentRestingError:
        why = "cannot be reached" if self._is_back_soon else "failed too often lately"
        return DeploymentRestingError(
            f"{self._model} {why} and is left alone for a while", hint="try again in a minute, or allow another model"
        )

    def _check(self, until_s: float | None, ahead: int = 0) -> None:
        """Send a call elsewhere that would wait too long, with so many before it; None has nowhere to go.

        Raises:
            DeploymentBusyError: it would.
        """
        if until_s is None:
            return
        now_s = self._clock()
        hold_s = self._pacer.expects_s(now_s)
        if hold_s > _HOLD_S or now_s + self._pacer.expects_s(now_s, ahead) > until_s:
            raise DeploymentBusyError(
                f"{self._model} takes no more calls for now: its provider's limit is reached",
                hint="try again later, or ask the provider for a higher limit",
                status=TOO_MANY,
            )

    def lane(self, capability: str) -> Lane:
        """Return where calls for this capability are watched for being late."""
        lane = self._lanes.get(capability)
        if lane is None:
            lane = self._lanes[capability] = Lane(self._hedger, (self._model, capability), self._clock)
        return lane

    def answered(self, now_s: float) -> None:
        """Take in a whole answer."""
        self._under_way -= 1
        self._breaker.succeeded(now_s)

    def given_up(self) -> None:
        """Take in that a call was stopped, or failed for a reason that says nothing of the deployment."""
        self._under_way -= 1

    def unusable(self) -> None:
        """Take in that it cannot be called as things stand; it is left alone for longer and longer."""
        self._under_way -= 1
        self._breaker.trip(self._clock())
        self._is_back_soon = False

    def failed(self, error: CallFailedError, sent_s: float) -> bool:
        """Take a failure in; tell whether the call waits for another turn.

        It does after the provider's limit, and where what answered a moment ago is not there.
        """
        now_s = self._clock()
        self._under_way -= 1
        if error.status == TOO_MANY:
            self._pacer.refused(now_s, sent_s, error.retry_after_s)
            return True
        lost = error.status is None and now_s < self._breaker.good_s + RESTART_S
        gone = lost and isinstance(error, DeploymentGoneError)
        was_open = self._breaker.state is not BreakerState.CLOSED
        if gone:
            self._breaker.trip(now_s)
        else:
            self._breaker.failed(now_s, self._under_way)
        if not was_open:
            self._is_back_soon = lost
        return gone
