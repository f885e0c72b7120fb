"""A cascade as a plan holds it: the weights of its juries by name, and verdicts on what cases met often."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from nubem_jupyter.core.cascade import CascadePlan, Member, Verdict, Weights
from nubem_jupyter.engine.asking import pattern_of
from nubem_jupyter.engine.ballot import letters_of
from nubem_jupyter.engine.cascade.cascade import Cascade
from nubem_jupyter.engine.cascade.policy import Policy
from nubem_jupyter.engine.cascade.records import NOTHING, Floats, Records
from nubem_jupyter.engine.cascade.replay import replay

_MOST_VERDICTS = 200
"""On the patterns that cases met most often; a plan holds a dozen cascades for each step, and weights say the rest."""
_DIGITS = 3
"""Of a chance or weight: more would say nothing, and a plan holds many."""


def written(policy: Policy, own: Records, cascade: Cascade, task: int, members: Mapping[str, Member]) -> CascadePlan:
    """Write a cascade down for a task, by its number, from its own records; ``members`` has who is behind a column."""
    asked = replay(own, cascade, policy.juries).asked
    ends = range(cascade.at_once, len(cascade.models) + 1)
    stages = [_Stage(policy, cascade.models[:end], own.take(asked >= end), task) for end in ends]
    often = Counter({key: count for stage in stages for key, count in stage.met.items()}).most_common(_MOST_VERDICTS)
    return CascadePlan(
        members=_in_order([members[policy.models[model]] for model in cascade.models]),
        at_once=cascade.at_once,
        sure=cascade.sure,
        verdicts={
            key: verdict for stage in stages for key, verdict in stage.verdicts({key for key, _ in often}).items()
        },
        weights=tuple(stage.weights() for stage in stages),
        skills=stages[-1].skills(),
        telling=dict(zip(policy.answers, letters_of(len(policy.answers)), strict=True)),
    )


class _Stage:
    """The first members of a cascade, and the queries on which so many were asked."""

    def __init__(self, policy: Policy, models: Sequence[int], records: Records, task: int) -> None:
        self._jury = policy.juries[tuple(sorted(models))]
        self._task = task
        self._order = np.argsort(models)
        """Of the members, that in which the jury has them."""
        capitals = dict(zip(policy.answers.values(), letters_of(len(policy.answers)), strict=True))
        answers = records.answer[:, list(models)]
        patterns = [pattern_of([None if one == NOTHING else one for one in row], capitals) for row in answers.tolist()]
        self.met = Counter(patterns)
        """Pattern -> on how many queries."""
        self._example = dict(zip(patterns, answers, strict=True))

    def verdicts(self, often: Collection[str]) -> dict[str, Verdict]:
        """Return what the jury says of those patterns among these that were met, the most frequent first."""
        kept = [pattern for pattern, _ in self.met.most_common() if pattern in often]
        if not kept:
            return {}
        rows = np.array([self._example[pattern] for pattern in kept])[:, self._order]
        judged = self._jury.judge(np.full(len(kept), self._task), rows)
        return {
            pattern: Verdict(member=int(self._order[member]), chance=_rounded_down(chance))
            for pattern, member, chance in zip(kept, judged.member, judged.chance, strict=True)
        }

    def weights(self) -> Weights:
        """Return the jury's weights for the task, the members in the order of asking."""
        weighed, count = self._jury.weights[self._task], len(self._order)
        return Weights(
            votes=self._in_turn(weighed[:count]),
            against=_rounded(weighed[count]),
            told=tuple(_rounded(one) for one in weighed[count + 1 :]),
        )

    def skills(self) -> tuple[float, ...]:
        """Return each member's mean score, in the order of asking."""
        return self._in_turn(self._jury.skill)

    def _in_turn(self, figures: Floats) -> tuple[float, ...]:
        return tuple(_rounded(figures[place]) for place in np.argsort(self._order))


def _in_order(members: Sequence[Member]) -> tuple[Member, ...]:
    """Number the answers of each model from 0 in the order of asking: which of them came first says nothing."""
    seen: Counter[str] = Counter()
    numbered = []
    for member in members:
        numbered.append(Member(model=member.model, sample=seen[member.model]))
        seen[member.model] += 1
    return tuple(numbered)


def _rounded(figure: float) -> float:
    return round(float(figure), _DIGITS)


def _rounded_down(chance: float) -> float:
    """Round a chance so that one that is not sure enough does not become so."""
    steps: float = 10.0**_DIGITS
    return math.floor(chance * steps) / steps
