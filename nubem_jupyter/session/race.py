"""One call, and a second one beside it when the first is late; the first whole answer counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import NamedTuple

from nubem_jupyter.core.call import Answer
from nubem_jupyter.engine.hedge import Hedger
from nubem_jupyter.errors import NubemError

_LOOK_AGAIN_S = 0.05
"""How often a call without evidence of what is late, or without allowance for a second one, looks again."""

Emit = Callable[[str], None]
"""Takes a piece of text."""

Attempt = Callable[[Emit], Awaitable[Answer]]
"""Makes a call, handing on its text; settles its own bill."""


class Runners(NamedTuple):
    """The two calls, and who is told."""

    first: Attempt
    second: Attempt
    emit: Emit
    on_hedge: Callable[[], None]
    """A second call was started."""
    on_switch: Callable[[], None]
    """It answered first: the text so far does not count."""


class Race:
    """Runs in its caller's task: a call that is not late costs a timer and nothing more."""

    def __init__(self, hedger: Hedger, kind: Hashable, runners: Runners) -> None:
        self._hedger = hedger
        self._kind = kind
        self._runners = runners
        self._loop = asyncio.get_running_loop()
        self._scope = asyncio.timeout(None)
        self._began_s = self._loop.time()
        self._second: asyncio.Future[Answer] | None = None
        self._text: list[str] = []

    async def run(self) -> Answer:
        """Return the first whole answer; the other call is cancelled.

        Raises:
            ProviderError: what the first call failed with, where the second did not answer either.
        """
        self._hedger.called()
        self._timer = self._loop.call_later(self._hedger.after_s(self._kind) or _LOOK_AGAIN_S, self._look)
        try:
            async with self._scope:
                answer = await self._runners.first(self._runners.emit)
        except TimeoutError:
            if not self._scope.expired():
                raise
            answer = await self._second_answer()
        except NubemError as error:
            answer = await self._rescue(error)
        finally:
            self._timer.cancel()
            # One that was given up counts with the time that it had taken, or the tail would vanish from sight.
            self._hedger.observe(self._kind, self._loop.time() - self._began_s)
            await self._end_second()
        return answer

    def _look(self) -> None:
        """Start the second call if the first is late and one can be paid for; else look again a little later."""
        after_s = self._hedger.after_s(self._kind)
        left_s = _LOOK_AGAIN_S if after_s is None else after_s - (self._loop.time() - self._began_s)
        if after_s is None or left_s > 0 or not self._hedger.may_hedge():
            again_s = left_s if after_s is not None and left_s > 0 else _LOOK_AGAIN_S
            self._timer = self._loop.call_later(again_s, self._look)
            return
        self._hedger.hedged()
        self._runners.on_hedge()
        self._second = asyncio.ensure_future(self._runners.second(self._text.append))
        self._second.add_done_callback(self._second_done)

    def _second_done(self, second: asyncio.Future[Answer]) -> None:
        """Let an answer of the second call end the first; a failure of it changes nothing."""
        if not second.cancelled() and second.exception() is None:
            self._scope.reschedule(self._loop.time())

    async def _rescue(self, error: NubemError) -> Answer:
        """Give the second call its chance after the first failed; where it fails too, the first one's error stands."""
        if self._second is None:
            raise error
        try:
            return await self._second_answer()
        except NubemError:
            raise error from None

    async def _second_answer(self) -> Answer:
        assert self._second is not None  # noqa: S101  # only asked for after it was started
        answer = await self._second
        self._runners.on_switch()
        for piece in self._text:
            self._runners.emit(piece)
        return answer

    async def _end_second(self) -> None:
        if self._second is not None and not self._second.done():
            self._second.cancel()
            await asyncio.gather(self._second, return_exceptions=True)
