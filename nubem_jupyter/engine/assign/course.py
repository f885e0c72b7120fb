"""In which order steps are decided, and what has to be known of those that are, as columns of numbers.

Of a graph that is half done only the times of events count that something later still waits for. An event that one
other waits for is counted there, as the latest of what has come to it. A plain sum thus takes one column, and a flow
that is five steps wide about five.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.assign.arrays import Ints
from nubem_jupyter.engine.assign.graph import Graph, Path

START = 0
"""The column of when everything begins, which is always zero."""


class Move(NamedTuple):
    """An event that is reached."""

    quantity: int
    """Whose graph it is in."""
    event: int
    """Which one."""
    sources: tuple[int, ...]
    """Columns of the events before it."""
    freed: tuple[int, ...]
    """Those of them that nobody waits for any more."""
    target: int
    """The column where its time is counted from now on."""
    merges: bool
    """Whether others are counted there already, so that the latest of them stands."""


class Course(NamedTuple):
    """The way through all graphs, step by step."""

    width: int
    """How many columns there are."""
    moves: tuple[tuple[Move, ...], ...]
    """What each step reaches: its own event of each graph, with those that follow at once."""
    places: Mapping[tuple[int, int], tuple[int, int]]
    """Of a quantity and an event of its graph: after how many steps it is reached, and the column of its time."""

    def columns(self, quantity: int, path: Path) -> Ints:
        """Return the columns that tell how far a path has come, before the first step and after each."""
        found = np.full(len(self.moves) + 1, START)
        for event in path.events:
            since, column = self.places[quantity, event]
            found[since:] = column
        return found


class _Layout:
    """The columns of one graph, out of a pool for all."""

    def __init__(self, quantity: int, graph: Graph, pool: list[int]) -> None:
        after: list[list[int]] = [[] for _ in graph.events]
        for later, event in enumerate(graph.events):
            for earlier in event.before:
                after[earlier].append(later)
        self._quantity = quantity
        self._events = graph.events
        self._counted_at = [later[0] if len(later) == 1 else -index for index, later in enumerate(after)]
        self._last = {self._counted_at[index]: max(later, default=-1) for index, later in enumerate(after)}
        self._pool = pool
        self._held: dict[int, int] = {}
        self._reached = 1

    def reach(self, step: int) -> list[Move]:
        """Return the moves when a step is done."""
        if self._reached == len(self._events) or self._events[self._reached].step != step:
            return []
        moves = [self._move(self._reached)]
        while self._reached < len(self._events) and self._events[self._reached].step < 0:
            moves.append(self._move(self._reached))
        return moves

    def _move(self, event: int) -> Move:
        self._reached = event + 1
        sources = {self._counted_at[one]: None for one in self._events[event].before if one}
        columns = tuple(self._held[one] for one in sources)
        freed = tuple(self._held.pop(one) for one in sources if self._last[one] == event)
        self._pool.extend(freed)
        here = self._counted_at[event]
        merges = here in self._held
        if not merges:
            self._held[here] = self._pool.pop()
        return Move(self._quantity, event, columns, freed, self._held[here], merges)


def chart(graphs: Sequence[Graph], quantities: Sequence[int], steps: int) -> Course:
    """Lay out the columns for the graphs of some quantities and so many steps."""
    most = 1 + sum(len(graphs[quantity].events) for quantity in quantities)
    pool = list(range(most, START, -1))
    layouts = [_Layout(quantity, graphs[quantity], pool) for quantity in quantities]
    moves = [tuple(move for layout in layouts for move in layout.reach(step)) for step in range(steps)]
    places = {
        (move.quantity, move.event): (done, move.target) for done, those in enumerate(moves, start=1) for move in those
    }
    highest = max((column for _, column in places.values()), default=START)
    return Course(highest + 1, tuple(moves), places)
