"""Which task a prompt is, where nobody says."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from nubem_jupyter.engine.success.ridge import Ridge, fit_ridge
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
        found = self.ridge.read(vectors(prompts)) + np.array(self.share)
        return tuple(self.tasks[place] for place in found.argmax(axis=1))


def learn_tasks(prompts: Sequence[str], tasks: Sequence[str]) -> TaskReader:
    """Learn from prompts and their tasks."""
    names = tuple(dict.fromkeys(tasks))
    target = np.array([[float(task == name) for name in names] for task in tasks])
    share = target.mean(axis=0)
    ridge = fit_ridge(vectors(prompts), target - share, _PENALTY)
    return TaskReader(tasks=names, share=tuple(map(float, share)), ridge=ridge)
