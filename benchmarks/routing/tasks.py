"""Which task a prompt is, where nobody says."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from benchmarks.routing.ridge import Ridge, fit_ridge, held_out
from nubem_jupyter.engine.cascade.records import Floats
from nubem_jupyter.engine.success.vectors import vectors

_PENALTY = 0.3


class TaskReader(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Learned from prompts whose task was known."""

    tasks: tuple[str, ...]
    """Names, by the columns of the reading."""
    share: tuple[float, ...]
    """How often each came."""
    ridge: Ridge

    def read(self, prompts: Sequence[str]) -> tuple[str, ...]:
        """Return the likeliest task of each prompt."""
        return _likeliest(self.tasks, self.ridge.read(vectors(prompts)) + np.array(self.share))


def learn_tasks(prompts: Sequence[str], tasks: Sequence[str]) -> TaskReader:
    """Learn from prompts and their tasks."""
    names, target, share = _targets(tasks)
    ridge = fit_ridge(vectors(prompts), target - share, _PENALTY)
    return TaskReader(tasks=names, share=tuple(map(float, share)), ridge=ridge)


def held_out_tasks(prompts: Sequence[str], tasks: Sequence[str], seed: int = 0) -> tuple[str, ...]:
    """Return what readers that were learned from other prompts take each one's task to be.

    Who will have to read tasks learns what else there is from these: they are mistaken as the reader will be.
    """
    names, target, share = _targets(tasks)
    return _likeliest(names, held_out(vectors(prompts), target - share, _PENALTY, seed) + share)


def _targets(tasks: Sequence[str]) -> tuple[tuple[str, ...], Floats, Floats]:
    """Return the names of the tasks, which of them each prompt is (prompts x tasks), and the share of each."""
    names = tuple(dict.fromkeys(tasks))
    target = np.array([[float(task == name) for name in names] for task in tasks])
    return names, target, target.mean(axis=0)


def _likeliest(names: tuple[str, ...], read: Floats) -> tuple[str, ...]:
    return tuple(names[place] for place in read.argmax(axis=1))
