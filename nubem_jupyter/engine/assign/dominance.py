"""Which of many vectors another is no worse than, so that they can go."""

from __future__ import annotations

import numpy as np

from nubem_jupyter.engine.assign.arrays import Flags, Floats, Ints

_COMPARED = 48
"""How many of the first vectors all others are held against where they have many columns."""
_BLOCK = 128
"""How many vectors are held against each other at once."""


def undominated(vectors: Floats) -> Ints:
    """Return vectors that no earlier one is no worse than in every column; of up to three columns exactly those.

    Where there are more columns, only the first vectors are held against the others: some that could go then stay.
    """
    used = vectors[:, vectors.any(axis=0)]
    if used.shape[1] > 3 or len(used) <= _COMPARED:
        return np.flatnonzero(~_beaten(used[:_COMPARED], used))
    return _sweep(np.hstack([used, np.zeros((len(used), 3 - used.shape[1]))]))


def unbeaten(vectors: Floats) -> Ints:
    """Return all that no other is no worse than, of vectors in the order of their columns; of equal ones the first."""
    kept = np.arange(0)
    for begin in range(0, len(vectors), _BLOCK):
        block = np.arange(begin, min(begin + _BLOCK, len(vectors)))
        # What beats a vector stands before it, and what beats that beats it too.
        block = block[~(vectors[kept, None] <= vectors[block]).all(axis=2).any(axis=0)]
        kept = np.append(kept, block[~_beaten(vectors[block], vectors[block])])
    return kept


def _beaten(first: Floats, vectors: Floats) -> Flags:
    """Tell of each vector whether one of the first, which are the same as its own beginning, is no worse."""
    no_worse = ~np.tri(len(first), len(vectors), dtype=bool)
    for column in range(vectors.shape[1]):
        no_worse &= first[:, column, None] <= vectors[:, column]
    return np.asarray(no_worse.any(axis=0))


def _sweep(vectors: Floats) -> Ints:
    """Sweep by the first column (Kung, Luccio and Preparata 1975), in blocks.

    The least third value by rising second one of what was passed stands as a staircase.
    """
    order = np.lexsort((vectors[:, 2], vectors[:, 1], vectors[:, 0]))
    seconds, thirds = np.array([-np.inf]), np.array([np.inf])
    kept = []
    for begin in range(0, len(order), _BLOCK):
        block = order[begin : begin + _BLOCK]
        below = thirds[np.searchsorted(seconds, vectors[block, 1], side="right") - 1]
        block = block[below > vectors[block, 2]]
        block = block[~_beaten(vectors[block, 1:], vectors[block, 1:])]
        kept.append(block)
        seconds, thirds = np.append(seconds, vectors[block, 1]), np.append(thirds, vectors[block, 2])
        rising = np.argsort(seconds, kind="stable")
        seconds, thirds = seconds[rising], np.minimum.accumulate(thirds[rising])
    return np.sort(np.concatenate(kept))
