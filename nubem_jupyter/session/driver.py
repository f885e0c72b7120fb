"""The one driver: performs what the schedule commands and reports back what happened."""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
from collections.abc import Callable
from typing import Any

import msgspec

from nubem_jupyter.core.event import (
    BudgetWarning,
    NodeFailed,
    NodeFinished,
    NodeHedged,
    NodeRetried,
    NodeStarted,
    RunEnded,
    RunStarted,
    Tokens,
)
from nubem_jupyter.core.ids import ModelId, NodePath
from nubem_jupyter.core.run import Failure, NodeRun, NodeState, Outcome, Run
from nubem_jupyter.engine.command import Again, Answered, Command, End, Failed, Halted, Settled, Start, Stop
from nubem_jupyter.engine.schedule import Schedule
from nubem_jupyter.errors import (
    BudgetError,
    CallFailedError,
    DeadlineError,
    NodeError,
    NubemError,
    ProviderError,
    StorageError,
)
from nubem_jupyter.session.stream import EventStream
from nubem_jupyter.session.tab import Tab
from nubem_jupyter.session.work import Workers
from nubem_jupyter.session.writer import Writer

_LOG = logging.getLogger(__name__)

Clock = Callable[[], float]
"""Seconds that only go forward."""


class Driver:
    """Drives one run to its end on the current event loop."""

    def __init__(
        self, run: Run, schedule: Schedule, workers: Workers, *, writer: Writer, clock: Clock, rng: random.Random
    ) -> None:
        self.run = run
        self.stream = EventStream()
        self._schedule = schedule
        self._workers = workers
        self._writer = writer
        self._clock = clock
        self._rng = rng
        self._began_s = clock()
        self._nodes: list[NodeRun] = []
        self._tasks: dict[NodePath, asyncio.Task[None]] = {}
        self._spent: dict[NodePath, NodeRun] = {}
        self._ended: asyncio.Future[End] = asyncio.get_running_loop().create_future()

    async def drive(self) -> Run:
        """Run everything; return the run as it ended. Cancelling the task halts the run, records it and goes on up."""
        cancelled: asyncio.CancelledError | None = None
        self._tell(RunStarted, nodes=sum(1 for _ in self.run.plan.flow.walk()))
        try:
            await self._writer.begin(self.run)
            self._obey(self._schedule.begin())
            end = await self._wait()
        except StorageError as error:
            end = End(outcome=Outcome.FAILED, failure=failure_of(error))
        except asyncio.CancelledError as error:
            self.halt()
            cancelled, end = error, await self._ended
        run = await self._finish(end)
        if cancelled is not None:
            raise cancelled
        return run

    def halt(self) -> None:
        """Stop the run now: calls under way are cancelled, what finished is kept."""
        stopped = Failure(code="run.cancelled", message="the run was stopped")
        self._obey(self._schedule.on(Halted(outcome=Outcome.CANCELLED, failure=stopped)))

    async def _wait(self) -> End:
        limit_s = self.run.plan.constraints.max_latency_s
        try:
            async with asyncio.timeout(limit_s):
                return await asyncio.shield(self._ended)
        except TimeoutError:
            message = f"the run's {limit_s:g} seconds are over"
            late = Failure(code=DeadlineError.code, message=message, hint="raise --max-latency")
            self._obey(self._schedule.on(Halted(outcome=Outcome.OVER_TIME, failure=late)))
            return await self._ended

    async def _finish(self, end: End) -> Run:
        unfinished = list(self._tasks.values())
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        self.run = msgspec.structs.replace(
            self.run,
            outcome=end.outcome,
            result=end.value,
            failure=end.failure,
            nodes=tuple(self._nodes),
            latency_s=self._now(),
        )
        self._tell(RunEnded, outcome=str(end.outcome), cost_usd=self.run.cost_usd)
        self.run = msgspec.structs.replace(self.run, log=self.stream.log())
        self.stream.close()
        try:
            await self._writer.end(self.run)
        except StorageError as error:
            # The work is done and the caller should have it; that it is not on record is said beside it.
            self.run = msgspec.structs.replace(self.run, failure=self.run.failure or failure_of(error))
        return self.run

    def _obey(self, commands: list[Command]) -> None:
        for command in commands:
            match command:
                case Start():
                    self._begin(command, 0.0)
                case Again(start=start, wait_s=wait_s, failure=failure):
                    model = self._model_of(start)
                    self._tell(NodeRetried, node=start.path, error=failure.message, wait_s=wait_s, model=model)
                    self._begin(start, wait_s)
                case Settled():
                    self._settled(command)
                case Stop(paths=paths):
                    for path in paths:
                        self._tasks[path].cancel()
                case End() if not self._ended.done():
                    self._ended.set_result(command)

    def _begin(self, start: Start, wait_s: float) -> None:
        task = asyncio.create_task(self._work(start, wait_s), name=f"{self.run.id}:{start.path}")
        self._tasks[start.path] = task
        task.add_done_callback(lambda done: self._left(start.path, done))

    def _left(self, path: NodePath, task: asyncio.Task[None]) -> None:
        if self._tasks.get(path) is task:
            del self._tasks[path]
        defect = None if task.cancelled() else task.exception()
        if defect is not None:
            self._broken(path, defect)

    def _broken(self, path: NodePath, defect: BaseException) -> None:
        """End the run on an error that is nobody's to mend but this program's; its text may hold secrets."""
        lines = "".join(traceback.format_tb(defect.__traceback__))
        _LOG.error("defect at %s: %s\n%s", path, type(defect).__name__, lines)
        failure = Failure(code="defect", message=f"a defect of this program at '{path}' ({type(defect).__name__})")
        self._obey(self._schedule.on(Halted(outcome=Outcome.FAILED, failure=failure)))

    async def _work(self, start: Start, wait_s: float) -> None:
        tab = Tab()
        began_s = self._now()
        try:
            if wait_s:
                await asyncio.sleep(wait_s)
            value = await self._perform(start, tab)
        except NubemError as error:
            await self._report(start, self._record(start, tab, began_s, error=error), error)
        except asyncio.CancelledError:
            self._keep(self._record(start, tab, began_s, state=NodeState.CANCELLED))
            raise
        except BaseException as defect:
            unread = Failure(code="defect", message=f"{type(defect).__name__} in this program")
            record = self._record(start, tab, began_s, state=NodeState.FAILED)
            self._keep(msgspec.structs.replace(record, failure=unread))
            raise
        else:
            await self._report(start, self._record(start, tab, began_s, value=value))

    async def _perform(self, start: Start, tab: Tab) -> Any:
        """Do the work within the node's deadline; say in our own words what others' errors mean.

        Raises:
            NubemError: it failed.
        """
        self._tell(NodeStarted, node=start.path, model=self._model_of(start))
        deadline = asyncio.timeout(start.node.timeout_s)
        try:
            async with deadline:
                return await self._workers.do(start, _Line(self._tell, start.path), tab)
        except TimeoutError as error:
            if deadline.expired():
                raise DeadlineError(f"'{start.path}' took longer than its {start.node.timeout_s:g} seconds") from None
            raise CallFailedError(f"'{start.path}' waited too long for an answer") from error
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # Nobody stopped this: what it waited for was cancelled from inside.
            raise NodeError(f"'{start.path}' was cancelled by what it called") from None
        finally:
            self._warn()

    async def _report(self, start: Start, node: NodeRun, error: NubemError | None = None) -> None:
        """Put a try on record before anything builds on it, then tell the schedule."""
        commands = None if error is None else self._schedule.on(self._failed(start, error))
        again = commands is not None and any(isinstance(command, Again) for command in commands)
        self._spent[start.path] = node
        if not again:
            self._nodes.append(node)
            try:
                await self._writer.save_node(self.run.id, node)
            except StorageError as broken:
                self._obey(self._schedule.on(Halted(outcome=Outcome.FAILED, failure=failure_of(broken))))
                return
        if error is None:
            tokens = node.usage.output_tokens
            self._tell(NodeFinished, node=start.path, cost_usd=node.cost_usd, tokens=tokens)
            commands = self._schedule.on(Answered(path=start.path, value=node.value))
        elif not again:
            self._tell(NodeFailed, node=start.path, error=error.message, optional=start.node.optional)
        self._obey(commands or [])

    def _failed(self, start: Start, error: NubemError) -> Failed:
        return Failed(
            path=start.path,
            failure=failure_of(error),
            retryable=error.retryable,
            elsewhere=isinstance(error, ProviderError | BudgetError),
            retry_after_s=error.retry_after_s if isinstance(error, CallFailedError) else None,
            jitter=self._rng.random(),
            outcome=Outcome.OVER_BUDGET if isinstance(error, BudgetError) else Outcome.FAILED,
        )

    def _keep(self, node: NodeRun) -> None:
        self._nodes.append(node)
        self._writer.submit_node(self.run.id, node)

    def _settled(self, command: Settled) -> None:
        now_s = self._now()
        inner = [
            node.started_s for node in self._nodes if node.path.startswith((f"{command.path}[", f"{command.path}/"))
        ]
        node = NodeRun(
            path=command.path,
            kind=str(command.node.kind),
            capability=command.node.capability,
            state=NodeState.FAILED if command.failure else NodeState.FINISHED,
            value=command.value,
            failure=command.failure,
            started_s=min(inner, default=now_s),
            ended_s=now_s,
        )
        self._keep(node)
        if command.failure:
            self._tell(NodeFailed, node=node.path, error=command.failure.message, optional=command.node.optional)
        else:
            self._tell(NodeFinished, node=node.path)

    def _record(
        self,
        start: Start,
        tab: Tab,
        began_s: float,
        *,
        value: Any = None,
        state: NodeState | None = None,
        error: NubemError | None = None,
    ) -> NodeRun:
        """Write a try down, with what the tries before it used."""
        before = self._spent.get(start.path)
        choice = self._workers.asker.route.get(start.place)
        return NodeRun(
            path=start.path,
            kind=str(start.node.kind),
            capability=start.node.capability,
            state=state or (NodeState.FAILED if error else NodeState.FINISHED),
            value=value,
            model=tab.model or self._model_of(start),
            prompt=tab.prompt,
            reason=tab.reason or (choice.reason if choice else ""),
            usage=before.usage + tab.usage if before else tab.usage,
            cost_usd=before.cost_usd + tab.cost_usd if before else tab.cost_usd,
            estimated=tab.estimated or (before is not None and before.estimated),
            started_s=before.started_s if before else began_s,
            ended_s=self._now(),
            call_s=tab.call_s,
            first_token_s=tab.first_token_s,
            tries=start.tries,
            refusals=tab.refusals + (before.refusals if before else 0),
            hedges=tab.hedges + (before.hedges if before else 0),
            finish_reason=tab.finish_reason,
            failure=failure_of(error) if error else None,
        )

    def _model_of(self, start: Start) -> ModelId | None:
        choice = self._workers.asker.route.get(start.place)
        return choice.in_turn[start.choice].model if choice else None

    def _warn(self) -> None:
        ledger = self._workers.asker.ledger
        if ledger.limit_usd is not None and ledger.warns():
            self._tell(BudgetWarning, spent_usd=ledger.committed_usd, limit_usd=ledger.limit_usd)

    def _tell(self, kind: Callable[..., Any], **fields: Any) -> None:
        self.stream.push(kind(run=self.run.id, at_s=self._now(), **fields))

    def _now(self) -> float:
        return self._clock() - self._began_s


class _Line:
    """Tells the run's readers of one node's call."""

    __slots__ = ("_path", "_tell")

    def __init__(self, tell: Callable[..., None], path: NodePath) -> None:
        self._tell = tell
        self._path = path

    def text(self, piece: str) -> None:
        """A piece of text came."""
        self._tell(Tokens, node=self._path, text=piece)

    def refused(self) -> None:
        """The provider's limit kept the call away."""
        self._tell(NodeRetried, node=self._path, error="the provider's limit is reached; waiting for a turn")

    def hedged(self) -> None:
        """A second call was started."""
        self._tell(NodeHedged, node=self._path)

    def switched(self) -> None:
        """The second call answered first."""
        self._tell(NodeRetried, node=self._path, error="a second call answered first")


def failure_of(error: NubemError) -> Failure:
    """Write an error down as a record."""
    detail = error.detail if isinstance(error, NodeError) else ""
    return Failure(code=error.code, message=error.message, hint=error.hint, detail=detail)
