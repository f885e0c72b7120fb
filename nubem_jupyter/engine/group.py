"""Nodes with bodies: how a map, a branch and a loop open frames and what they make of the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from nubem_jupyter.core.flow import Branch, Flow, Loop, Map
from nubem_jupyter.core.ids import NodePath
from nubem_jupyter.core.run import Failure
from nubem_jupyter.engine.command import Progress
from nubem_jupyter.engine.frame import Frame
from nubem_jupyter.engine.wiring import Step

MAP_WINDOW = 64
"""Items of one map that are under way at once; the rest wait, so that memory does not grow with the list."""


_TOLD = 100
"""How often a long map tells how far it has come."""


class Opening(NamedTuple):
    """A body to be started."""

    body: Flow
    name: str  # of the body among its node's bodies
    tag: str  # what its frame's path adds to the node's: ``[3]`` or ``/case1``
    slot: int
    given: Mapping[str, Any]


class Group(Protocol):
    """A node whose work is done by frames."""

    frame: Frame
    step: Step
    path: NodePath
    open: list[Frame]

    def begin(self) -> list[Opening]:
        """Return the first bodies to start."""
        ...

    def take(self, slot: int, value: Any) -> list[Opening]:
        """Take one body's result in; return the bodies to start next."""
        ...

    def forgives(self, slot: int, failure: Failure) -> bool:
        """Tell whether the group goes on without the body of this slot, and remember why it failed if so."""
        ...

    @property
    def failures(self) -> Mapping[int, Failure]:
        """Slot -> why it failed, of those that were forgiven."""
        ...

    @property
    def progress(self) -> Progress | None:
        """How far it has come, where that is worth telling."""
        ...

    @property
    def done(self) -> bool:
        """Whether the node has its value."""
        ...

    @property
    def value(self) -> Any:
        """What the node gives, once done."""
        ...


class _Place:
    """Where a group stands in the run."""

    def __init__(self, frame: Frame, step: Step, path: NodePath, values: Mapping[str, Any]) -> None:
        self.frame = frame
        self.step = step
        self.path = path
        self.values = values
        self.open: list[Frame] = []
        self.failures: dict[int, Failure] = {}
        self.progress: Progress | None = None

    def forgives(self, slot: int, failure: Failure) -> bool:
        """No: what stands inside is needed."""
        del slot, failure
        return False


class MapGroup(_Place):
    """One frame an item, at most ``MAP_WINDOW`` at once; results keep the items' order."""

    def __init__(self, work: Map, items: Sequence[Any], *place: Any) -> None:
        super().__init__(*place)
        self.work = work
        self.items = items
        self.told = 0
        self.results: list[Any] = [None] * len(items)
        self.next = 0
        self.opened = 0
        self.left = len(items)
        self.shared = {name: value for name, value in self.values.items() if name != work.over}

    def begin(self) -> list[Opening]:
        """Open the first window."""
        return self._openings(MAP_WINDOW)

    def take(self, slot: int, value: Any) -> list[Opening]:
        """Keep the result in its place and open the next item."""
        self.results[slot] = value
        self.left -= 1
        total = len(self.items)
        done = total - self.left
        self.progress = None
        if total > MAP_WINDOW and done - self.told >= total / _TOLD:
            self.told = done
            self.progress = Progress(path=self.path, done=done, total=total, failed=len(self.failures))
        return self._openings(1)

    def forgives(self, slot: int, failure: Failure) -> bool:
        """Go on without the item, where the map keeps errors, unless every item has failed: then there is no result."""
        if not self.work.keep_errors or self._is_last_hope():
            return False
        self.failures[slot] = failure
        return True

    def _is_last_hope(self) -> bool:
        return self.next == len(self.items) and len(self.failures) + 1 == self.opened

    def _openings(self, most: int) -> list[Opening]:
        """Open the next items; one that is missing stays so where errors are kept: it may have failed a step before."""
        openings: list[Opening] = []
        while len(openings) < most and self.next < len(self.items):
            slot = self.next
            self.next += 1
            item = self.items[slot]
            if item is None and self.work.keep_errors:
                self.left -= 1
                continue
            given = {**self.shared, self.work.item: item}
            openings.append(Opening(self.work.body, "body", f"[{slot}]", slot, given))
        self.opened += len(openings)
        return openings

    @property
    def done(self) -> bool:
        """Every item has its result."""
        return not self.left

    @property
    def value(self) -> Any:
        """The results in order."""
        return self.results


class BranchGroup(_Place):
    """The first case that holds, else ``otherwise``, else nothing."""

    def __init__(self, work: Branch, *place: Any) -> None:
        super().__init__(*place)
        self.work = work
        self.value: Any = None
        self.done = False

    def begin(self) -> list[Opening]:
        """Open the body that the value chooses."""
        subject = self.values[self.work.on]
        for index, case in enumerate(self.work.cases, 1):
            if case.when.holds(subject):
                return [self._opening(case.body, f"case{index}")]
        if self.work.otherwise is not None:
            return [self._opening(self.work.otherwise, "otherwise")]
        self.done = True
        return []

    def take(self, slot: int, value: Any) -> list[Opening]:
        """The body's result is the branch's."""
        del slot
        self.value = value
        self.done = True
        return []

    def _opening(self, body: Flow, name: str) -> Opening:
        return Opening(body, name, f"/{name}", 0, self.values)


class LoopGroup(_Place):
    """Rounds until the check passes or the bound is met."""

    def __init__(self, work: Loop, *place: Any) -> None:
        super().__init__(*place)
        self.work = work
        self.round = 0
        self.value: Any = self.values.get(work.carry)
        self.done = False

    def begin(self) -> list[Opening]:
        """Open the first round."""
        return [self._opening()]

    def take(self, slot: int, value: Any) -> list[Opening]:
        """Check the round's result; open another round if it does not pass."""
        del slot
        self.value = value
        self.done = self.work.until.holds(value) or self.round >= self.work.max_rounds
        return [] if self.done else [self._opening()]

    def _opening(self) -> Opening:
        self.round += 1
        given = {**self.values, self.work.carry: self.value}
        return Opening(self.work.body, "body", f"[{self.round}]", self.round, given)
