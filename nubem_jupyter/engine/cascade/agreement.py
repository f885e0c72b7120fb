"""Who agrees with whom on a query, and which answers tell of themselves whether they are right."""

from __future__ import annotations

import numpy as np

from nubem_jupyter.engine.cascade.records import NOTHING, Floats, Ints, Records

_MOST_TELLING = 12
_LEAST_QUERIES = 10
_FAR = 6.0
"""Standard errors by which an answer's share of right ones must lie off that of its task."""


def firsts(answers: Ints) -> Ints:
    """Return, for each query and column, the first column with an equal answer.

    Where an answer cannot be compared that is the number of columns: it agrees with none, not with its like either.
    """
    count = answers.shape[1]
    found = np.full(answers.shape, count, dtype=np.int64)
    for column in range(count):
        for earlier in range(column, -1, -1):
            same = (answers[:, earlier] == answers[:, column]) & (answers[:, column] != NOTHING)
            found[same, column] = earlier
    return found


def telling(records: Records) -> tuple[int, ...]:
    """Return the answers that are much more, or much less, often right than others of the same task.

    Such is "no tool fits" where the task is to tell whether one does. The most telling come first; a query counts
    once, however many models gave the answer.
    """
    right, given = _by_answer(records)
    totals = given.sum(axis=1, keepdims=True)
    rate = np.clip(right.sum(axis=1, keepdims=True) / np.maximum(totals, 1), 0.01, 0.99)
    error = np.sqrt(rate * (1 - rate) / np.maximum(given, 1))
    far = np.where(given >= _LEAST_QUERIES, np.abs(right / np.maximum(given, 1) - rate) / error, 0.0)
    strength = far.max(axis=0, initial=0.0)
    order = np.argsort(-strength, kind="stable")[:_MOST_TELLING]
    return tuple(int(answer) for answer in order if strength[answer] > _FAR)


def _by_answer(records: Records) -> tuple[Floats, Floats]:
    """Return, task by answer, the sum of scores and the number of queries in which some model gave it."""
    row, column = np.nonzero(records.answer != NOTHING)
    answer = records.answer[row, column]
    width = max(1, len(records.answers))
    pairs, place, count = np.unique(row * width + answer, return_inverse=True, return_counts=True)
    score = np.bincount(place, weights=records.score[row, column], minlength=len(pairs)) / count
    cell = records.task[pairs // width] * width + pairs % width
    shape, size = (len(records.tasks), width), len(records.tasks) * width
    right = np.bincount(cell, weights=score, minlength=size).reshape(shape).astype(np.float64)
    return right, np.bincount(cell, minlength=size).reshape(shape).astype(np.float64)
