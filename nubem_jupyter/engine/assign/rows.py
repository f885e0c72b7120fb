"""The paths that matter so far, each a linear row: all of them would be too many, so they are found when broken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.assign.arrays import Flags, Floats
from nubem_jupyter.engine.assign.graph import Graph, Path
from nubem_jupyter.engine.assign.table import Table

_MOST_NEW = 3

Row = tuple[int, Path]
"""A quantity, and a path through its graph."""


class Aim(NamedTuple):
    """What is to be least, and what has to stay within limits."""

    graphs: Sequence[Graph]
    """How each quantity adds up."""
    units: Sequence[float]
    """What 1 stands for: a limit, or the range of the objective; infinite where a quantity does not matter."""
    objective: frozenset[int]
    """The quantities whose greatest is to be least."""

    @property
    def quantities(self) -> list[int]:
        """Those that matter."""
        return [quantity for quantity, unit in enumerate(self.units) if unit < np.inf]

    def longest(self, quantity: int, amounts: Sequence[Sequence[float]]) -> float:
        """Return what a quantity adds up to, in its unit, for these amounts of each step."""
        return self.graphs[quantity].longest(amounts[quantity]) / self.units[quantity]

    def reached(self, amounts: Sequence[Sequence[float]]) -> float:
        """Return the objective for these amounts of each step."""
        return max(self.longest(quantity, amounts) for quantity in self.objective)


class Rows:
    """The rows of an aim."""

    def __init__(self, aim: Aim, amounts: Sequence[Sequence[float]]) -> None:
        """Begin with the longest path of each quantity for these amounts of each step."""
        self._aim = aim
        self.known: dict[Row, None] = {}
        for quantity in aim.quantities:
            self._add(quantity, aim.graphs[quantity].paths_over(amounts[quantity], -1.0, 1))

    @property
    def of_objective(self) -> Flags:
        """Which rows are the objective's."""
        return np.array([quantity in self._aim.objective for quantity, _ in self.known])

    def add_broken(self, amounts: Sequence[Sequence[float]], reached: float, slack: float) -> bool:
        """Add paths that break a limit with these amounts of each step, or lead beyond what the objective is taken for.

        Returns:
            Whether any is new.
        """
        before = len(self.known)
        for quantity in self._aim.quantities:
            most = reached if quantity in self._aim.objective else 1.0
            over = (most + slack) * self._aim.units[quantity]
            self._add(quantity, self._aim.graphs[quantity].paths_over(amounts[quantity], over, _MOST_NEW))
        return len(self.known) > before

    def keep(self, kept: Sequence[bool]) -> None:
        """Forget the other rows."""
        self.known = dict.fromkeys(row for row, stays in zip(self.known, kept, strict=True) if stays)

    def of(self, table: Table) -> Floats:
        """Return what each option adds to each row."""
        weights = np.zeros((len(self.known), table.steps))
        for row, (quantity, path) in enumerate(self.known):
            for step, weight in self._aim.graphs[quantity].weights(path).items():
                weights[row, step] = weight / self._aim.units[quantity]
        return weights[:, table.step] * table.amounts[[quantity for quantity, _ in self.known]]

    def _add(self, quantity: int, paths: Sequence[Path]) -> None:
        self.known |= dict.fromkeys((quantity, path) for path in paths)
