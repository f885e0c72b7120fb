"""Quantiles of what was seen lately."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque


class RecentValues:
    """The last few values of a stream, kept in order; older ones are forgotten, so that quantiles follow a change."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._arrived: deque[float] = deque()
        self._ordered: list[float] = []

    def __len__(self) -> int:
        return len(self._arrived)

    def add(self, value: float) -> None:
        """Take one value in; above the most that is kept, the oldest goes."""
        self._arrived.append(value)
        insort(self._ordered, value)
        if len(self._arrived) > self._most:
            del self._ordered[bisect_left(self._ordered, self._arrived.popleft())]

    def quantile(self, share: float) -> float:
        """Return the least kept value that has at least this share (0 to 1) of them at or below it.

        Raises:
            IndexError: nothing was added yet.
        """
        rank = math.ceil(share * len(self._ordered))
        return self._ordered[max(rank, 1) - 1]
