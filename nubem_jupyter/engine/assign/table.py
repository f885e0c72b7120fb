"""What can be chosen for each step, as arrays: an option is a column, the options of a step stand together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.assign.arrays import Flags, Floats, Ints
from nubem_jupyter.engine.assign.dominance import unbeaten
from nubem_jupyter.engine.assign.graph import Graph

LOSS, COST, TIME, DOUBT = range(4)
"""The quantities, by the row of ``Table.amounts``."""

_SLACK = 1e-9
"""What sums of floats may be off by, as a share of a limit."""


class Option(NamedTuple):
    """What one way of doing a step takes."""

    number: int
    """Its number among the step's."""
    loss: float
    """How far it falls short of what is preferred, in any unit; these add up."""
    cost: float
    """US dollars; infinite where unknown."""
    time: float | None
    """Seconds; where unknown a limit lets it through, and it is never the fastest."""
    doubt: float = 0.0
    """Logarithm of one over the chance of being right; infinite where unknown, 0 where no limit asks for it."""


class Table(NamedTuple):
    """Options of steps."""

    amounts: Floats
    """What each option takes of each quantity."""
    step: Ints
    """Number of each option's step, rising."""
    option: Ints
    """Which of the step's options it is."""
    timed: Flags
    """Whether its time is known."""
    steps: int
    """How many steps there are."""

    @property
    def starts(self) -> Ints:
        """Where the options of each step begin."""
        return np.searchsorted(self.step, np.arange(self.steps))

    @property
    def complete(self) -> bool:
        """Whether each step has an option."""
        return len(np.unique(self.step)) == self.steps

    def only(self, kept: Flags) -> Table:
        """Return the table with some of its options."""
        return Table(self.amounts[:, kept], self.step[kept], self.option[kept], self.timed[kept], self.steps)

    def least(self, quantity: int) -> list[float]:
        """Return the least that each step can take."""
        return [float(least) for least in np.minimum.reduceat(self.amounts[quantity], self.starts)]

    def most(self, quantity: int) -> list[float]:
        """Return the most that each step can take."""
        return [float(most) for most in np.maximum.reduceat(self.amounts[quantity], self.starts)]

    def with_known_times(self) -> Table:
        """Drop options of unknown time from steps that have others."""
        has_timed = np.bincount(self.step[self.timed], minlength=self.steps) > 0
        return self.only(self.timed | ~has_timed[self.step])

    def within(self, graphs: Sequence[Graph], limits: Sequence[float]) -> Table:
        """Drop what no limit allows even beside the least of every other step; may leave steps with nothing."""
        table, before = self, -1
        while table.complete and len(table.step) != before:
            before = len(table.step)
            for quantity, limit in enumerate(limits):
                if table.complete and limit < np.inf:
                    table = table.only(table._fits(graphs[quantity], quantity, limit * (1 + _SLACK)))
        return table

    def _fits(self, graph: Graph, quantity: int, limit: float) -> Flags:
        least = self.least(quantity)
        weight, rest = np.zeros(self.steps), np.zeros(self.steps)
        # Where one more step does not help, the limit is broken whatever is chosen.
        if graph.longest(least) > limit:
            return np.zeros(len(self.step), dtype=bool)
        for step, (counts, others) in graph.around(least).items():
            weight[step], rest[step] = counts, others
        with np.errstate(invalid="ignore"):  # what is unknown stays so where nothing is done, and does not fit
            fits: Flags = weight[self.step] * self.amounts[quantity] + rest[self.step] <= limit
        return fits


def tabulate(options: Sequence[Sequence[Option]]) -> Table:
    """Return the table of the options of each step, without those that another is no worse than.

    Of equal options the first stays. One of unknown time never drives out one whose time is known.
    """
    kept = [(step, one) for step, those in enumerate(options) for one in _undominated(those)]
    amounts = [(one.loss, one.cost, one.time or 0.0, one.doubt) for _, one in kept]
    return Table(
        amounts=np.array(amounts, dtype=float).reshape(-1, DOUBT + 1).T,
        step=np.array([step for step, _ in kept], dtype=np.intp),
        option=np.array([one.number for _, one in kept], dtype=np.intp),
        timed=np.array([one.time is not None for _, one in kept], dtype=bool),
        steps=len(options),
    )


def _undominated(options: Sequence[Option]) -> list[Option]:
    """Return the options that no other is no worse than, in their order."""
    kept: list[Option] = []
    for timed in (True, False):
        those = sorted(
            ((one.loss, one.cost, one.time or 0.0, one.doubt, one.number), one)
            for one in options
            if (one.time is not None) is timed
        )
        vectors = np.array([key[:-1] for key, _ in those], dtype=float).reshape(-1, DOUBT + 1)
        kept += [those[place][1] for place in unbeaten(vectors)]
    return sorted(kept)
