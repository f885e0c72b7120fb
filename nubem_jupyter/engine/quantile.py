"""Quantiles of what was seen lately."""

from __future__ import annotations

import math
from collections import deque


class RecentValues:
    """The last few values of a stream; older ones are forgotten, so that quantiles follow a change.

    Values come often and quantiles are asked for rarely, so that these do the sorting.
    """

    def __init__(self, most: int) -> None:
        self._arrived: deque[float] = deque(maxlen=most)
        self.add = self._arrived.append
        """Takes one value in; above the most that is kept, the oldest goes."""

    def __len__(self) -> int:
        return len(self._arrived)

    def quantiles(self, *shares: float) -> tuple[float, ...]:
        """Return, for each share (0 to 1), the least kept value that has at least that share at or below it.

        Raises:
            IndexError: nothing was added yet.
        """
        ordered = sorted(self._arrived)
        return tuple(ordered[max(math.ceil(share * len(ordered)), 1) - 1] for share in shares)
