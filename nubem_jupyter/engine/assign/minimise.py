"""The least of one quantity while the others stay within their limits: relaxed, narrowed, then searched to the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.assign.arrays import Floats, Ints
from nubem_jupyter.engine.assign.course import chart
from nubem_jupyter.engine.assign.graph import Graph
from nubem_jupyter.engine.assign.interior import relax
from nubem_jupyter.engine.assign.rows import Aim, Rows
from nubem_jupyter.engine.assign.search import TOLERANCE, Bounds, Tree, search
from nubem_jupyter.engine.assign.table import Table

_MOST_ROUNDS = 8
_RELAXED_ENOUGH = 1e-5
_WORTHLESS = 1e-7


class _Pass(NamedTuple):
    """How thoroughly the tree is searched."""

    width: int
    """Labels a depth."""
    options: int | None
    """Options a step, by reduced cost; None takes all."""
    often: int
    """Depths between two relaxations of the rest, at least."""


_FIRST = _Pass(24, 5, 6)
"""A search that only wants something good, to hold all else against in the last one."""
_OFTEN = 4


class Least(NamedTuple):
    """The best choice that was found."""

    picks: tuple[int, ...] | None
    """Which of its options each step takes, as ``Table.option`` numbers them; None where none was found."""
    value: float
    """What it takes of the objective; infinite where there is none."""
    bound: float
    """No choice takes less than this; the same as ``value`` where the best is proved, infinite where none can be."""


NOTHING = Least(None, np.inf, np.inf)


def minimise(
    table: Table, graphs: Sequence[Graph], objective: frozenset[int], limits: Sequence[float], effort: int
) -> Least:
    """Find the choice that takes least of the objective within the limits, of which each quantity has one.

    Of an objective of several quantities that one counts which takes most of its limit, as a share of it.
    ``effort`` bounds how many partial choices are kept side by side; where they do not do, ``bound`` says what may be
    missed.
    """
    if not table.steps:
        return Least((), 0.0, 0.0)
    table = table.only(np.asarray(np.isfinite(table.amounts[list(objective)]).all(axis=0)))
    held = [np.inf if quantity in objective else limit for quantity, limit in enumerate(limits)]
    table = table.within(graphs, held) if table.complete else table
    if not table.complete:
        return NOTHING
    units = list(limits)
    unit = 1.0
    if len(objective) == 1:
        (only,) = objective
        lowest, highest = (graphs[only].longest(ends) for ends in (table.least(only), table.most(only)))
        units[only] = unit = highest - lowest or highest or 1.0
    found = _Search(table, Aim(graphs, units, objective), effort).least()
    return found._replace(value=found.value * unit, bound=found.bound * unit)


class _Search:
    def __init__(self, table: Table, aim: Aim, effort: int) -> None:
        self._table = table
        self._aim = aim
        self._effort = effort
        self._rows = Rows(aim, [table.least(quantity) for quantity in range(len(aim.units))])
        self._course = chart(aim.graphs, aim.quantities, table.steps)
        self._best: Ints | None = None
        self._sets = np.zeros((0, 0))
        # More than anything can take.
        self._value = aim.reached([table.most(quantity) for quantity in range(len(aim.units))]) + 3 * TOLERANCE

    def least(self) -> Least:
        """Relax, look for something good, and prove that nothing is better."""
        self._relax()
        self._try(_FIRST)
        dropped = self._try(_Pass(self._effort, None, _OFTEN))
        if self._best is None:
            return NOTHING if dropped == np.inf else Least(None, np.inf, max(dropped, 0.0))
        picks = tuple(int(option) for option in self._table.option[self._best])
        return Least(picks, self._value, self._value if dropped >= self._value - 2 * TOLERANCE else dropped)

    def _relax(self) -> None:
        """Solve the relaxation, with every path that its answer breaks."""
        starts = self._table.starts
        for _ in range(_MOST_ROUNDS):
            rows, objective = self._rows.of(self._table), self._rows.of_objective
            relaxed = relax(rows, starts, np.where(objective, 0.0, 1.0), objective)
            reached = float((rows @ relaxed.parts)[objective].max())
            taken = np.add.reduceat(self._table.amounts * relaxed.parts, starts, axis=1)
            if not self._rows.add_broken(taken.tolist(), reached, _RELAXED_ENOUGH):
                break
        # What came last is not in the answer yet; rows that are worth nothing would only slow what follows.
        missing = len(self._rows.known) - len(relaxed.multipliers)
        multipliers = np.append(relaxed.multipliers, np.zeros(missing))
        kept = (multipliers > _WORTHLESS) | self._rows.of_objective
        self._rows.keep(kept.tolist())
        self._sets = multipliers[kept][None]

    def _try(self, one: _Pass) -> float:
        """Search; return what may have been missed."""
        rows, objective = self._rows.of(self._table), self._rows.of_objective
        groups = self._promising(self._sets[0] @ rows, self._sets[0, ~objective].sum(), one.options)
        if groups is None:
            return np.inf
        tree = Tree(self._aim, self._course, self._table, groups, self._value)
        bounds = Bounds(tree, list(self._rows.known), rows, self._sets)
        found = search(tree, bounds, one.width, one.often)
        self._sets = bounds.sets
        if found.picks is not None:
            self._best = found.picks
            self._value = self._aim.reached(self._table.amounts[:, found.picks].tolist())
        return found.dropped

    def _promising(self, reduced: Floats, spent: float, most_options: int | None) -> list[Ints] | None:
        """Return the options that a better choice may hold, lowest reduced cost first; None where there is none."""
        starts = self._table.starts
        least = np.minimum.reduceat(reduced, starts)
        bound = float(least.sum()) - spent
        if bound >= self._value - TOLERANCE:
            return None
        above = reduced - least[self._table.step]
        order = np.lexsort((above, self._table.step))
        fits = bound + above[order] < self._value - TOLERANCE
        ends = [*starts[1:], len(reduced)]
        return [order[a:b][fits[a:b]][:most_options] for a, b in zip(starts, ends, strict=True)]
