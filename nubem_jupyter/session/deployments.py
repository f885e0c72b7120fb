"""What was learned of each model's deployment lately: how fast it may be asked, and whether it answers."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from typing import NamedTuple

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.engine.breaker import Breaker
from nubem_jupyter.engine.hedge import Hedger
from nubem_jupyter.engine.pace import Pacer
from nubem_jupyter.errors import CallFailedError, DeploymentRestingError

Clock = Callable[[], float]
"""Seconds that only go forward."""

_TOO_MANY = 429
_PATIENCE_S = 300.0
"""A call that a provider's limit kept away for this long is given up, so that another model can be asked."""


class Deployment:
    """One model as one event loop sees it."""

    def __init__(self, model: ModelId, clock: Clock) -> None:
        self._model = model
        self._clock = clock
        self._pacer = Pacer()
        self._breaker = Breaker()
        self._turns = asyncio.Lock()
        self._queued = 0

    async def turn(self) -> float:
        """Wait until the deployment may be asked; return the time at which it was.

        Raises:
            DeploymentRestingError: it failed too often lately.
        """
        now_s = self._clock()
        if not self._breaker.allows(now_s):
            raise DeploymentRestingError(
                f"{self._model} failed too often lately and is left alone for a while",
                hint="try again in a minute, or allow another model",
            )
        # The lock is for storms: while nothing was refused, nobody queues and nobody pays for it.
        if not self._queued and not self._pacer.wait_s(now_s):
            return now_s
        self._queued += 1
        try:
            async with self._turns:
                while wait_s := self._pacer.wait_s(self._clock()):  # noqa: ASYNC110  # no event tells when a limit eases
                    await asyncio.sleep(wait_s)
        finally:
            self._queued -= 1
        return self._clock()

    def answered(self) -> None:
        """Take in a whole answer."""
        self._breaker.succeeded(self._clock())

    def failed(self, error: CallFailedError, sent_s: float) -> bool:
        """Take a failure in; tell whether it is the provider's limit, after which the call waits for another turn."""
        now_s = self._clock()
        if error.status == _TOO_MANY:
            self._pacer.refused(now_s, sent_s, error.retry_after_s)
            return True
        self._breaker.failed(now_s)
        return False


class Patience(NamedTuple):
    """How long one call may be kept away by its provider's limit."""

    until_s: float

    def ended(self, now_s: float) -> bool:
        """Tell whether it is over."""
        return now_s > self.until_s


class Deployments:
    """All deployments of one session. State is kept by event loop: a turn is waited for on the loop that calls."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.hedger = Hedger()
        self._by_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[ModelId, Deployment]] = (
            weakref.WeakKeyDictionary()
        )

    def of(self, model: ModelId) -> Deployment:
        """Return the model's deployment."""
        loop = asyncio.get_running_loop()
        known = self._by_loop.get(loop)
        if known is None:
            known = self._by_loop[loop] = {}
        found = known.get(model)
        if found is None:
            found = known[model] = Deployment(model, self.clock)
        return found

    def patience(self) -> Patience:
        """Return a fresh patience."""
        return Patience(self.clock() + _PATIENCE_S)
