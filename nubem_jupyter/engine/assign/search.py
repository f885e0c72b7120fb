"""Branch and bound over all partial choices of one depth at once (Land and Doig 1960), as arrays.

A label is a choice for the first steps, of which only the columns of ``Course`` matter for the rest. A label goes when
something cannot stay within its limit any more, when another is no worse in every column, and when no completion of it
can be better than the best choice known. The last is told by multipliers: each set of them gives a bound for every
label, and the best of all sets counts, as the cuts of Benders (1962) do for what is left to decide. New sets come from
relaxing the rest for the most promising label.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.assign.arrays import Floats, Ints
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
        self.caps = [best - TOLERANCE if one in aim.objective else 1.0 + TOLERANCE for one in range(len(aim.units))]
        least = [[float(table.amounts[one, group].min()) for group in groups] for one in range(len(aim.units))]
        self._tails = {one: aim.graphs[one].tails(least[one]) for one in aim.quantities}

    def room(self, move: Move) -> float:
        """Return when an event has to be reached at the latest."""
        return self.caps[move.quantity] - self._tails[move.quantity][move.event] / self.aim.units[move.quantity]


class Bounds:
    """Sets of multipliers, with what the rest adds under each."""

    def __init__(self, tree: Tree, known: list[Row], rows: Floats, sets: Floats) -> None:
        self._tree = tree
        self._rows = rows
        self._objective = np.array([quantity in tree.aim.objective for quantity, _ in known])
        self._columns = [
            np.array([tree.course.column(depth, quantity, path) for quantity, path in known])
            for depth in range(len(tree.groups) + 1)
        ]
        self.sets = np.zeros((0, len(known)))
        self._rest = np.zeros((0, len(tree.groups) + 1))
        self.add(sets)

    def add(self, sets: Floats) -> None:
        """Take sets in, one a row."""
        groups = self._tree.groups
        least = np.minimum.reduceat(sets @ self._rows[:, np.concatenate(groups)], _starts(groups), axis=1)
        rest = np.zeros((len(sets), len(groups) + 1))
        rest[:, :-1] = np.cumsum(least[:, ::-1], axis=1)[:, ::-1]
        self.sets = np.vstack([self.sets, sets])
        self._rest = np.vstack([self._rest, rest - sets[:, ~self._objective].sum(axis=1, keepdims=True)])

    def of(self, labels: Floats, depth: int, since: int = 0) -> Floats:
        """Return a bound for each label, by the sets from a number on; at the end that is what it takes."""
        if depth == len(self._tree.groups):
            return np.asarray(labels[:, self._columns[depth][self._objective]].max(axis=1))
        by_column = np.zeros((len(self.sets) - since, labels.shape[1]))
        for row, column in enumerate(self._columns[depth]):
            by_column[:, column] += self.sets[since:, row]
        bounds: Floats = (labels @ by_column.T + self._rest[since:, depth]).max(axis=1)
        return bounds

    def relax_rest(self, label: Floats, depth: int) -> None:
        """Take in the multipliers that fit what one label leaves."""
        groups = self._tree.groups[depth:]
        come = label[self._columns[depth]]
        ahead = come[self._objective].max()
        left = np.where(self._objective, ahead - come, 1.0 - come)
        rest = self._rows[:, np.concatenate(groups)]
        self.add(relax(rest, _starts(groups), left, self._objective).multipliers[None])


def _starts(groups: list[Ints]) -> Ints:
    return np.cumsum([0, *(len(group) for group in groups[:-1])])


def search(tree: Tree, bounds: Bounds, width: int, often: int) -> Found:
    """Go through the tree with at most so many labels a depth, the most promising ones."""
    labels, dropped, cut_at = np.zeros((1, tree.course.width)), np.inf, 0
    ways: list[tuple[Ints, Ints]] = []
    cutoff = tree.best - TOLERANCE
    for depth, group in enumerate(tree.groups, start=1):
        came, option, labels = _grow(tree, labels, depth - 1, group)
        values = bounds.of(labels, depth)
        kept = np.flatnonzero(values < cutoff)
        if len(kept) > _CUT_FROM and depth >= cut_at and depth < len(tree.groups) and len(bounds.sets) < _MOST_SETS:
            bounds.relax_rest(labels[kept[np.argmin(values[kept])]], depth)
            values = np.maximum(values, bounds.of(labels, depth, len(bounds.sets) - 1))
            kept = np.flatnonzero(values < cutoff)
            cut_at = depth + often
        if len(kept) > 1:
            kept = kept[np.argsort(values[kept], kind="stable")]
            kept = kept[undominated(labels[kept])]
        if len(kept) > width:
            dropped = min(dropped, float(values[kept[width]]))
            kept = kept[:width]
        ways.append((came[kept], option[kept]))
        labels = labels[kept]
        if not len(kept):
            return Found(None, dropped)
    return Found(_trace(ways), dropped)


def _grow(tree: Tree, labels: Floats, depth: int, group: Ints) -> tuple[Ints, Ints, Floats]:
    """Take each option of a step for each label, where there is room; say from which label each came."""
    moves = [(move, _taken(tree, move, depth, group)) for move in tree.course.moves[depth]]
    fits = np.ones((len(labels), len(group)), dtype=bool)
    for move, taken in moves:
        if taken is not None:
            fits &= _latest(labels, move.sources)[:, None] + taken <= tree.room(move)
    came, option = np.nonzero(fits)
    grown = labels[came]
    for move, taken in moves:
        reached = _latest(grown, move.sources)
        if taken is not None:
            reached += taken[option]
        for column in move.freed:
            grown[:, column] = 0.0
        grown[:, move.target] = np.maximum(reached, grown[:, move.target]) if move.merges else reached
    return came, group[option], grown


def _taken(tree: Tree, move: Move, depth: int, group: Ints) -> Floats | None:
    """Return what each option takes of a move's event; None where the event is not the step's own."""
    event = tree.aim.graphs[move.quantity].events[move.event]
    if event.step != depth:
        return None
    return np.asarray(event.weight / tree.aim.units[move.quantity] * tree.table.amounts[move.quantity, group])


def _latest(labels: Floats, sources: tuple[int, ...]) -> Floats:
    if len(sources) == 1:
        return labels[:, sources[0]].copy()
    latest: Floats = labels[:, list(sources)].max(axis=1, initial=0.0)
    return latest


def _trace(ways: list[tuple[Ints, Ints]]) -> Ints:
    """Follow the first label back to the options that it took."""
    picks, at = [], 0
    for came, option in reversed(ways):
        picks.append(option[at])
        at = came[at]
    return np.array(picks[::-1], dtype=np.intp)
