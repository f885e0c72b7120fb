"""What runs next: a state machine that takes reports in and gives commands out, and touches nothing else.

There are no barriers: a node starts as soon as its last input is there. Nodes that only move values (input, join,
branch, map, loop, output) are settled here; model calls, tools and code go out as ``Start``.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.flow import Branch, Flow, Map, Node
from nubem_jupyter.core.ids import NodePath
from nubem_jupyter.core.run import Failure, Outcome
from nubem_jupyter.core.value import value_type_of
from nubem_jupyter.core.work import Input, Join
from nubem_jupyter.engine.command import Again, Command, End, Failed, Settled, Start, Stop
from nubem_jupyter.engine.frame import Frame
from nubem_jupyter.engine.group import BranchGroup, Group, LoopGroup, MapGroup, Opening
from nubem_jupyter.engine.join import join
from nubem_jupyter.engine.remaining import remaining_s
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.engine.wiring import Role, Step, Wiring, Wirings
from nubem_jupyter.errors import UsageError


def check_inputs(flow: Wiring, inputs: Mapping[str, Any]) -> None:
    """Check that a flow gets what it needs, and nothing that it has no use for.

    Raises:
        UsageError: names the input.
    """
    known = flow.inputs
    for name, node in known.items():
        if name not in inputs and isinstance(node.work, Input) and not node.work.optional:
            hint = f"give it with -i {name}=…; in Python it goes into inputs"
            raise UsageError(f"the flow needs a value for '{name}'", hint=hint)
    for name in inputs:
        if name not in known:
            names = ", ".join(known) or "none"
            raise UsageError(f"the flow has no input '{name}'", hint=f"its inputs are: {names}")
    for node in flow.maps:
        assert isinstance(node.work, Map)  # noqa: S101  # there are no others
        _check_list(node, inputs.get(node.inputs[node.work.over], ()))


def _check_list(node: Node, items: Any) -> None:
    """Refuse an input that a map could not go over, before anything else is done."""
    if node.optional or isinstance(items, list | tuple):
        return
    assert isinstance(node.work, Map)  # noqa: S101  # the caller sends no other
    source = node.inputs[node.work.over]
    raise UsageError(
        f"step '{node.id}' goes over the items of '{source}', which is {value_type_of(items)} and not a list",
        hint=f"give a list: a variable that holds one with -i {source}, or in a terminal -i '{source}:=[…]' in JSON",
    )


class Schedule:
    """The state of one run. Every started node must be reported on once, unless it is stopped or the run has ended."""

    def __init__(
        self,
        flow: Flow,
        inputs: Mapping[str, Any],
        policy: RetryPolicy | None = None,
        *,
        models: Mapping[str, int] | None = None,
        limit: int | None = None,
        seconds: Mapping[str, float] | None = None,
        known: Mapping[str, Any] | None = None,
        wirings: Wirings | None = None,
    ) -> None:
        """Begin with the flow's inputs.

        Args:
            flow: What to do.
            inputs: Values for its inputs.
            policy: When a failed try is made again.
            models: Place -> how many models may be asked there in turn; 1 where nothing is said.
            limit: How many nodes may be under way outside at once, those with the longest remaining path first; None
                starts each as soon as it can.
            seconds: Place -> how long the work there is expected to take; for the order under a limit.
            known: Path -> value of nodes that stand from a run before this one; they are not started again.
            wirings: Wirings worked out before, kept by the caller as long as the flow.

        Raises:
            UsageError: an input is missing or unknown, or the limit is below 1.
        """
        if limit is not None and limit < 1:
            raise UsageError(f"a limit of {limit} steps at once does nothing", hint="give 1 or more")
        self._wirings = wirings or Wirings()
        wiring = self._wirings.of(flow)
        check_inputs(wiring, inputs)
        self.steps = wiring.total
        """How many steps the flow has, those inside others too."""
        self._policy = policy or RetryPolicy()
        self._models = models or {}
        self._known = known or {}
        self._limit = limit
        self._remaining_s = {} if limit is None else remaining_s(flow, seconds or {})
        self._held: list[tuple[float, int, Start, Frame]] = []
        self._held_so_far = 0
        self._live: dict[NodePath, tuple[Start, Frame]] = {}
        self._ready: deque[tuple[Frame, Step]] = deque()
        self._commands: list[Command] = []
        self._ended = False
        self._open(Frame(wiring, inputs))

    def begin(self) -> list[Command]:
        """Return what may start at once."""
        return self._advance()

    def answered(self, path: NodePath, value: Any) -> list[Command]:
        """Take in that a started node has its value; return what follows.

        So for every report: one on work that nobody waits for any more says nothing.
        """
        live = self._live.pop(path, None)
        if live is None:
            return []
        start, frame = live
        self._settle(frame, start.step, value)
        return self._advance()

    def failed(self, report: Failed) -> list[Command]:
        """Take in that a started node's try failed; return what follows."""
        live = self._live.get(report.path)
        if live is None:
            return []
        start, frame = live
        again = self._again(start, report)
        if again is not None:
            self._live[report.path] = (again.start, frame)
            return [again]
        del self._live[report.path]
        self._give_up(frame, start.step, report.failure, report.outcome)
        return self._advance()

    def awaits(self, path: NodePath) -> bool:
        """Tell whether a report on this node is still wanted: it was started, and neither stopped nor overtaken."""
        return path in self._live

    def halt(self, outcome: Outcome, failure: Failure) -> list[Command]:
        """Take in that the run has to end now: its user stopped it, or its time is up."""
        if self._ended:
            return []
        self._end(End(outcome=outcome, failure=failure))
        return self._advance()

    def _again(self, start: Start, report: Failed) -> Again | None:
        """Try once more: the same model after a wait, else the next in turn at once; None when nothing is left."""
        if report.retryable and self._policy.allows(start.tries_here):
            wait_s = self._policy.wait_s(start.tries_here, jitter=report.jitter, retry_after_s=report.retry_after_s)
            if wait_s < report.left_s:
                same = msgspec.structs.replace(start, tries=start.tries + 1, tries_here=start.tries_here + 1)
                return Again(start=same, wait_s=wait_s, failure=report.failure)
        if report.elsewhere and start.choice + 1 < self._models.get(start.place, 1):
            other = msgspec.structs.replace(start, choice=start.choice + 1, tries=start.tries + 1, tries_here=1)
            return Again(start=other, wait_s=0.0, failure=report.failure)
        return None

    def _give_up(self, frame: Frame, step: Step, failure: Failure, outcome: Outcome) -> None:
        """Go on without an optional node or a map's item; else fail the group around it, else the run."""
        while not (step.node.optional and outcome is Outcome.FAILED):
            group: Group | None = frame.owner
            if group is None:
                self._end(End(outcome=outcome, failure=failure))
                return
            if outcome is Outcome.FAILED and group.forgives(frame.slot, failure):
                self._abandon([frame])
                self._close(frame, None)
                return
            self._abandon(group.open)
            self._commands.append(Settled(path=group.path, node=group.step.node, failure=failure))
            frame, step = group.frame, group.step
        self._settle(frame, step, None)

    def _abandon(self, frames: list[Frame]) -> None:
        for frame in frames:
            frame.dead = True
        stopped = [path for path, (_, frame) in self._live.items() if _is_dead(frame)]
        if not stopped:
            return
        for path in stopped:
            del self._live[path]
        untold = self._take_back(stopped)
        if paths := tuple(path for path in stopped if path not in untold):
            self._commands.append(Stop(paths=paths))

    def _take_back(self, paths: Collection[NodePath]) -> set[NodePath]:
        """Take back starts that nobody has been told of yet; return where."""
        untold = {command.path for command in self._commands if isinstance(command, Start) and command.path in paths}
        if untold:
            self._commands = [one for one in self._commands if not isinstance(one, Start) or one.path not in untold]
        return untold

    def _end(self, end: End) -> None:
        self._ended = True
        self._take_back(self._live)
        self._ready.clear()
        self._held.clear()
        self._live.clear()
        self._commands.append(end)

    def _advance(self) -> list[Command]:
        """Work off what is ready; a worklist and not recursion, so that long chains cannot overflow the stack."""
        ready = self._ready
        while ready:
            frame, step = ready.popleft()
            if frame.owner is None or not _is_dead(frame):
                self._enter(frame, step)
        if self._held:
            self._release()
        commands, self._commands = self._commands, []
        return commands

    def _enter(self, frame: Frame, step: Step) -> None:
        role = step.role
        path = NodePath(frame.prefix + step.id)
        if role is Role.OUTSIDE:
            self._start(frame, step, path)
        elif role is Role.GIVEN:
            work = step.node.work
            assert isinstance(work, Input)  # noqa: S101  # what the role means
            self._settle(frame, step, frame.given.get(step.id, work.default))
        elif role is Role.JOINED:
            work = step.node.work
            assert isinstance(work, Join)  # noqa: S101  # what the role means
            self._settle_here(frame, step, path, join(work.mode, frame.inputs_of(step)))
        elif role is Role.RESULT:
            values = frame.inputs_of(step)
            self._close(frame, next(iter(values.values())) if len(values) == 1 else values)
        else:
            self._open_group(frame, step, path)

    def _start(self, frame: Frame, step: Step, path: NodePath) -> None:
        if path in self._known:
            self._settle(frame, step, self._known[path])
            return
        start = Start(path, frame.place + step.id, step, frame.inputs_of(step))
        if self._limit is None:
            self._live[path] = (start, frame)
            self._commands.append(start)
        else:
            self._held_so_far += 1
            heapq.heappush(self._held, (-self._remaining_s[start.place], self._held_so_far, start, frame))

    def _release(self) -> None:
        """Start what is held, as far as the limit allows."""
        while self._held and len(self._live) < (self._limit or 0):
            *_, start, frame = heapq.heappop(self._held)
            if not _is_dead(frame):
                self._live[start.path] = (start, frame)
                self._commands.append(start)

    def _open_group(self, frame: Frame, step: Step, path: NodePath) -> None:
        if path in self._known:
            self._settle(frame, step, self._known[path])
            return
        group = _group(frame, step, path, frame.inputs_of(step))
        if isinstance(group, Failure):
            self._commands.append(Settled(path=path, node=step.node, failure=group))
            self._give_up(frame, step, group, Outcome.FAILED)
            return
        self._continue(group, group.begin())

    def _continue(self, group: Group, openings: list[Opening]) -> None:
        for opening in openings:
            frame = Frame(
                self._wirings.of(opening.body),
                opening.given,
                prefix=f"{group.path}{opening.tag}/",
                place=f"{group.frame.place}{group.step.id}/{opening.name}/",
                slot=opening.slot,
                owner=group,
            )
            group.open.append(frame)
            self._open(frame)
        if group.done:
            settled = Settled(path=group.path, node=group.step.node, value=group.value, item_failures=group.failures)
            self._commands.append(settled)
            self._settle(group.frame, group.step, group.value)

    def _open(self, frame: Frame) -> None:
        self._ready.extend((frame, step) for step in frame.wiring.sources)

    def _close(self, frame: Frame, value: Any) -> None:
        group: Group | None = frame.owner
        if group is None:
            self._end(End(outcome=Outcome.FINISHED, value=value))
            return
        group.open.remove(frame)
        if frame.wiring.loose:
            self._abandon([frame])
        openings = group.take(frame.slot, value)
        progress = group.progress
        if progress is not None:
            self._commands.append(progress)
        self._continue(group, openings)

    def _settle_here(self, frame: Frame, step: Step, path: NodePath, value: Any) -> None:
        self._commands.append(Settled(path=path, node=step.node, value=value))
        self._settle(frame, step, value)

    def _settle(self, frame: Frame, step: Step, value: Any) -> None:
        for reader in frame.settle(step, value):
            self._ready.append((frame, reader))


def _group(frame: Frame, step: Step, path: NodePath, values: dict[str, Any]) -> Group | Failure:
    place = (frame, step, path, values)
    match step.node.work:
        case Map(over=over) as work:
            items, source = values[over], step.node.inputs[over]
            if not isinstance(items, list | tuple):
                return Failure(
                    code="run.node",
                    message=f"step '{path}' goes over the items of '{source}', which is {value_type_of(items)} "
                    "and not a list",
                    hint=f"let '{source}' give a list",
                )
            return MapGroup(work, items, *place)
        case Branch() as work:
            return BranchGroup(work, *place)
        case _ as work:
            return LoopGroup(work, *place)  # type: ignore[arg-type]  # the caller sends no other kind


def _is_dead(frame: Frame) -> bool:
    """Tell whether a frame or one around it was given up."""
    while not frame.dead:
        if frame.owner is None:
            return False
        frame = frame.owner.frame
    return True
