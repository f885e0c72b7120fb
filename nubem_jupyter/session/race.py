"""One call, and a second one beside it when the first is late; the first whole answer counts."""

from __future__ import annotations

import abc
import asyncio
from collections.abc import Awaitable, Callable

from nubem_jupyter.core.call import Answer
from nubem_jupyter.engine.hedge import Hedger
from nubem_jupyter.errors import NubemError

_LOOK_AGAIN_S = 0.05
"""How often calls without evidence of what is late, or without allowance for a second one, are looked at again."""

Emit = Callable[[str], None]
"""Takes a piece of text."""


class Lane:
    """Calls of one kind under way at one deployment, the oldest first; one timer watches them all.

    A call that is not late costs an entry here and nothing more.
    """

    def __init__(self, hedger: Hedger, kind: tuple[str, str], clock: Callable[[], float]) -> None:
        self._hedger = hedger
        self._kind = kind
        self._clock = clock
        self._observe = hedger.observer(kind)
        self._bill = hedger.biller(kind)
        self._under_way: dict[Race, None] = {}
        self._watched = False

    def enter(self, race: Race) -> None:
        """Take in a call that begins."""
        self._hedger.called()
        self._under_way[race] = None
        if not self._watched:
            self._watch(self._hedger.after_s(self._kind) or _LOOK_AGAIN_S)

    def leave(self, race: Race, now_s: float, cost_usd: float = 0.0) -> None:
        """Take in that it ended, and what it cost in all.

        One that was given up counts too, or the tail would vanish from sight.
        """
        self._under_way.pop(race, None)
        self._observe(now_s - race.sent_s)
        if cost_usd:
            self._bill(cost_usd - race.second_usd)

    def _watch(self, wait_s: float) -> None:
        self._watched = True
        asyncio.get_running_loop().call_later(wait_s, self._look)

    def _look(self) -> None:
        """Start a second call beside each that is late and can be paid for; look again when the next may be."""
        self._watched = False
        now_s = self._clock()
        after_s = self._hedger.after_s(self._kind)
        while self._under_way:
            oldest = next(iter(self._under_way))
            left_s = _LOOK_AGAIN_S if after_s is None else after_s - (now_s - oldest.sent_s)
            if left_s > 0 or not self._hedger.may_hedge(self._kind):
                self._watch(left_s if left_s > 0 else _LOOK_AGAIN_S)
                return
            del self._under_way[oldest]
            if oldest.hedge():
                oldest.second_billed = self._hedger.hedged(self._kind)


class Race(abc.ABC):
    """A call that may get a second one beside it; it runs in its caller's task, and interrupts it when that one wins.

    Who inherits says how the calls are made; each settles its own bill.
    """

    sent_s = 0.0
    """When the first call was sent, by the lane's clock."""
    second_usd = 0.0
    """What the second call cost."""
    second_billed: Callable[[float], None] | None = None
    """Is told of that, once."""
    # Set where a race has two runners, which is seldom.
    _task: asyncio.Task[object] | None = None
    _second: asyncio.Future[Answer] | None = None
    _won = False

    @abc.abstractmethod
    def first(self) -> Awaitable[Answer]:
        """Make the call, telling its text."""

    @abc.abstractmethod
    def second(self, emit: Emit) -> Awaitable[Answer]:
        """Make it once more; ``emit`` takes its text."""

    def pays_second(self) -> bool:
        """Set aside what a second call may cost; False where it cannot be paid, and is not made."""
        return True

    def second_ended(self) -> None:  # noqa: B027  # most races have nothing to give back
        """The second call ended, maybe before it began: what is still set aside for it is given back."""

    def outdone(self, error: NubemError) -> None:  # noqa: B027  # the call is answered, and most races want no more
        """The first call failed with this, and the second one answered."""

    @abc.abstractmethod
    def hedged(self) -> None:
        """The second call is started."""

    @abc.abstractmethod
    def switched(self, text: str) -> None:
        """The second call answered first, with this text: what was told so far does not count."""

    async def raced(self) -> Answer:
        """Return the first whole answer; the other call is cancelled.

        Raises:
            ProviderError: what the first call failed with, where the second did not answer either.
        """
        self._task = asyncio.current_task()
        try:
            return await self.first()
        except asyncio.CancelledError:
            # Cancelled by the second call, and by nobody else?
            if not self._won or self._task is None or self._task.uncancel():
                raise
            return await self._second_answer()
        except NubemError as error:
            return await self._rescue(error)
        finally:
            self._task = None
            if self._second is not None:
                await self._end_second(self._second)

    def hedge(self) -> bool:
        """Start the second call, if it can be paid; tell whether it was."""
        if not self.pays_second():
            return False
        self._text: list[str] = []
        self.second_usd = 0.0
        self.hedged()
        self._second = asyncio.ensure_future(self.second(self._text.append))
        self._second.add_done_callback(self._second_done)
        return True

    def _second_done(self, second: asyncio.Future[Answer]) -> None:
        """Let an answer of the second call end the first; a failure of it changes nothing."""
        if not second.cancelled() and second.exception() is None and self._task is not None:
            self._won = True
            self._task.cancel()

    async def _rescue(self, error: NubemError) -> Answer:
        """Give the second call its chance after the first failed; where it fails too, the first one's error stands."""
        if self._second is None:
            raise error
        self._second.remove_done_callback(self._second_done)
        try:
            answer = await self._second_answer()
        except NubemError:
            raise error from None
        self.outdone(error)
        return answer

    async def _second_answer(self) -> Answer:
        assert self._second is not None  # noqa: S101  # only asked for after it was started
        answer = await self._second
        self.switched("".join(self._text))
        return answer

    async def _end_second(self, second: asyncio.Future[Answer]) -> None:
        second.remove_done_callback(self._second_done)
        self._second, self._won = None, False
        stopped: asyncio.CancelledError | None = None
        while not second.done():
            second.cancel()
            try:
                await asyncio.wait([second])
            except asyncio.CancelledError as error:
                stopped = error  # what the second call used has to be on the tab all the same
        self.second_ended()
        if self.second_billed is not None:
            self.second_billed(self.second_usd)
        if stopped is not None:
            raise stopped
        if not second.cancelled():
            second.exception()  # looked at, so that nobody is told that nobody did
