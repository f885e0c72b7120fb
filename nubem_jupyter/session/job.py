"""One node's call to a model: made once or more, read, checked, kept, paid."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from nubem_jupyter.core.cache import CacheEntry
from nubem_jupyter.core.call import Answer, ModelCall
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.answer import parse_answer
from nubem_jupyter.engine.budget import most_usage
from nubem_jupyter.engine.command import Start
from nubem_jupyter.errors import (
    BudgetError,
    CallFailedError,
    DeploymentGoneError,
    ModelUnavailableError,
    NodeError,
    NubemError,
)
from nubem_jupyter.session.alike import Alike
from nubem_jupyter.session.deployment import PATIENCE_S, TOO_MANY, Deployment
from nubem_jupyter.session.listening import listen
from nubem_jupyter.session.purse import set_aside
from nubem_jupyter.session.race import Beside, Emit, Race
from nubem_jupyter.session.recalling import Recalling
from nubem_jupyter.session.tab import Tab
from nubem_jupyter.session.turns import Turn
from nubem_jupyter.session.voice import Voice

if TYPE_CHECKING:
    from nubem_jupyter.session.ask import Asker
    from nubem_jupyter.session.flights import Flights
    from nubem_jupyter.session.recall import Recall
    from nubem_jupyter.session.similar import Similar


class Job(Race):
    """One node's call, which may be made more than once.

    Methods that only choose what is awaited are no coroutines: each level of those costs as much as a call of its own.
    """

    # Under a budget this settles what was set aside.
    _settle: Callable[[float], None] | None = None
    _patient_until_s = math.inf

    def __init__(
        self, asker: Asker, start: Start, turn: Turn, call: ModelCall, prompt: Prompt, voice: Voice, tab: Tab
    ) -> None:
        self._asker = asker
        self._start = start
        self._turn = turn
        self._call = call
        self._prompt = prompt
        self._voice = voice
        self._tab = tab

    async def made(self) -> Any:
        """Make the call; return the value that its answer stands for."""
        value = self._read(await self._answer())
        if self._prompt.check:
            await self._check(value)
        return value

    async def recalled(self, recall: Recall, flights: Flights, key: str) -> Any:
        """Take the answer that is at hand, or wait for an equal call under way; else make the call and keep it."""
        recalling = Recalling(recall, flights, key)
        entry = recalling.at_once()
        try:
            if entry is None and not recalling.is_flying:
                entry = await recalling.found()
            if entry is not None:
                # A step that reads the answer otherwise than the one that asked may not be able to: it asks anew.
                with contextlib.suppress(NodeError):
                    if self._prompt.check:
                        await self._check(self._read(_answer_of(entry)))
                    return self._given(entry)
            if self._prompt.similar is not None and not self._prompt.check and self._asker.similar is not None:
                return await self._alike(self._asker.similar, recall, recalling, key)
            return await self._made_and_kept(recalling)
        finally:
            recalling.lands()

    async def _made_and_kept(self, recalling: Recalling) -> Any:
        answer = await self._answer()
        # Only what could be read is kept: another try would get the same unreadable answer again.
        value = self._read(answer)
        if self._prompt.check:
            await self._check(value)
        asker, tab = self._asker, self._tab
        stored_s = asker.wall_s + (tab.ended_s or asker.neighbours.clock())
        recalling.keep(CacheEntry(content=answer, stored_s=stored_s, cost_usd=tab.cost_usd, model=self._turn.model))
        return value

    async def _alike(self, similar: Similar, recall: Recall, recalling: Recalling, key: str) -> Any:
        """Take the answer of a call worded otherwise; now and then make the call, to see whether that is right."""
        alike = Alike(similar, self._prompt, self._turn.model, self._asker.level, self._start.values)
        hit = await alike.find(recall, f"{self._asker.flow}/{self._start.place}")
        if hit is not None and not hit.is_checked:
            self._tab.similarity, self._tab.false_hits = hit.similarity, hit.false_hits
            return self._given(hit.entry)
        value = await self._made_and_kept(recalling)
        alike.made(key, value, hit)
        return value

    def _given(self, entry: CacheEntry) -> Any:
        """Give an answer again."""
        answer, tab = _answer_of(entry), self._tab
        value = self._read(answer)
        tab.cached, tab.saved_usd, tab.finish_reason = True, entry.cost_usd, answer.finish_reason
        self._voice.cached(self._start.path, entry, tab.similarity)
        return value

    async def _check(self, value: Any) -> None:
        """See that a value passes the step's check; raises as ``Checker.check`` does."""
        if self._asker.checker is not None:
            await self._asker.checker.check(self._start, self._prompt, value)

    def _read(self, answer: Answer) -> Any:
        """Read the value out of an answer, and see that it cost no more than was set aside."""
        asker = self._asker
        if asker.records:
            self._tab.answers = {self._call.digest: answer}
        if asker.ledger.limit_usd is not None and asker.ledger.overspent:
            raise BudgetError(
                f"'{self._start.path}' cost ${self._tab.cost_usd:.6f}, more than the listed price of "
                f"{self._turn.model} allows",
                hint="the price list may be out of date; check the provider's own",
            )
        return parse_answer(answer.text, self._prompt)

    async def _answer(self) -> Answer:
        """Ask in turn, again after each refusal by the provider's limit, with others beside a call that is late."""
        turn, tab, neighbours, ledger = self._turn, self._tab, self._asker.neighbours, self._asker.ledger
        if turn.info is None or turn.provider is None:
            raise nobody(turn)
        deployment = neighbours.of(turn.model)
        clock = neighbours.clock
        # One more call to a local model would only take from the first what both need: this machine.
        lane = None if turn.info.local else deployment.lane(self._start.step.node.capability)
        while True:
            # Before a turn is taken: a call that waits for money keeps nobody waiting, and is not late.
            if ledger.limit_usd is not None:
                self._settle = await self._set_aside(turn.info)
            self.sent_s = sent_s = clock()
            if not deployment.free(sent_s):
                self.sent_s = sent_s = await self._turn_at(deployment, sent_s)
            try:
                if lane is None:
                    answer = await self.first()
                else:
                    lane.enter(self)
                    try:
                        answer = await self.raced()
                    finally:
                        tab.ended_s = clock()
                        lane.leave(self, tab.ended_s, tab.cost_usd)
            except CallFailedError as error:
                if not self._goes_on(deployment, error, sent_s):
                    raise
            except BaseException:
                deployment.given_up()
                raise
            else:
                self._tell(deployment, sent_s, tab.ended_s or clock())
                return answer

    def _tell(self, deployment: Deployment, sent_s: float, now_s: float) -> None:
        """Tell what became of the first call: another one was answered where it was late, or failed in the end."""
        if self.won is None:
            deployment.answered(now_s)
        elif isinstance(self.failure, CallFailedError):
            deployment.failed(self.failure, sent_s)
        else:
            deployment.given_up()

    async def _set_aside(self, info: ModelInfo) -> Callable[[float], None]:
        """Set aside what the call may cost; return what settles it.

        Raises:
            BudgetError: it does not fit into what is left.
        """
        ledger = self._asker.ledger
        ticket = await set_aside(ledger, self._start.path, info.price, most_usage(self._call))
        return partial(ledger.settle, ticket)

    async def _turn_at(self, deployment: Deployment, now_s: float) -> float:
        """Wait for a turn at a deployment with a limit; return when it came.

        Raises:
            CallFailedError: it is to be left alone for a while, or the next model in turn is asked sooner.
        """
        self._patient_until_s = min(self._patient_until_s, now_s + PATIENCE_S)
        left_s = min(self._patient_until_s, self._asker.until_s) - now_s
        try:
            return await deployment.turn(left_s if self._has_next() else None)
        except BaseException:
            if self._settle is not None:
                self._settle(0.0)
            raise

    def _has_next(self) -> bool:
        """Tell whether another model could be asked here if this one cannot."""
        asker, start = self._asker, self._start
        following = asker.turns[start.place][start.choice + 1 :]
        if not following or following[0].info is None or following[0].provider is None:
            return False
        # Better late than over budget.
        return asker.ledger.affords(following[0].info.price, most_usage(self._call))

    def _goes_on(self, deployment: Deployment, error: CallFailedError, sent_s: float) -> bool:
        """Take a failure in; tell whether the call waits for another turn: a limit refused it, or nobody was there."""
        self._be_patient(sent_s)
        if not deployment.failed(error, sent_s) or self._is_out_of_patience():
            return False
        if isinstance(error, DeploymentGoneError):
            self.outdone(error)
            self._voice.gone(self._start.path)
            return True
        self._tab.refusals += 1
        self._voice.refused(self._start.path)
        return True

    def _be_patient(self, sent_s: float) -> None:
        """Let the time run after which the call is given up."""
        self._patient_until_s = min(self._patient_until_s, sent_s + PATIENCE_S)

    def _is_out_of_patience(self) -> bool:
        # With a next model, waiting for a turn tells when that one has to be asked.
        return self._asker.neighbours.clock() > self._patient_until_s and not self._has_next()

    def first(self) -> Awaitable[Answer]:
        """Make the call once, and settle what was set aside for it.

        Raises:
            ProviderError: it failed.
        """
        return self._attempt(self._say, self._settle or self._asker.ledger.spend)

    def paid(self) -> Callable[[float], None] | None:
        """Set aside what one more call may cost; None where it does not fit now: it is not worth waiting."""
        turn, ledger = self._turn, self._asker.ledger
        if ledger.limit_usd is None or turn.info is None:
            return ledger.spend
        try:
            ticket = ledger.reserve(self._start.path, turn.info.price, most_usage(self._call))
        except BudgetError:
            return None
        return partial(ledger.settle, ticket)

    async def once_more(self, beside: Beside) -> Answer:
        """Make the call once more, in turn."""
        deployment = self._asker.neighbours.of(self._turn.model)
        sent_s = await deployment.turn()
        beside.is_sent = True
        self._tab.hedges += 1
        try:
            answer = await self._attempt(beside.text.append, beside.settle)
        except CallFailedError as error:
            deployment.failed(error, sent_s)
            self.outdone(error)
            raise
        except BaseException:
            deployment.given_up()
            raise
        deployment.answered(self._asker.neighbours.clock())
        return answer

    def outdone(self, error: NubemError) -> None:
        """Take down that one of several calls failed: the step's record tells how another one ended."""
        if self._asker.notes is not None:
            self._asker.notes.failed_beside(self._turn.model, self._start.step.node.capability, error)

    def hedged(self) -> None:
        """Tell that one more call is made."""
        self._voice.hedged(self._start.path)

    def switched(self, text: str) -> None:
        """Tell that a call beside the first was answered sooner, and with which text."""
        self._voice.switched(self._start.path)
        if text:
            self._say(text)

    def _say(self, piece: str) -> None:
        self._voice.text(self._start.path, piece)

    def _attempt(self, emit: Emit, settle: Callable[[float], None]) -> Awaitable[Answer]:
        turn = self._turn
        assert turn.info is not None and turn.provider is not None  # noqa: S101, PT018  # looked at before
        return listen(turn.provider, turn.info, self._call, self._tab, settle, emit)


def _answer_of(entry: CacheEntry) -> Answer:
    assert isinstance(entry.content, Answer)  # noqa: S101  # a model call's key leads to nothing else
    return entry.content


def too_many(error: NubemError) -> bool:
    """Tell whether a provider's limit refused a call."""
    return isinstance(error, CallFailedError) and error.status == TOO_MANY


def nobody(turn: Turn) -> ModelUnavailableError:
    """Say why nobody can be asked."""
    if turn.info is None:
        return ModelUnavailableError(f"{turn.model} is not listed any more", hint="plan again")
    if turn.stray:
        return ModelUnavailableError(f"{turn.model} {turn.stray}", hint="plan again")
    return ModelUnavailableError(
        f"no provider '{turn.info.caller}' for {turn.model}", hint="add it to the setting 'providers'"
    )
