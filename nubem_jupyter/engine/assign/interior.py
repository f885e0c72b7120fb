"""What a limit is worth: the multipliers of the linear relaxation, where a step may be shared between options.

A primal-dual interior point method with Mehrotra's predictor and corrector (Mehrotra 1992). A step's options share one
convexity row, whose part of the normal equations is diagonal, so that only a matrix as large as the number of limits
is ever inverted. Whatever multipliers come out give a bound that holds (Lagrangian relaxation, Fisher 1981); how good
it is depends on them alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.assign.arrays import Flags, Floats, Ints

_MOST_ROUNDS = 40
_EXACT = 1e-6
"""Of the mean over all columns, of which there are a thousand: the bound is off by so much for each."""
_STEP = 0.9995
_PENALTY = 1e4
"""What breaking a limit as a whole costs, in units of the objective's range: beyond it nothing is worth a limit."""


class Relaxed(NamedTuple):
    """The relaxation's answer."""

    multipliers: Floats
    """Of each row; those of the objective's rows sum to 1."""
    parts: Floats
    """How much of each option is taken."""


class _Point(NamedTuple):
    """Values of the variables, the multipliers of convexity rows and of rows, and the reduced costs."""

    x: Floats
    groups: Floats
    rows: Floats
    z: Floats


class _Problem:
    """Columns are the options, then a slack a row, the objective, and how far limits are broken."""

    def __init__(self, rows: Floats, starts: Ints, limits: Floats, objective: Flags) -> None:
        count, self.width = rows.shape
        self.starts = starts
        self.sizes = np.diff(np.append(starts, self.width))
        outer = np.stack([-objective.astype(float), objective - 1.0], axis=1)
        self.matrix = np.hstack([rows, np.eye(count), outer])
        self.weights = np.concatenate([np.zeros(self.width + count), [1.0, _PENALTY]])
        self.right = limits

    def across(self, x: Floats) -> tuple[Floats, Floats]:
        return np.add.reduceat(x[: self.width], self.starts), self.matrix @ x

    def back(self, groups: Floats, rows: Floats) -> Floats:
        found: Floats = rows @ self.matrix
        found[: self.width] += np.repeat(groups, self.sizes)
        return found

    def begin(self) -> _Point:
        x = np.ones(len(self.weights))
        x[: self.width] = np.repeat(1.0 / self.sizes, self.sizes)
        return _Point(x, np.zeros(len(self.starts)), np.zeros(len(self.right)), self.weights + 1.0)


def relax(rows: Floats, starts: Ints, limits: Floats, objective: Flags) -> Relaxed:
    """Solve the relaxation: the objective's rows as low as can be above their limits, the others within theirs.

    ``rows`` has what each option adds to each row, ``starts`` where the options of each step begin.
    """
    problem = _Problem(rows, starts, limits, objective)
    point = problem.begin()
    for _ in range(_MOST_ROUNDS):
        following = _advance(problem, point)
        if following is None:
            break
        point = following
    multipliers = np.maximum(-point.rows, 0.0)
    multipliers[objective] /= multipliers[objective].sum() or 1.0
    return Relaxed(multipliers, point.x[: problem.width])


def _advance(problem: _Problem, point: _Point) -> _Point | None:
    """Take one step; None where there is nothing to gain."""
    x, z = point.x, point.z
    in_groups, in_rows = problem.across(x)
    lacks = 1.0 - in_groups, problem.right - in_rows
    off = problem.weights - problem.back(point.groups, point.rows) - z
    between = float(x @ z) / len(x)
    if between < _EXACT and np.abs(lacks[1]).max() < _EXACT and np.abs(off).max() < _EXACT:
        return None
    ratio = x / z
    in_group = np.add.reduceat(ratio[: problem.width], problem.starts)
    scaled = problem.matrix * ratio
    shared = np.add.reduceat(scaled[:, : problem.width], problem.starts, axis=1)
    whole = scaled @ problem.matrix.T
    normal = whole - (shared / in_group) @ shared.T
    # A ridge too small to matter keeps equal rows apart, and what cancelled out to nothing from being divided by.
    normal.flat[:: len(normal) + 1] += 1e-13 * (normal.trace() or whole.trace()) / len(normal)
    inverse = np.linalg.inv(normal)

    def direction(target: Floats) -> _Point:
        groups, rows = problem.across(ratio * (off - target / x))
        groups, rows = groups + lacks[0], rows + lacks[1]
        to_rows = inverse @ (rows - shared @ (groups / in_group))
        to_groups = (groups - to_rows @ shared) / in_group
        to_z = off - problem.back(to_groups, to_rows)
        return _Point((target - x * to_z) / z, to_groups, to_rows, to_z)

    ahead = direction(-x * z)
    reach = float((x + _room(x, ahead.x) * ahead.x) @ (z + _room(z, ahead.z) * ahead.z)) / len(x)
    way = direction((reach / between) ** 3 * between - x * z - ahead.x * ahead.z)
    primal, dual = _room(x, way.x), _room(z, way.z)
    return _Point(x + primal * way.x, point.groups + dual * way.groups, point.rows + dual * way.rows, z + dual * way.z)


def _room(values: Floats, way: Floats) -> float:
    """Return how far one may go without anything becoming negative, at most 1."""
    steepest = float((way / values).min())
    return 1.0 if steepest >= -_STEP else -_STEP / steepest
