"""What runs next: a state machine that takes reports in and gives commands out, and touches nothing else.

There are no barriers: a node starts as soon as its last input is there. Nodes that only move values (input, join,
branch, map, loop, output) are settled here; model calls, tools and code go out as ``Start``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, assert_never

import msgspec

from nubem_jupyter.core.flow import Branch, Flow, Loop, Map, Node
from nubem_jupyter.core.ids import NodePath
from nubem_jupyter.core.run import Failure, Outcome
from nubem_jupyter.core.value import value_type_of
from nubem_jupyter.core.work import Input, Join, Output
from nubem_jupyter.engine.command import Again, Answered, Command, End, Failed, Halted, Report, Settled, Start, Stop
from nubem_jupyter.engine.frame import Frame, Wiring
from nubem_jupyter.engine.group import BranchGroup, Group, LoopGroup, MapGroup, Opening
from nubem_jupyter.engine.join import join
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.errors import UsageError


def check_inputs(flow: Flow, inputs: Mapping[str, Any]) -> None:
    """Check that a flow gets what it needs, and nothing that it has no use for.

    Raises:
        UsageError: names the input.
    """
    known: dict[str, Node] = {node.id: node for node in flow.inputs}
    for name, node in known.items():
        if name not in inputs and isinstance(node.work, Input) and not node.work.optional:
            hint = f"give it with -i {name}=…; in Python it goes into inputs"
            raise UsageError(f"the flow needs a value for '{name}'", hint=hint)
    for name in inputs:
        if name not in known:
            names = ", ".join(known) or "none"
            raise UsageError(f"the flow has no input '{name}'", hint=f"its inputs are: {names}")
    for node in flow.nodes:
        _check_list(node, inputs)


def _check_list(node: Node, inputs: Mapping[str, Any]) -> None:
    """Refuse an input that a map could not go over, before anything else is done."""
    source = node.inputs[node.work.over] if isinstance(node.work, Map) else ""
    if node.optional or source not in inputs or isinstance(inputs[source], list | tuple):
        return
    raise UsageError(
        f"step '{node.id}' goes over the items of '{source}', which is {value_type_of(inputs[source])} and not a list",
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
    ) -> None:
        """Begin with the flow's inputs.

        Args:
            flow: What to do.
            inputs: Values for its inputs.
            policy: When a failed try is made again.
            models: Place -> how many models may be asked there in turn; 1 where nothing is said.

        Raises:
            UsageError: an input is missing or unknown.
        """
        check_inputs(flow, inputs)
        self._policy = policy or RetryPolicy()
        self._models = models or {}
        self._wirings: dict[int, Wiring] = {}
        self._live: dict[NodePath, tuple[Start, Frame]] = {}
        self._ready: deque[tuple[Frame, Node]] = deque()
        self._commands: list[Command] = []
        self._ended = False
        self._open(Frame(self._wiring(flow), inputs))

    def begin(self) -> list[Command]:
        """Return what may start at once."""
        return self._advance()

    def on(self, report: Report) -> list[Command]:
        """Take one report in; return what follows. Reports of work that nobody waits for any more say nothing."""
        if self._ended:
            return []
        match report:
            case Answered(path=path, value=value):
                self._answered(path, value)
            case Failed(path=path):
                self._failed(path, report)
            case Halted(outcome=outcome, failure=failure):
                self._end(End(outcome=outcome, failure=failure))
            case _:  # pragma: no cover
                assert_never(report)
        return self._advance()

    def _answered(self, path: NodePath, value: Any) -> None:
        live = self._live.pop(path, None)
        if live is not None:
            start, frame = live
            self._settle(frame, start.node, value)

    def _failed(self, path: NodePath, report: Failed) -> None:
        live = self._live.get(path)
        if live is None:
            return
        start, frame = live
        again = self._again(start, report)
        if again is not None:
            self._live[path] = (again.start, frame)
            self._commands.append(again)
            return
        del self._live[path]
        self._give_up(frame, start.node, report.failure, report.outcome)

    def _again(self, start: Start, report: Failed) -> Again | None:
        """Try once more: the same model after a wait, else the next in turn at once; None when nothing is left."""
        if report.retryable and self._policy.allows(start.tries_here):
            wait_s = self._policy.wait_s(start.tries_here, jitter=report.jitter, retry_after_s=report.retry_after_s)
            same = msgspec.structs.replace(start, tries=start.tries + 1, tries_here=start.tries_here + 1)
            return Again(start=same, wait_s=wait_s, failure=report.failure)
        if report.elsewhere and start.choice + 1 < self._models.get(start.place, 1):
            other = msgspec.structs.replace(start, choice=start.choice + 1, tries=start.tries + 1, tries_here=1)
            return Again(start=other, wait_s=0.0, failure=report.failure)
        return None

    def _give_up(self, frame: Frame, node: Node, failure: Failure, outcome: Outcome) -> None:
        """Go on without an optional node; else fail the group around it, else the run."""
        while not (node.optional and outcome is Outcome.FAILED):
            group: Group | None = frame.owner
            if group is None:
                self._end(End(outcome=outcome, failure=failure))
                return
            self._abandon(group)
            self._commands.append(Settled(path=group.path, node=group.node, failure=failure))
            frame, node = group.frame, group.node
        self._settle(frame, node, None)

    def _abandon(self, group: Group) -> None:
        for frame in group.open:
            frame.dead = True
        stopped = [path for path, (_, frame) in self._live.items() if _is_dead(frame)]
        for path in stopped:
            del self._live[path]
        if stopped:
            self._commands.append(Stop(paths=tuple(stopped)))

    def _end(self, end: End) -> None:
        self._ended = True
        self._ready.clear()
        self._live.clear()
        self._commands.append(end)

    def _advance(self) -> list[Command]:
        """Work off what is ready; a worklist and not recursion, so that long chains cannot overflow the stack."""
        while self._ready:
            frame, node = self._ready.popleft()
            if not _is_dead(frame):
                self._enter(frame, node)
        commands, self._commands = self._commands, []
        return commands

    def _enter(self, frame: Frame, node: Node) -> None:
        values = frame.inputs_of(node)
        path = NodePath(frame.prefix + node.id)
        match node.work:
            case Input(default=default):
                self._settle(frame, node, frame.given.get(node.id, default))
            case Join(mode=mode):
                self._settle_here(frame, node, path, join(mode, values))
            case Output():
                self._close(frame, next(iter(values.values())) if len(values) == 1 else values)
            case Map() | Branch() | Loop():
                self._open_group(frame, node, path, values)
            case _:
                start = Start(path=path, place=frame.place + node.id, node=node, values=values)
                self._live[path] = (start, frame)
                self._commands.append(start)

    def _open_group(self, frame: Frame, node: Node, path: NodePath, values: dict[str, Any]) -> None:
        group = _group(frame, node, path, values)
        if isinstance(group, Failure):
            self._commands.append(Settled(path=path, node=node, failure=group))
            self._give_up(frame, node, group, Outcome.FAILED)
            return
        self._continue(group, group.begin())

    def _continue(self, group: Group, openings: list[Opening]) -> None:
        for opening in openings:
            frame = Frame(
                self._wiring(opening.body),
                opening.given,
                prefix=f"{group.path}{opening.tag}/",
                place=f"{group.frame.place}{group.node.id}/{opening.name}/",
                slot=opening.slot,
                owner=group,
            )
            group.open.append(frame)
            self._open(frame)
        if group.done:
            self._settle_here(group.frame, group.node, group.path, group.value)

    def _open(self, frame: Frame) -> None:
        self._ready.extend((frame, node) for node in frame.wiring.sources)

    def _close(self, frame: Frame, value: Any) -> None:
        group: Group | None = frame.owner
        if group is None:
            self._end(End(outcome=Outcome.FINISHED, value=value))
            return
        group.open.remove(frame)
        self._continue(group, group.take(frame.slot, value))

    def _settle_here(self, frame: Frame, node: Node, path: NodePath, value: Any) -> None:
        self._commands.append(Settled(path=path, node=node, value=value))
        self._settle(frame, node, value)

    def _settle(self, frame: Frame, node: Node, value: Any) -> None:
        self._ready.extend((frame, reader) for reader in frame.settle(node, value))

    def _wiring(self, flow: Flow) -> Wiring:
        """Work a flow's edges out once; keyed by identity, because the flow lives as long as the run's plan."""
        wiring = self._wirings.get(id(flow))
        if wiring is None:
            wiring = self._wirings[id(flow)] = Wiring(flow)
        return wiring


def _group(frame: Frame, node: Node, path: NodePath, values: dict[str, Any]) -> Group | Failure:
    place = (frame, node, path, values)
    match node.work:
        case Map(over=over) as work:
            items, source = values[over], node.inputs[over]
            if not isinstance(items, list | tuple):
                return Failure(
                    code="run.node",
                    message=f"step '{path}' goes over the items of '{source}', which is {value_type_of(items)} "
                    "and not a list",
                    hint=f"let '{source}' give a list",
                )
            return MapGroup(work, list(items), *place)
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
