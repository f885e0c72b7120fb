"""One call, and others beside it when it is late; the first whole answer counts."""

from __future__ import annotations

import abc
import asyncio
from collections.abc import Awaitable, Callable

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.engine.hedge import Hedger
from nubem_jupyter.errors import NubemError

_LOOK_AGAIN_S = 0.05
"""How often calls without evidence of what is late, or without allowance for another one, are looked at again."""
_STALLED_S = 0.005
"""A timer that is later than this tells that the event loop stood still, and that nobody read what had come."""
_MOST_BESIDE = 2
"""Calls beside a late one: where one in 20 is late, all three are once in 8,000 times."""

Emit = Callable[[str], None]
"""Takes a piece of text."""


class Lane:
    """Calls of one kind under way at one deployment, in the order in which they will be late; one timer for all.

    A call that is not late costs an entry here and nothing more.
    """

    def __init__(self, hedger: Hedger, kind: tuple[str, str], clock: Callable[[], float]) -> None:
        self._hedger = hedger
        self._kind = kind
        self._clock = clock
        self._observe = hedger.observer(kind)
        self._bill = hedger.biller(kind)
        self._under_way: dict[Race, float] = {}  # to when the latest call of each was made
        self._watched = False
        self._due_s = 0.0
        self._waited = False

    def enter(self, race: Race) -> None:
        """Take in a call that begins."""
        self._hedger.called()
        self._under_way[race] = race.sent_s
        if not self._watched:
            self._watch(self._hedger.after_s(self._kind) or _LOOK_AGAIN_S)

    def leave(self, race: Race, now_s: float, cost_usd: float = 0.0) -> None:
        """Take in that it ended, and what it cost in all.

        One that was given up counts too, or the tail would vanish from sight.
        """
        self._under_way.pop(race, None)
        self._observe(now_s - race.sent_s)
        if cost_usd:
            self._bill(cost_usd - race.beside_usd)

    def _watch(self, wait_s: float) -> None:
        self._watched = True
        self._due_s = asyncio.get_running_loop().call_later(wait_s, self._look).when()

    def _look(self) -> None:
        """Start one more call beside each that is late and can be paid for; look again when the next may be."""
        self._watched = False
        if self._stood_still():
            return
        now_s = self._clock()
        after_s = self._hedger.after_s(self._kind)
        while self._under_way:
            oldest, sent_s = next(iter(self._under_way.items()))
            left_s = _LOOK_AGAIN_S if after_s is None else after_s - (now_s - sent_s)
            if left_s > 0 or not self._hedger.may_hedge(self._kind):
                self._watch(left_s if left_s > 0 else _LOOK_AGAIN_S)
                return
            del self._under_way[oldest]
            beside = oldest.hedge()
            if beside is not None:
                beside.billed = self._hedger.hedged(self._kind)
                self._under_way[oldest] = now_s

    def _stood_still(self) -> bool:
        """Where the loop stood still just now, let it take in what has come before a call is taken to be late."""
        still_s = asyncio.get_running_loop().time() - self._due_s
        self._waited = still_s > _STALLED_S and not self._waited
        if self._waited:
            self._watch(min(still_s, _LOOK_AGAIN_S))
        return self._waited


class Beside:
    """A call beside a late one."""

    answer: asyncio.Future[Answer]
    """What it gives."""
    is_sent = False
    """Whether its turn has come."""
    deployment: ModelId | None = None
    """Which of the model's deployments it went to; None where it has one alone."""
    cost_usd = 0.0
    """What it cost."""
    billed: Callable[[float], None] | None = None
    """Is told of that, once."""

    def __init__(self, settle: Callable[[float], None]) -> None:
        """Take what settles the money that was set aside for the call."""
        self._settle = settle
        self.text: list[str] = []

    def settle(self, actual_usd: float) -> None:
        """Take in what it cost."""
        self.cost_usd = actual_usd
        self._settle(actual_usd)

    def over(self) -> None:
        """Give back what is still set aside, which is nothing unless it ended before it began."""
        self._settle(0.0)
        if self.billed is not None:
            self.billed(self.cost_usd)
        if not self.answer.cancelled():
            self.answer.exception()  # looked at, so that nobody is told that nobody did

    @property
    def is_answered(self) -> bool:
        """Whether it gave a whole answer."""
        return self.answer.done() and not self.answer.cancelled() and self.answer.exception() is None


class Race(abc.ABC):
    """A call that may get others beside it; it runs in its caller's task, and interrupts it when one of them wins.

    Who inherits says how the calls are made; each settles its own bill.
    """

    sent_s = 0.0
    """When the first call was sent, by the lane's clock."""
    beside_usd = 0.0
    """What the calls beside it cost."""
    won: Beside | None = None
    """The call beside it whose answer counts; None where that is the first one's."""
    failure: NubemError | None = None
    """What the first call failed with, where another one answered."""
    # Set where a race has several runners, which is seldom.
    _task: asyncio.Task[object] | None = None
    _beside: tuple[Beside, ...] = ()
    _winner: Beside | None = None

    @abc.abstractmethod
    def first(self) -> Awaitable[Answer]:
        """Make the call, telling its text."""

    @abc.abstractmethod
    def once_more(self, beside: Beside) -> Awaitable[Answer]:
        """Make it once more; ``beside`` takes when it is sent, its text and what it cost."""

    @abc.abstractmethod
    def paid(self) -> Callable[[float], None] | None:
        """Set aside what one more call may cost, and return what settles it; None where it cannot be paid."""

    def outdone(self, error: NubemError) -> None:  # noqa: B027  # the call is answered, and most races want no more
        """One of the calls failed with this, and another one answered or may."""

    @abc.abstractmethod
    def hedged(self) -> None:
        """One more call is started."""

    @abc.abstractmethod
    def switched(self, text: str) -> None:
        """Another call answered first, with this text: what was told so far does not count."""

    async def raced(self) -> Answer:
        """Return the first whole answer; the other calls are cancelled.

        Raises:
            ProviderError: what the first call failed with, where no other answered either.
        """
        self._task = asyncio.current_task()
        try:
            return await self.first()
        except asyncio.CancelledError:
            # Cancelled by a call beside it, and by nobody else?
            if self._winner is None or self._task is None or self._task.uncancel():
                raise
            return self._won(self._winner)
        except NubemError as error:
            self._task = None
            return await self._rescue(error)
        finally:
            self._task = None
            if self._beside:
                await self._end()

    def hedge(self) -> Beside | None:
        """Start one more call and return it; None where that is not worth it, or cannot be paid."""
        # Behind a call that waits for its turn it would wait too, and one that failed was not late.
        if self._task is None or len(self._beside) == _MOST_BESIDE or not all(map(_is_under_way, self._beside)):
            return None
        settle = self.paid()
        if settle is None:
            return None
        self.hedged()
        beside = Beside(settle)
        beside.answer = asyncio.ensure_future(self.once_more(beside))
        beside.answer.add_done_callback(self._look)
        self._beside = (*self._beside, beside)
        return beside

    def _look(self, _answer: asyncio.Future[Answer]) -> None:
        """Let an answer end the first call; a failure changes nothing."""
        if self._task is not None and self._winner is None:
            self._winner = self._answered()
            if self._winner is not None:
                self._task.cancel()

    def _answered(self) -> Beside | None:
        return next((beside for beside in self._beside if beside.is_answered), None)

    async def _rescue(self, error: NubemError) -> Answer:
        """Give the others their chance after the first call failed; where they fail too, its error stands."""
        while (winner := self._answered()) is None:
            waiting = [beside.answer for beside in self._beside if not beside.answer.done()]
            if not waiting:
                raise error
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        self.failure = error
        self.outdone(error)
        return self._won(winner)

    def _won(self, winner: Beside) -> Answer:
        self.won = winner
        self.switched("".join(winner.text))
        return winner.answer.result()

    async def _end(self) -> None:
        """Stop the calls beside the first, and wait until what they used is on the tab."""
        ending, self._beside, self._winner = self._beside, (), None
        stopped: asyncio.CancelledError | None = None
        while waiting := [beside.answer for beside in ending if not beside.answer.done()]:
            for answer in waiting:
                answer.cancel()
            try:
                await asyncio.wait(waiting)
            except asyncio.CancelledError as error:
                stopped = error  # the bill has to be whole all the same
        for beside in ending:
            beside.over()
            self.beside_usd += beside.cost_usd
        if stopped is not None:
            raise stopped


def _is_under_way(beside: Beside) -> bool:
    return beside.is_sent and not beside.answer.done()
