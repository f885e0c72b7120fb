"""How a quantity adds up over a flow: as the longest path through a graph of its own, where each step has a weight.

Time goes along the slowest path, the items of a map one after another; of a branch the mean of its ways counts, which
is as long as all of them in a row, each for its share. Cost at its high end goes through all steps in a row; of a
branch the dearest way counts, so its ways stand beside each other. So do they for the chance that all is right, whose
logarithms add up: an item and a round count once, and of a branch the worst way. ``engine.estimator.total`` says the
same of whole estimates, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nubem_jupyter.core.check import sources_of
from nubem_jupyter.core.flow import Branch, Flow, Loop, Map, Node
from nubem_jupyter.core.work import Component, Prompt


class Event(NamedTuple):
    """A point of a graph, reached when all before it are, and one step later where it stands for one."""

    before: tuple[int, ...]
    """Earlier events; none for the first."""
    step: int = -1
    """Number of the step; -1 for none."""
    weight: float = 0.0
    """How often the step's amount counts."""


class Path(NamedTuple):
    """One way through a graph."""

    events: tuple[int, ...]
    """Where it goes, the first event left out."""


class Graph(NamedTuple):
    """Events in an order in which they can be reached; the last is the end."""

    events: tuple[Event, ...]

    def heads(self, amounts: Sequence[float]) -> list[float]:
        """Return when each event is reached at the earliest."""
        reached: list[float] = []
        for before, step, weight in self.events:
            start = max((reached[earlier] for earlier in before), default=0.0)
            reached.append(start if step < 0 else start + weight * amounts[step])
        return reached

    def tails(self, amounts: Sequence[float]) -> list[float]:
        """Return what each event leaves to do until the end."""
        left = [0.0] * len(self.events)
        for index in range(len(self.events) - 1, 0, -1):
            before, step, weight = self.events[index]
            rest = left[index] if step < 0 else left[index] + weight * amounts[step]
            for earlier in before:
                left[earlier] = max(left[earlier], rest)
        return left

    def longest(self, amounts: Sequence[float]) -> float:
        """Return the length of the longest path."""
        return self.heads(amounts)[-1]

    def around(self, amounts: Sequence[float]) -> dict[int, tuple[float, float]]:
        """Return for each step its weight, and the longest path through it less what it takes itself."""
        heads, tails = self.heads(amounts), self.tails(amounts)
        return {
            step: (weight, heads[index] + tails[index] - weight * amounts[step])
            for index, (_, step, weight) in enumerate(self.events)
            if step >= 0
        }

    def paths_over(self, amounts: Sequence[float], limit: float, most: int) -> list[Path]:
        """Return up to so many paths longer than a limit: for the worst events the longest through each."""
        heads, tails = self.heads(amounts), self.tails(amounts)
        found: dict[Path, None] = {}
        for index in sorted(range(len(self.events)), key=lambda one: -(heads[one] + tails[one])):
            if heads[index] + tails[index] <= limit or len(found) == most:
                break
            found[self._through(index, heads, tails, amounts)] = None
        return list(found)

    def weights(self, path: Path) -> dict[int, float]:
        """Return the steps on a path, with how often each counts."""
        return {self.events[one].step: self.events[one].weight for one in path.events if self.events[one].step >= 0}

    def _through(self, index: int, heads: Sequence[float], tails: Sequence[float], amounts: Sequence[float]) -> Path:
        after: list[list[int]] = [[] for _ in self.events]
        for later, event in enumerate(self.events):
            for earlier in event.before:
                after[earlier].append(later)

        def onward(one: int) -> float:
            _, step, weight = self.events[one]
            return tails[one] if step < 0 else tails[one] + weight * amounts[step]

        way = [index]
        while self.events[way[0]].before:
            way.insert(0, max(self.events[way[0]].before, key=heads.__getitem__))
        while after[way[-1]]:
            way.append(max(after[way[-1]], key=onward))
        return Path(tuple(way[1:]))


def chain(count: int) -> Graph:
    """Return the graph of a plain sum over so many steps."""
    return Graph((Event(()), *(Event((step,), step, 1.0) for step in range(count))))


class _Drawing:
    """A graph that is being drawn; ``steps`` numbers the places that take something."""

    def __init__(self, steps: Mapping[str, int], items: Mapping[str, int]) -> None:
        self._steps = steps
        self._items = items
        self._events = [Event(())]

    def done(self, end: int) -> Graph:
        """Return what leads to an event, with the event as its end."""
        needed = {end}
        for index in range(end, -1, -1):
            if index in needed:
                needed.update(self._events[index].before)
        number = {old: new for new, old in enumerate(sorted(needed))}
        kept = (self._events[old] for old in number)
        return Graph(tuple(event._replace(before=tuple(number[one] for one in event.before)) for event in kept))

    def _add(self, event: Event) -> int:
        self._events.append(event)
        return len(self._events) - 1

    def _join(self, ends: Sequence[int]) -> int:
        different = tuple(dict.fromkeys(ends))
        return different[0] if len(different) == 1 else self._add(Event(different))

    def _call(self, place: str, weight: float, entry: int) -> int:
        return self._add(Event((entry,), self._steps[place], weight))

    def _count(self, place: str) -> int:
        return self._items.get(place, 1)


class _Time(_Drawing):
    def flow(self, flow: Flow, prefix: str = "", weight: float = 1.0, entry: int = 0) -> int:
        ends: dict[str, int] = {}
        for node in flow.nodes:
            before = self._join([ends[source] for source in sources_of(node)] or [entry])
            ends[node.id] = self._node(node, prefix + node.id, weight, before)
        return ends[flow.output.id]

    def _node(self, node: Node, place: str, weight: float, entry: int) -> int:
        match node.work:
            case Prompt() | Component() if place in self._steps:
                return self._call(place, weight, entry)
            case Map():
                weight *= self._count(place)
            case Branch(otherwise=otherwise):
                weight /= len(node.bodies) + (otherwise is None)
        for name, body in node.bodies:
            entry = self.flow(body, f"{place}/{name}/", weight, entry)
        return entry


class _Row(_Drawing):
    """One step after the other, the ways of a branch beside each other."""

    def __init__(self, steps: Mapping[str, int], items: Mapping[str, int], *, every_round: bool) -> None:
        super().__init__(steps, items)
        self._every_round = every_round

    def flow(self, flow: Flow, prefix: str = "", weight: float = 1.0, entry: int = 0) -> int:
        for node in flow.nodes:
            entry = self._node(node, prefix + node.id, weight, entry)
        return entry

    def _node(self, node: Node, place: str, weight: float, entry: int) -> int:
        match node.work:
            case Prompt() | Component() if place in self._steps:
                return self._call(place, weight, entry)
            case Map():
                weight *= self._count(place)
            case Loop(max_rounds=rounds) if self._every_round:
                weight *= rounds
        ways = [self.flow(body, f"{place}/{name}/", weight, entry) for name, body in node.bodies]
        return self._join(ways or [entry])


def time_graph(flow: Flow, steps: Mapping[str, int], items: Mapping[str, int]) -> Graph:
    """Draw how seconds add up, at their best single value; ``items`` are the lengths of maps that are known."""
    drawing = _Time(steps, items)
    return drawing.done(drawing.flow(flow))


def cost_graph(flow: Flow, steps: Mapping[str, int], items: Mapping[str, int]) -> Graph:
    """Draw how US dollars add up at their high end; ``items`` are the lengths of maps that are known."""
    drawing = _Row(steps, items, every_round=True)
    return drawing.done(drawing.flow(flow))


def doubt_graph(flow: Flow, steps: Mapping[str, int]) -> Graph:
    """Draw how doubts add up, the logarithms of one over the chances of being right."""
    drawing = _Row(steps, {}, every_round=False)
    return drawing.done(drawing.flow(flow))


def calls(flow: Flow, items: Mapping[str, int] | None = None, prefix: str = "", times: float = 1.0) -> dict[str, float]:
    """Return how often each model call is expected, each way of a branch taken as equally likely.

    Without ``items``, the lengths of maps, that is how likely it is to be made at all.
    """
    known = items or {}
    found: dict[str, float] = {}
    for node in flow.nodes:
        place = prefix + node.id
        inside = times
        match node.work:
            case Prompt():
                found[place] = times
            case Map():
                inside *= known.get(place, 1)
            case Branch(otherwise=otherwise):
                inside /= len(node.bodies) + (otherwise is None)
        for name, body in node.bodies:
            found |= calls(body, known, f"{place}/{name}/", inside)
    return found
