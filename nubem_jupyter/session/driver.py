"""The one driver: performs what the schedule commands and reports back what happened."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from nubem_jupyter.core.event import (
    BudgetWarning,
    Event,
    MapProgress,
    NodeFailed,
    NodeFinished,
    NodeRetried,
    NodeStarted,
    RunEnded,
    RunStarted,
)
from nubem_jupyter.core.ids import NodePath
from nubem_jupyter.core.run import Failure, NodeRun, NodeState, Outcome, Run
from nubem_jupyter.core.work import Join
from nubem_jupyter.engine.command import Again, Command, End, Failed, Progress, Settled, Start, Stop
from nubem_jupyter.engine.schedule import Schedule
from nubem_jupyter.errors import (
    BudgetError,
    CallFailedError,
    DeadlineError,
    NodeError,
    NubemError,
    StorageError,
)
from nubem_jupyter.session.call_notes import RunNotes
from nubem_jupyter.session.deployment import Clock
from nubem_jupyter.session.lasting import to_its_end
from nubem_jupyter.session.record import Records, failure_of
from nubem_jupyter.session.stream import EventStream
from nubem_jupyter.session.tab import Tab
from nubem_jupyter.session.voice import Voice
from nubem_jupyter.session.work import Workers
from nubem_jupyter.session.writer import Writer

_LOG = logging.getLogger(__name__)

_MOST_IN_A_ROW = 64
"""Steps that one task does one after the other before it lets others have their turn."""


class Driver:
    """Drives one run to its end on the current event loop."""

    def __init__(
        self,
        run: Run,
        schedule: Schedule,
        workers: Workers,
        *,
        writer: Writer,
        clock: Clock,
        rng: random.Random,
        events: bool = True,
        notes: RunNotes | None = None,
    ) -> None:
        self.run = run
        self.stream = EventStream()
        self.tell: Callable[[Event], None] | None = self.stream.push if events else None
        self._schedule = schedule
        self._workers = workers
        self._writer = writer
        self._rng = rng
        self._notes = notes
        # One that goes on counts its time from where it was, and its deadline anew.
        now_s = clock()
        self._began_s = now_s - run.latency_s
        self._until_s = now_s + (run.plan.constraints.max_latency_s or math.inf)
        self._clock = clock
        self._limited = workers.asker.ledger.limit_usd is not None
        self._voice = Voice(run.id, self._now, self.tell)
        self._records = Records(run, workers.asker.turns)
        self._tasks: dict[NodePath, asyncio.Task[None]] = {}
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[End] = self._loop.create_future()
        self._cancelled: asyncio.CancelledError | None = None

    async def drive(self) -> Run:
        """Run everything; return the run as it ended.

        Raises:
            asyncio.CancelledError: the task was cancelled, once or more; the run was halted and is on record.
        """
        self._push(self._planned())
        try:
            await self._writer.begin(self.run)
            self._obey(self._schedule.begin())
            end = await self._wait()
        except StorageError as error:
            end = End(outcome=Outcome.FAILED, failure=failure_of(error))
        except asyncio.CancelledError as error:
            self.halt()
            self._cancelled, end = error, self._ended.result()
        run = await self._finish(end)
        if self._cancelled is not None:
            raise self._cancelled
        return run

    def _planned(self) -> RunStarted:
        plan = self.run.plan
        return RunStarted(
            run=self.run.id,
            at_s=self._now(),
            nodes=self._schedule.steps,
            estimate=plan.estimate,
            resumed=sum(node.state is NodeState.FINISHED for node in self.run.nodes),
        )

    def halt(self) -> None:
        """Stop the run now: calls under way are cancelled, what finished is kept."""
        self._halt(Outcome.CANCELLED, Failure(code="run.cancelled", message="the run was stopped"))

    def _halt(self, outcome: Outcome, failure: Failure) -> None:
        self._obey(self._schedule.halt(outcome, failure))

    async def _wait(self) -> End:
        limit_s = self.run.plan.constraints.max_latency_s
        if limit_s is None:
            return await asyncio.shield(self._ended)
        try:
            async with asyncio.timeout(self._left_s()):
                return await asyncio.shield(self._ended)
        except TimeoutError:
            message = f"the run's {limit_s:g} seconds are over"
            self._halt(Outcome.OVER_TIME, Failure(code=DeadlineError.code, message=message, hint="raise --max-latency"))
            return self._ended.result()

    def _left_s(self) -> float:
        """Return the seconds that are left to the run."""
        return self._until_s - self._clock()

    async def _finish(self, end: End) -> Run:
        if self._tasks:
            unfinished = list(self._tasks.values())
            for task in unfinished:
                task.cancel()
            await self._through(to_its_end(asyncio.gather(*unfinished, return_exceptions=True)))
        for node in self._records.left_over():
            self._put_down(node)
        run = self._records.ended(end, self._now())
        if self.tell is not None:
            self.tell(RunEnded(run=run.id, at_s=run.latency_s, outcome=str(end.outcome), cost_usd=run.cost_usd))
            msgspec.structs.force_setattr(run, "log", self.stream.log())
        self.run = run
        self.stream.close()
        try:
            await self._through(self._writer.end(run))
        except StorageError as error:
            # The work is done and the caller should have it; that it is not on record is said beside it.
            self.run = msgspec.structs.replace(run, failure=run.failure or failure_of(error))
        if self._notes is not None:
            self._notes.over()
        return self.run

    async def _through(self, ending: Awaitable[Any]) -> None:
        """Wait for a part of the run's end, which no cancel cuts short: the cancel goes up after the last part."""
        try:
            await ending
        except asyncio.CancelledError as error:
            self._cancelled = error

    def _obey(self, commands: list[Command], *, keep_one: bool = False) -> Start | None:
        """Perform commands; with ``keep_one`` the last start is returned for the caller's own task to do."""
        if keep_one and len(commands) == 1 and type(commands[0]) is Start:
            return commands[0]
        kept: Start | None = None
        for command in commands:
            kind = type(command)
            if kind is Start:
                if kept is not None:
                    self._begin(kept, 0.0)
                kept = command  # type: ignore[assignment]  # its type was looked at
            else:
                self._obey_rare(command)
        if kept is not None and not keep_one:
            self._begin(kept, 0.0)
            return None
        return kept

    def _obey_rare(self, command: Command) -> None:
        match command:
            case Again(start=start, wait_s=wait_s, failure=failure):
                model = self._records.model_of(start)
                retried = NodeRetried(
                    run=self.run.id,
                    at_s=self._now(),
                    node=start.path,
                    error=failure.message,
                    wait_s=wait_s,
                    model=model,
                )
                self._push(retried)
                self._begin(start, wait_s)
            case Settled():
                self._settled(command)
            case Progress():
                said = msgspec.structs.asdict(command)
                self._push(MapProgress(run=self.run.id, at_s=self._now(), node=said.pop("path"), **said))
            case Stop(paths=paths):
                for path in paths:
                    self._tasks[path].cancel()
            case End() if not self._ended.done():
                self._ended.set_result(command)

    def _begin(self, start: Start, wait_s: float) -> None:
        self._tasks[start.path] = self._loop.create_task(self._work(start, wait_s))

    async def _work(self, start: Start, wait_s: float) -> None:
        """Do a node's work, and then that of one node that it made ready: a chain needs no task a node."""
        task = self._tasks[start.path]
        in_a_row = 0
        began_s = self._now()
        tab = Tab()
        try:
            while True:
                in_a_row += 1
                try:
                    if wait_s or in_a_row % _MOST_IN_A_ROW == 0:
                        await asyncio.sleep(wait_s)
                        wait_s, began_s = 0.0, self._now()
                    value = await self._performed(start, tab, began_s)
                except (NubemError, TimeoutError, asyncio.CancelledError) as raised:
                    error = _in_own_words(raised, start.path, task)
                    if error is None:
                        self._stopped(start, tab, began_s)
                        return
                    commands, began_s = self._failed(start, tab, began_s, error)
                else:
                    commands, began_s = self._answered(start, tab, began_s, value)
                finally:
                    del self._tasks[start.path]
                if self._limited:
                    self._warn()
                following = self._obey(commands, keep_one=True)
                if following is None:
                    return
                if self._limited or len(commands) > 1:
                    began_s = self._now()  # a warning or the other commands were told of in between
                start, tab = following, Tab()
                self._tasks[start.path] = task
        except Exception as defect:  # noqa: BLE001  # a mistake of this program ends the run, and the log names it
            self._broken(start, tab, began_s, defect)

    def _stopped(self, start: Start, tab: Tab, began_s: float) -> None:
        """Put a node on record that was cancelled; one that nobody here stopped was all the same, and so is the run."""
        self._put_down(self._records.stopped(start, tab, began_s, self._now()))
        if self._schedule.awaits(start.path):
            self.halt()

    def _broken(self, start: Start, tab: Tab, began_s: float, defect: Exception) -> None:
        """End the run on an error that is nobody's to mend but this program's; its text may hold secrets."""
        name = type(defect).__name__
        lines = "".join(traceback.format_tb(defect.__traceback__))
        _LOG.error("defect at %s: %s\n%s", start.path, name, lines)
        if not self._records.has_finished(start.path):  # else the defect is in what follows
            unread = Failure(code="defect", message=f"{name} in this program")
            self._put_down(self._records.failed(start, tab, began_s, self._now(), unread))
        self._halt(
            Outcome.FAILED, Failure(code="defect", message=f"a defect of this program at '{start.path}' ({name})")
        )

    def _performed(self, start: Start, tab: Tab, began_s: float) -> Awaitable[Any]:
        """Return, once awaited, the value of the node's work, done within its deadline."""
        if self.tell is not None:
            model = self._records.model_of(start)
            self.tell(NodeStarted(run=self.run.id, at_s=began_s, node=start.path, model=model))
        timeout_s = start.step.node.timeout_s
        if timeout_s is not None:
            return self._in_time(start, tab, timeout_s)
        return self._workers.do(start, self._voice, tab)

    async def _in_time(self, start: Start, tab: Tab, timeout_s: float) -> Any:
        deadline = asyncio.timeout(timeout_s)
        try:
            async with deadline:
                return await self._workers.do(start, self._voice, tab)
        except TimeoutError:
            if not deadline.expired():
                raise
            raise DeadlineError(f"'{start.path}' took longer than its {timeout_s:g} seconds") from None

    def _answered(self, start: Start, tab: Tab, began_s: float, value: Any) -> tuple[list[Command], float]:
        """Put a finished node on record before anything builds on it, then tell the schedule; return what follows."""
        now_s = tab.ended_s - self._began_s if tab.ended_s else self._now()
        node = self._records.finished(start, tab, began_s, now_s, value)
        if node.model is not None and self._notes is not None:
            self._notes.take(node)
        if not self._saved(node, tab):
            return [], now_s
        tell = self.tell
        if tell is not None:
            tokens, cost_usd = node.usage.output_tokens, node.cost_usd
            told = NodeFinished(run=self.run.id, at_s=now_s, node=start.path, cost_usd=cost_usd, tokens=tokens)
            tell(msgspec.structs.replace(told, unpriced=node.unpriced) if node.unpriced else told)
        return self._schedule.answered(start.path, value), now_s

    def _failed(self, start: Start, tab: Tab, began_s: float, error: NubemError) -> tuple[list[Command], float]:
        """Put a try that failed on record, unless another follows; return what does."""
        now_s = self._now()
        failure = failure_of(error)
        commands = self._schedule.failed(
            Failed(
                path=start.path,
                failure=failure,
                retryable=error.retryable,
                elsewhere=self._records.may_go_elsewhere(start, error),
                retry_after_s=error.retry_after_s if isinstance(error, CallFailedError) else None,
                jitter=self._rng.random(),
                left_s=self._left_s(),
                outcome=Outcome.OVER_BUDGET if isinstance(error, BudgetError) else Outcome.FAILED,
            )
        )
        node = self._records.failed(start, tab, began_s, now_s, failure)
        if self._notes is not None:
            self._notes.take(node)
        if any(type(command) is Again for command in commands):
            self._records.goes_on(node)
            # What was paid counts for the run also if its process dies before the next try has ended.
            if (tab.answers or tab.cost_usd) and not self._saved(node, tab):
                return [], now_s
            return commands, now_s
        if not self._saved(node, tab):
            return [], now_s
        optional = start.step.node.optional
        self._push(NodeFailed(run=self.run.id, at_s=now_s, node=start.path, error=error.message, optional=optional))
        return commands, now_s

    def _settled(self, command: Settled) -> None:
        if type(command.node.work) is Join and self._records.has_finished(command.path):
            return  # what it joins stands from before the run went on, and so does its record
        node = self._records.settled(command, self._now())
        self._put_down(node)
        if command.failure is None:
            self._push(NodeFinished(run=self.run.id, at_s=node.ended_s, node=node.path))
            return
        message, optional = command.failure.message, command.node.optional
        self._push(NodeFailed(run=self.run.id, at_s=node.ended_s, node=node.path, error=message, optional=optional))

    def _saved(self, node: NodeRun, tab: Tab) -> bool:
        """Put a node on record; where that is not possible, end the run and return False."""
        try:
            self._writer.save_node(node, tab.answers)
        except StorageError as broken:
            self._halt(Outcome.FAILED, failure_of(broken))
            return False
        return True

    def _put_down(self, node: NodeRun) -> None:
        """Put on record what could be worked out again, or was stopped: nothing builds on it."""
        try:
            self._writer.save_node(node, {})
        except StorageError as broken:
            self._halt(Outcome.FAILED, failure_of(broken))

    def _warn(self) -> None:
        ledger = self._workers.asker.ledger
        if ledger.limit_usd is not None and ledger.warns():
            committed_usd = ledger.committed_usd
            warning = BudgetWarning(
                run=self.run.id,
                at_s=self._now(),
                spent_usd=committed_usd,
                limit_usd=ledger.limit_usd,
                reserved_usd=max(0.0, committed_usd - ledger.spent_usd),
            )
            self._push(warning)

    def _push(self, event: Event) -> None:
        if self.tell is not None:
            self.tell(event)

    def _now(self) -> float:
        return self._clock() - self._began_s


def _in_own_words(raised: BaseException, path: NodePath, task: asyncio.Task[None]) -> NubemError | None:
    """Return what an error means for a node; None for a stop of the task that does its work."""
    if isinstance(raised, NubemError):
        return raised
    if isinstance(raised, TimeoutError):
        late = CallFailedError(f"'{path}' waited too long for an answer")
        late.__cause__ = raised
        return late
    # Where nobody stopped this, what it waited for was cancelled from inside.
    return None if task.cancelling() else NodeError(f"'{path}' was cancelled by what it called")
