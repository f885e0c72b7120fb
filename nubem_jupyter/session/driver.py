"""The one driver: performs what the schedule commands and reports back what happened."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

import msgspec

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.event import (
    BudgetWarning,
    NodeFailed,
    NodeFinished,
    NodeRetried,
    NodeStarted,
    RunEnded,
    RunStarted,
    Tokens,
)
from nubem_jupyter.core.ids import NodePath
from nubem_jupyter.core.run import Failure, NodeRun, NodeState, Outcome, Run
from nubem_jupyter.engine.command import Again, Answered, Command, End, Failed, Halted, Settled, Start, Stop
from nubem_jupyter.engine.schedule import Schedule
from nubem_jupyter.errors import BudgetError, CallFailedError, DeadlineError, NubemError, StorageError
from nubem_jupyter.session.stream import EventStream
from nubem_jupyter.session.work import Done, Workers
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
        self._spent: dict[NodePath, tuple[Usage, float]] = {}
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
                    self._tell(NodeRetried, node=start.path, error=failure.message, wait_s=wait_s)
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
            _LOG.error("defect at %s", path, exc_info=defect)
            broken = Failure(code="defect", message=f"a defect of this program at '{path}': {defect!r}")
            self._obey(self._schedule.on(Halted(outcome=Outcome.FAILED, failure=broken)))

    async def _work(self, start: Start, wait_s: float) -> None:
        if wait_s:
            await asyncio.sleep(wait_s)
        began_s = self._now()
        choice = self._workers.route.get(start.place)
        self._tell(NodeStarted, node=start.path, model=choice.model if choice else None)
        try:
            async with asyncio.timeout(start.node.timeout_s):
                done = await self._workers.do(start, lambda text: self._tell(Tokens, node=start.path, text=text))
            error = done.error
        except TimeoutError:
            done, error = Done(), DeadlineError(f"'{start.path}' took longer than its {start.node.timeout_s:g} seconds")
        except NubemError as raised:
            done, error = Done(), raised
        except asyncio.CancelledError:
            self._nodes.append(self._record(start, Done(), began_s, NodeState.CANCELLED))
            self._writer.submit_node(self.run.id, self._nodes[-1])
            raise
        self._warn()
        await self._report(start, done, error, began_s)

    async def _report(self, start: Start, done: Done, error: NubemError | None, began_s: float) -> None:
        state = NodeState.FINISHED if error is None else NodeState.FAILED
        node = self._record(start, done, began_s, state, error)
        again = error is not None and error.retryable
        try:
            if not again:
                self._nodes.append(node)
                await self._writer.save_node(self.run.id, node)
        except StorageError as broken:
            self._obey(self._schedule.on(Halted(outcome=Outcome.FAILED, failure=failure_of(broken))))
            return
        if error is None:
            tokens = done.usage.output_tokens
            self._tell(NodeFinished, node=start.path, cost_usd=node.cost_usd, tokens=tokens)
            self._obey(self._schedule.on(Answered(path=start.path, value=done.value)))
        else:
            self._spent[start.path] = (node.usage, node.cost_usd)
            self._failed(start, node, error)

    def _failed(self, start: Start, node: NodeRun, error: NubemError) -> None:
        report = Failed(
            path=start.path,
            failure=failure_of(error),
            retryable=error.retryable,
            retry_after_s=error.retry_after_s if isinstance(error, CallFailedError) else None,
            jitter=self._rng.random(),
            outcome=Outcome.OVER_BUDGET if isinstance(error, BudgetError) else Outcome.FAILED,
        )
        commands = self._schedule.on(report)
        if not any(isinstance(command, Again) for command in commands):
            if error.retryable:
                self._nodes.append(node)
                self._writer.submit_node(self.run.id, node)
            self._tell(NodeFailed, node=start.path, error=error.message, optional=start.node.optional)
        self._obey(commands)

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
        self._nodes.append(node)
        self._writer.submit_node(self.run.id, node)
        if command.failure:
            self._tell(NodeFailed, node=node.path, error=command.failure.message, optional=command.node.optional)
        else:
            self._tell(NodeFinished, node=node.path)

    def _record(
        self, start: Start, done: Done, began_s: float, state: NodeState, error: NubemError | None = None
    ) -> NodeRun:
        usage, spent_usd = self._spent.get(start.path, (Usage(), 0.0))
        choice = self._workers.route.get(start.place)
        return NodeRun(
            path=start.path,
            kind=str(start.node.kind),
            capability=start.node.capability,
            state=state,
            value=done.value,
            model=done.model or (choice.model if choice else None),
            prompt=done.prompt,
            reason=done.reason or (choice.reason if choice else ""),
            usage=usage + done.usage,
            cost_usd=spent_usd + done.cost_usd,
            started_s=began_s,
            ended_s=self._now(),
            first_token_s=done.first_token_s,
            tries=start.tries,
            finish_reason=done.finish_reason,
            failure=failure_of(error) if error else None,
        )

    def _warn(self) -> None:
        ledger = self._workers.ledger
        if ledger.limit_usd is not None and ledger.warns():
            self._tell(BudgetWarning, spent_usd=ledger.committed_usd, limit_usd=ledger.limit_usd)

    def _tell(self, kind: Callable[..., Any], **fields: Any) -> None:
        self.stream.push(kind(run=self.run.id, at_s=self._now(), **fields))

    def _now(self) -> float:
        return self._clock() - self._began_s


def failure_of(error: NubemError) -> Failure:
    """Write an error down as a record."""
    return Failure(code=error.code, message=error.message, hint=error.hint)
