"""Doing a step by a cascade: its members are asked as ``engine.asking`` says, each like any other call."""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.core.call import Answer, Usage
from nubem_jupyter.core.cascade import CascadePlan
from nubem_jupyter.core.ids import NodePath
from nubem_jupyter.core.run import MemberRun, NodeRun, NodeState, Run
from nubem_jupyter.core.work import NodeKind, Prompt
from nubem_jupyter.engine.answer_form import form_in
from nubem_jupyter.engine.asking import AskMembers, NoAnswer, Said, Take, following, so_far, told
from nubem_jupyter.engine.command import Start
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.engine.transform import SEEDS
from nubem_jupyter.errors import (
    BudgetError,
    CallFailedError,
    DeadlineError,
    NodeError,
    NubemError,
    ProviderError,
    StorageError,
    UnusableAnswersError,
)
from nubem_jupyter.session.record import failure_of
from nubem_jupyter.session.tab import Tab
from nubem_jupyter.session.turns import Turn
from nubem_jupyter.session.voice import Voice
from nubem_jupyter.session.wording import call_of
from nubem_jupyter.session.writer import Writer

if TYPE_CHECKING:
    from nubem_jupyter.session.ask import Asker

_SPARE_S = 0.5
"""So long before the step's or the run's time is up the answers that there are have to do."""
_SPARE_SHARE = 0.1
"""At most this share of the time that there is."""


class Cascading(msgspec.Struct, frozen=True, kw_only=True):
    """What the cascades of one run need beside what every call needs."""

    save: Callable[[NodeRun, Mapping[str, Answer]], None]
    """Puts a step on record that is not done yet, with the members that were asked."""
    rng: random.Random
    """For the waits between tries."""
    policy: RetryPolicy = RetryPolicy()
    """When a member's failed call is made again."""
    earlier: Mapping[NodePath, NodeRun] = {}
    """Steps that were not done when the run ended before this one; whom they had asked is not asked again."""

    async def ask(self, asker: Asker, start: Start, turn: Turn, prompt: Prompt, voice: Voice, tab: Tab) -> Any:
        """Return the answer that the members agree on, or that the likeliest of them gives; ``tab`` tells what it took.

        Raises:
            ProviderError: no member could be asked.
            BudgetError: no member's call fits into what is left.
            UnusableAnswersError: no member's answer is what the node declares.
        """
        assert turn.cascade is not None  # noqa: S101  # what a turn with members has
        return await _Step(self, asker, start, turn, turn.cascade, prompt, voice, tab).value()


def cascading_of(run: Run, policy: RetryPolicy | None, writer: Writer, rng: random.Random) -> Cascading:
    """Return what a run's cascades need; whom they asked when it was under way before is not asked again."""
    return Cascading(
        save=writer.save_node,
        rng=rng,
        policy=policy or RetryPolicy(),
        earlier={node.path: node for node in run.nodes if node.members and node.state is not NodeState.FINISHED},
    )


class _Step:
    """One step done by a cascade."""

    def __init__(
        self,
        cascading: Cascading,
        asker: Asker,
        start: Start,
        turn: Turn,
        cascade: CascadePlan,
        prompt: Prompt,
        voice: Voice,
        tab: Tab,
    ) -> None:
        self._cascading = cascading
        self._asker = asker
        self._start = start
        self._turn = turn
        self._cascade = cascade
        self._prompts = [_of_sample(prompt, member.sample) for member in cascade.members]
        self._voice = voice
        self._tab = tab
        self._errors: dict[int, NubemError] = {}
        calls = [call_of(self._prompts[place], one.model, start.values) for place, one in enumerate(cascade.members)]
        self._digests = [call.digest for call in calls]
        tab.model, tab.reason, tab.prompt = turn.model, turn.reason, calls[0].messages[-1].content
        before = cascading.earlier.get(start.path)
        self._began_s = before.started_s if before else voice.now()
        self._until_s = _until_s(asker, start)
        self._members = {} if before is None else self._still_valid(before.members)

    def _still_valid(self, members: Iterable[MemberRun]) -> dict[int, MemberRun]:
        """Return the answers of an earlier try to what is asked now."""
        count = len(self._digests)
        return {
            one.place: one
            for one in members
            if one.failure is None and one.place < count and one.call == self._digests[one.place]
        }

    async def value(self) -> Any:
        decided: Take | NoAnswer | None = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None) as self._deadline:
                self._watch_time()
                decided = await self._decided()
        is_late = decided is None
        if decided is None:
            last = max(self._members)
            decided = so_far(self._cascade, [self._said_by(place) for place in range(last + 1)])
        if isinstance(decided, Take):
            return self._taken(decided, is_late=is_late)
        raise self._failure()

    async def _decided(self) -> Take | NoAnswer | None:
        """Ask until an answer can be taken; return None where time is up, and there are answers."""
        while not self._is_time_up():
            follows = following(self._cascade, self._said())
            if not isinstance(follows, AskMembers):
                return follows
            begin, end = follows
            await self._ask_all([place for place in range(begin, end) if place not in self._members])
        return None

    def _has_answer(self) -> bool:
        return any(one.failure is None for one in self._members.values())

    def _is_time_up(self) -> bool:
        is_over = self._asker.neighbours.clock() >= self._until_s or self._deadline.expired()
        return is_over and self._has_answer()

    def _watch_time(self) -> None:
        """See that members are not waited for until all is lost; while there is no answer, nothing can be."""
        if self._until_s < math.inf and self._has_answer() and self._deadline.when() is None:
            left_s = self._until_s - self._asker.neighbours.clock()
            self._deadline.reschedule(asyncio.get_running_loop().time() + left_s)

    def _said(self) -> list[Said]:
        """Return what the members said, up to the first that has not been asked."""
        said: list[Said] = []
        while len(said) in self._members:
            said.append(self._said_by(len(said)))
        return said

    def _said_by(self, place: int) -> Said:
        one = self._members.get(place)
        return Said(False) if one is None or one.failure is not None else Said(True, self._form(one.value))

    def _form(self, value: Any) -> str | None:
        return form_in(self._prompts[0], self._start.node.capability, value)

    async def _ask_all(self, places: list[int]) -> None:
        if len(places) == 1:
            await self._ask(places[0])
            return
        try:
            async with asyncio.TaskGroup() as group:
                for place in places:
                    group.create_task(self._ask(place))
        except ExceptionGroup as raised:
            if len(raised.exceptions) > 1:
                raise
            raise raised.exceptions[0] from None  # so that it is named, and not the group

    async def _ask(self, place: int) -> None:
        """Ask one member, and put what came of it on record."""
        call, turn, began_s = Tab(), self._turn.members[place], self._voice.now()
        value: Any = None
        error: NubemError | None = None
        try:
            value, error = await self._answer(place, turn, call)
        except asyncio.CancelledError:
            if not self._is_late():
                raise
            error = DeadlineError(f"{turn.model} took longer than there was time")
        finally:
            self._tab.absorb(call)
        member = MemberRun(
            place=place,
            model=turn.model,
            call=self._digests[place],
            value=value,
            failure=None if error is None else failure_of(error),
            usage=call.usage,
            deployment=call.deployment,
            cost_usd=call.cost_usd,
            unpriced=call.unpriced,
            latency_s=self._voice.now() - began_s,
            first_token_s=call.first_token_s,
            cached=call.cached,
        )
        self._members[place] = member
        self._tab.members = self._in_order()
        self._watch_time()
        if error is not None:
            self._errors[place] = error
        self._note(member, call, began_s)
        # Where this cannot be written the step's own record cannot either, and that ends the run.
        with contextlib.suppress(StorageError):
            self._cascading.save(self._unfinished(), call.answers)
        self._voice.member(self._start.path, member)

    def _is_late(self) -> bool:
        """Tell whether the current task was cancelled because time is up, and for nothing else."""
        task = asyncio.current_task()
        return self._deadline.expired() and task is not None and task.cancelling() == 1

    async def _answer(self, place: int, turn: Turn, call: Tab) -> tuple[Any, NubemError | None]:
        """Return a member's answer, or why it has none; a call that may work another time is made again."""
        tries = 1
        while True:
            one = Tab()  # of this try alone, or whoever bills it would count earlier ones again
            try:
                asked = self._asker.ask(self._start, self._prompts[place], self._voice.of_member(), one, turn)
                return await asked, None
            except (NubemError, TimeoutError, asyncio.CancelledError) as raised:
                error = _in_own_words(raised, turn)
            finally:
                call.follow(one)
            wait_s = self._wait_s(error, tries)
            if wait_s is None:
                return None, error
            if self._asker.notes is not None:
                self._asker.notes.failed_beside(turn.model, self._start.node.capability, error)
            tries += 1
            await asyncio.sleep(wait_s)

    def _wait_s(self, error: NubemError, tries: int) -> float | None:
        """Return how long to wait before the next try; None where there is none."""
        policy, asker = self._cascading.policy, self._asker
        if not error.retryable or not policy.allows(tries):
            return None
        asked_s = error.retry_after_s if isinstance(error, CallFailedError) else None
        wait_s = policy.wait_s(tries, jitter=self._cascading.rng.random(), retry_after_s=asked_s)
        return wait_s if asker.neighbours.clock() + wait_s < asker.until_s else None

    def _note(self, member: MemberRun, call: Tab, began_s: float) -> None:
        """Let the member's call tell of its deployment, as the record of a step would."""
        if self._asker.notes is None:
            return
        step = NodeRun(
            path=self._start.path,
            kind=str(NodeKind.MODEL),
            capability=self._start.node.capability,
            state=NodeState.FINISHED if member.failure is None else NodeState.FAILED,
            model=member.model,
            usage=call.usage,
            started_s=began_s,
            ended_s=began_s + member.latency_s,
            estimated=call.estimated,
            call_s=call.call_s,
            first_token_s=call.first_token_s,
            hedges=call.hedges,
            cached=call.cached,
            failure=member.failure,
        )
        self._asker.notes.take(step)

    def _unfinished(self) -> NodeRun:
        """Return the step's record as it would stand if the run died now; what earlier tries took is in it."""
        before, tab = self._cascading.earlier.get(self._start.path), self._tab
        return NodeRun(
            path=self._start.path,
            kind=str(NodeKind.MODEL),
            capability=self._start.node.capability,
            state=NodeState.CANCELLED,
            model=self._turn.model,
            members=tab.members,
            prompt=tab.prompt,
            reason=tab.reason,
            usage=tab.usage + (before.usage if before else Usage()),
            cost_usd=tab.cost_usd + (before.cost_usd if before else 0.0),
            unpriced=tab.unpriced + (before.unpriced if before else 0),
            estimated=tab.estimated,
            started_s=self._began_s,
            ended_s=self._voice.now(),
        )

    def _in_order(self) -> tuple[MemberRun, ...]:
        return tuple(self._members[place] for place in sorted(self._members))

    def _taken(self, taken: Take, *, is_late: bool) -> Any:
        """Write down whose answer is taken; return it."""
        tab, asked = self._tab, self._in_order()
        member = self._members[taken.member]
        verdict = told(self._cascade, taken, len(asked), is_late=is_late)
        tab.deployment = member.deployment
        tab.model, tab.reason = member.model, f"cascade: {verdict}; {self._turn.reason}"
        tab.cached = all(one.cached for one in asked)
        tab.members = tuple(
            msgspec.structs.replace(one, agreed=True) if one.place in taken.agreeing else one for one in asked
        )
        self._voice.decided(self._start.path, member.model, verdict, member.value)
        return member.value

    def _failure(self) -> NubemError:
        """Return why there is no answer: what the last member met that was asked."""
        last = self._errors[max(self._errors)]
        if isinstance(last, NodeError):
            return UnusableAnswersError(last.message, hint=last.hint, detail=last.detail)
        if isinstance(last, BudgetError):
            return last
        return ProviderError(f"nobody of {self._turn.model} answered; the last one: {last.message}", hint=last.hint)


def _until_s(asker: Asker, start: Start) -> float:
    """Return when the answers that there are have to do, by the neighbours' clock."""
    now_s, timeout_s = asker.neighbours.clock(), start.node.timeout_s
    until_s = asker.until_s if timeout_s is None else min(asker.until_s, now_s + timeout_s)
    return until_s - min(_SPARE_S, _SPARE_SHARE * max(0.0, until_s - now_s))


def _of_sample(prompt: Prompt, sample: int) -> Prompt:
    """Return the prompt that draws a member's answer: each of one model's has a seed of its own."""
    if not sample or prompt.seed is None:
        return prompt
    return msgspec.structs.replace(prompt, seed=(prompt.seed + sample) % SEEDS)


def _in_own_words(raised: BaseException, turn: Turn) -> NubemError:
    """Return what an error means for a member.

    Raises:
        asyncio.CancelledError: the step was stopped, and not only what it waited for.
    """
    if isinstance(raised, NubemError):
        return raised
    if isinstance(raised, TimeoutError):
        return CallFailedError(f"{turn.model} waited too long for an answer")
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise raised
    return NodeError(f"the call of {turn.model} was cancelled by what it called")
