"""Calls to a model that is served at several places: each goes where one may go at once, and on where it fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Site
from nubem_jupyter.engine.affinity import Marks, marks_of
from nubem_jupyter.errors import CallFailedError, ModelUnavailableError
from nubem_jupyter.session.fleet import Fleet, Trip, saves
from nubem_jupyter.session.job import Job, nobody, too_many
from nubem_jupyter.session.listening import listen
from nubem_jupyter.session.race import Beside, Emit, Lane
from nubem_jupyter.session.turns import at_site


class SpreadJob(Job):
    """One node's call, to any of the sites of its model; a site that failed is not asked again by this call."""

    _trip: Trip

    async def _answer(self) -> Answer:
        """Ask where a call may go, elsewhere after a failure, with others beside a call that is late."""
        turn, tab, asker = self._turn, self._tab, self._asker
        if turn.info is None or turn.provider is None:
            raise nobody(turn)
        self._failed: set[ModelId] = set()
        self._marks: Marks = ()
        if len(turn.sites) > 1 and any(map(saves, turn.sites)):
            self._marks = marks_of(message.content for message in self._call.messages)
        clock = asker.neighbours.clock
        lane = None if turn.info.local else asker.neighbours.of(turn.model).lane(self._start.step.node.capability)
        while True:
            if asker.ledger.limit_usd is not None:
                self._settle = await self._set_aside(turn.info)
            trip = self._trip = await self._turn_somewhere()
            try:
                answer = await self._raced_in(lane)
            except (CallFailedError, ModelUnavailableError) as error:
                if not self._goes_elsewhere(trip, error):
                    raise
            except BaseException:
                trip.given_up(clock())
                raise
            else:
                self._take_down(trip, answer, tab.ended_s or clock())
                return answer

    async def _raced_in(self, lane: Lane | None) -> Answer:
        if lane is None:
            return await self.first()
        lane.enter(self)
        try:
            return await self.raced()
        finally:
            self._tab.ended_s = self._asker.neighbours.clock()
            lane.leave(self, self._tab.ended_s, self._tab.cost_usd)

    @property
    def _fleet(self) -> Fleet:
        return self._asker.neighbours.fleet(self._turn.model)

    def _left(self) -> list[Site]:
        """Return the sites that this call has not failed at."""
        return [site for site in self._turn.sites if site.id not in self._failed]

    async def _turn_somewhere(self) -> Trip:
        """Take a turn where there is one at once, else wait where one is due first.

        Raises:
            CallFailedError: all are to be left alone for a while, or the next model in turn is asked sooner.
        """
        now_s = self.sent_s = self._asker.neighbours.clock()
        fleet, left = self._fleet, self._left()
        trip = fleet.take(left, now_s, self._marks)
        if trip is not None:
            return trip
        site = fleet.soonest(left, now_s)
        self.sent_s = await self._turn_at(fleet.deployment(site), now_s)
        return fleet.trip(site, self.sent_s, self._marks)

    def _goes_elsewhere(self, trip: Trip, error: CallFailedError | ModelUnavailableError) -> bool:
        """Take a failure in; tell whether the call has another turn, at another site or in this one's queue."""
        if isinstance(error, CallFailedError):
            self._be_patient(self.sent_s)
        waits = trip.failed(error, self.sent_s, self._asker.neighbours.clock())
        if too_many(error):
            self._tab.refusals += 1
            self._voice.refused(self._start.path)
            return not self._is_out_of_patience()
        if not waits:
            self._failed.add(trip.site.id)
        if not self._left() or (waits and self._is_out_of_patience()):
            return False
        self.outdone(error)
        self._voice.elsewhere(self._start.path, trip.site.id)
        return True

    def _take_down(self, trip: Trip, answer: Answer, now_s: float) -> None:
        """Note who answered: it was another call than the first where that one was late, or failed in the end."""
        won, failure = self.won, self.failure
        self._tab.deployment = trip.site.id if won is None else won.deployment
        if won is None:
            trip.answered(now_s, answer.usage)
        elif isinstance(failure, CallFailedError | ModelUnavailableError):
            trip.failed(failure, self.sent_s, now_s)
        else:
            trip.given_up(now_s)

    def first(self) -> Awaitable[Answer]:
        """Make the call once, and settle what was set aside for it.

        Raises:
            ProviderError: it failed.
        """
        return self._attempt_at(self._trip.site, self._say, self._settle or self._asker.ledger.spend)

    async def once_more(self, beside: Beside) -> Answer:
        """Make the call once more, in turn: at another site, where there is one."""
        clock, left = self._asker.neighbours.clock, self._left()
        others = [site for site in left if site is not self._trip.site] or left
        trip = await self._fleet.turn(others, clock())
        beside.is_sent, beside.deployment = True, trip.site.id
        self._tab.hedges += 1
        try:
            answer = await self._attempt_at(trip.site, beside.text.append, beside.settle)
        except (CallFailedError, ModelUnavailableError) as error:
            trip.failed(error, trip.sent_s, clock())
            self.outdone(error)
            raise
        except BaseException:
            trip.given_up(clock())
            raise
        trip.answered(clock(), answer.usage)
        return answer

    def _attempt_at(self, site: Site, emit: Emit, settle: Callable[[float], None]) -> Awaitable[Answer]:
        turn = self._turn
        assert turn.info is not None  # noqa: S101  # looked at before
        assert turn.provider is not None  # noqa: S101  # as above
        call = msgspec.structs.replace(self._call, model=site.id)
        return listen(turn.provider, at_site(turn.info, site), call, self._tab, settle, emit)
