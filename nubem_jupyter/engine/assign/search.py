"""Branch and bound over all partial choices of one depth at once (Land and Doig 1960), as arrays.

A label is a choice for the first steps, of which only the columns of ``Course`` matter for the rest. A label goes when
something cannot stay within its limit any more, when another is no worse in every column, and when no completion of it
can be better than the best choice known. The last is told by multipliers: each set of them gives a bound for every
label, and the best of all sets counts, as the cuts of Benders (1962) do for what is left to decide. New sets come from
relaxing the rest for the most promising label.

What a label may come to with one more step is told first by the set that says most of the label itself, so that most
of what cannot be better is never put together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.assign.arrays import Flags, Floats, Ints
from nubem_jupyter.engine.assign.course import Course, Move
from nubem_jupyter.engine.assign.dominance import undominated
from nubem_jupyter.engine.assign.interior import relax
from nubem_jupyter.engine.assign.rows import Aim, Row
from nubem_jupyter.engine.assign.table import Table

TOLERANCE = 1e-11
"""Below it two values of the objective, in its unit, are the same."""

_CUT_FROM = 32
"""More labels than this are worth relaxing the rest anew."""
_MOST_SETS = 30
_WIDER = 4
"""So many times as many labels as are kept are looked at closely."""
_ALL_SETS = 5
"""Every so many steps all sets are asked, in between those that say most of some label."""


class Found(NamedTuple):
    """What a search came to."""

    picks: Ints | None
    """The best choice, an option for each step; None where none is better than what was known."""
    dropped: float
    """No choice that was not looked at is better than this; infinite where all were."""


class Tree:
    """What is searched: a few options of each step, towards something better than ``best``."""

    def __init__(self, aim: Aim, course: Course, table: Table, groups: list[Ints], best: float) -> None:
        self.aim = aim
        self.course = course
        self.table = table
        self.groups = groups
        self.best = best
        self.cutoff = best - TOLERANCE
        """Below it something is better than ``best``."""
        self.caps = [self.cutoff if one in aim.objective else 1.0 + TOLERANCE for one in range(len(aim.units))]
        starts = np.cumsum([0, *(len(group) for group in groups[:-1])])
        least = np.minimum.reduceat(table.amounts[:, np.concatenate(groups)], starts, axis=1).tolist()
        self._tails = {one: aim.graphs[one].tails(least[one]) for one in aim.quantities}

    def room(self, move: Move) -> float:
        """Return when an event has to be reached at the latest."""
        return self.caps[move.quantity] - self._tails[move.quantity][move.event] / self.aim.units[move.quantity]


class Labels(NamedTuple):
    """Partial choices of one depth."""

    columns: Floats
    """What each has come to."""
    bounds: Floats
    """What no completion is better than."""
    told_by: Ints
    """The set of multipliers that says so."""
    came: Ints
    """From which label of the depth before each came."""
    option: Ints
    """The option that it took."""

    def only(self, kept: Flags | Ints) -> Labels:
        """Return some of them."""
        return Labels(self.columns[kept], self.bounds[kept], self.told_by[kept], self.came[kept], self.option[kept])

    def tightened(self, bounds: Floats, told_by: int) -> Labels:
        """Return them with what another set says, where that is more."""
        more = bounds > self.bounds
        return self._replace(bounds=np.where(more, bounds, self.bounds), told_by=np.where(more, told_by, self.told_by))


class Bounds:
    """Sets of multipliers, with what the rest adds under each."""

    def __init__(self, tree: Tree, known: list[Row], rows: Floats, sets: Floats) -> None:
        self._tree = tree
        self._objective = np.array([quantity in tree.aim.objective for quantity, _ in known])
        self._columns = np.array([tree.course.columns(quantity, path) for quantity, path in known]).T
        self._rows = rows[:, np.concatenate(tree.groups)]
        self._sizes = [len(group) for group in tree.groups]
        self._starts = np.cumsum([0, *self._sizes])
        self.sets = np.zeros((0, len(known)))
        self._rest = np.zeros((0, len(tree.groups) + 1))
        self._above = np.zeros((0, len(self._rows[0])))
        self.add(sets)

    def add(self, sets: Floats) -> None:
        """Take sets in, one a row."""
        options = sets @ self._rows
        least = np.minimum.reduceat(options, self._starts[:-1], axis=1)
        rest = np.zeros((len(sets), len(self._starts)))
        rest[:, :-1] = np.cumsum(least[:, ::-1], axis=1)[:, ::-1]
        self.sets = np.vstack([self.sets, sets])
        self._rest = np.vstack([self._rest, rest - sets[:, ~self._objective].sum(axis=1, keepdims=True)])
        self._above = np.vstack([self._above, options - np.repeat(least, self._sizes, axis=1)])

    def of(self, columns: Floats, depth: int, numbers: Ints) -> tuple[Floats, Ints]:
        """Return a bound for each label by some of the sets, and which of them gives it."""
        sets = self.sets[numbers]
        rows = np.zeros((columns.shape[1], sets.shape[1]))
        rows[self._columns[depth], np.arange(sets.shape[1])] = 1.0
        bounds = columns @ (rows @ sets.T) + self._rest[numbers, depth]
        best = bounds.argmax(axis=1)
        return bounds[np.arange(len(columns)), best], numbers[best]

    def reached(self, columns: Floats) -> Floats:
        """Return what labels take that are at the end."""
        return np.asarray(columns[:, self._columns[-1][self._objective]].max(axis=1))

    def after(self, labels: Labels, step: int) -> Floats:
        """Return a bound for each label with each option of the next step, by the set that says most of the label."""
        return labels.bounds[:, None] + self._above[labels.told_by, self._starts[step] : self._starts[step + 1]]

    def tighten(self, labels: Labels, depth: int) -> Labels:
        """Take in the multipliers that fit what the most promising label leaves, and ask them of all labels."""
        come = labels.columns[labels.bounds.argmin(), self._columns[depth]]
        ahead = come[self._objective].max()
        left = np.where(self._objective, ahead - come, 1.0 - come)
        begin = self._starts[depth]
        relaxed = relax(self._rows[:, begin:], self._starts[depth:-1] - begin, left, self._objective)
        self.add(relaxed.multipliers[None])
        number = len(self.sets) - 1
        return labels.tightened(self.of(labels.columns, depth, np.array([number]))[0], number)


def search(tree: Tree, bounds: Bounds, width: int, often: int) -> Found:
    """Go through the tree with at most so many labels a depth, the most promising ones."""
    nothing = np.zeros(1, dtype=np.intp)
    start = np.zeros((1, tree.course.width))
    labels = Labels(start, *bounds.of(start, 0, np.arange(len(bounds.sets))), nothing, nothing)
    dropped, cut_at = np.inf, 0
    ways: list[Labels] = []
    for depth in range(1, len(tree.groups) + 1):
        labels, passed = _grown(tree, bounds, labels, depth, _WIDER * width)
        wide = np.count_nonzero(labels.bounds < tree.cutoff) > _CUT_FROM and depth < len(tree.groups)
        if wide and depth >= cut_at and len(bounds.sets) < _MOST_SETS:
            labels = bounds.tighten(labels, depth)
            cut_at = depth + often
        labels, beyond = _best(labels, tree.cutoff, width)
        dropped = min(dropped, passed, beyond)
        if not len(labels.bounds):
            return Found(None, dropped)
        ways.append(labels)
    return Found(_trace(ways), dropped)


def _grown(tree: Tree, bounds: Bounds, labels: Labels, depth: int, most: int) -> tuple[Labels, float]:
    """Take each option of a step for each label, where that may be better than the best known and there is room.

    Returns:
        At most so many labels, and what no other that there is room for is better than.
    """
    step, group = depth - 1, tree.groups[depth - 1]
    lower = bounds.after(labels, step)
    fits = lower < tree.cutoff
    moves = [(move, _taken(tree, move, step, group)) for move in tree.course.moves[step]]
    for move, taken in moves:
        if taken is not None:
            fits &= _latest(labels.columns, move.sources)[:, None] + taken <= tree.room(move)
    came, option = np.nonzero(fits)
    passed = np.inf
    if len(came) > most:
        order = np.argpartition(lower[came, option], most)
        passed = float(lower[came[order[most]], option[order[most]]])
        kept = np.sort(order[:most])
        came, option = came[kept], option[kept]
    columns = labels.columns[came]
    for move, taken in moves:
        _move(columns, move, None if taken is None else taken[option])
    if depth == len(tree.groups):
        return Labels(columns, bounds.reached(columns), labels.told_by[came], came, group[option]), passed
    numbers = np.arange(len(bounds.sets)) if depth % _ALL_SETS == 0 else np.unique(labels.told_by)
    return Labels(columns, *bounds.of(columns, depth, numbers), came, group[option]), passed


def _best(labels: Labels, cutoff: float, width: int) -> tuple[Labels, float]:
    """Keep the most promising labels below a bound, without those that another is no worse than.

    Returns:
        Them, and what no other is better than.
    """
    kept = np.flatnonzero(labels.bounds < cutoff)
    kept = kept[np.argsort(labels.bounds[kept], kind="stable")]
    kept = kept[undominated(labels.columns[kept])]
    beyond = float(labels.bounds[kept[width]]) if len(kept) > width else np.inf
    return labels.only(kept[:width]), beyond


def _move(columns: Floats, move: Move, taken: Floats | None) -> None:
    """Let labels reach an event, with what the option of each takes of it."""
    reached = _latest(columns, move.sources)
    if taken is not None:
        reached += taken
    for column in move.freed:
        columns[:, column] = 0.0
    columns[:, move.target] = np.maximum(reached, columns[:, move.target]) if move.merges else reached


def _taken(tree: Tree, move: Move, step: int, group: Ints) -> Floats | None:
    """Return what each option of a step takes of a move's event; None where the event is not the step's own."""
    event = tree.aim.graphs[move.quantity].events[move.event]
    if event.step != step:
        return None
    return np.asarray(event.weight / tree.aim.units[move.quantity] * tree.table.amounts[move.quantity, group])


def _latest(labels: Floats, sources: tuple[int, ...]) -> Floats:
    if len(sources) == 1:
        return labels[:, sources[0]].copy()
    latest: Floats = labels[:, list(sources)].max(axis=1, initial=0.0)
    return latest


def _trace(ways: list[Labels]) -> Ints:
    """Follow the first label back to the options that it took."""
    picks, at = [], 0
    for labels in reversed(ways):
        picks.append(labels.option[at])
        at = labels.came[at]
    return np.array(picks[::-1], dtype=np.intp)
