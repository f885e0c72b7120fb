"""From scored cases to cascades that a plan can hold: by the models' names, with what they did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from nubem_jupyter.core.cascade import LearnedCascade
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.cascade.gathered import Gathered, gather
from nubem_jupyter.engine.cascade.offered import luck_of, worth_having
from nubem_jupyter.engine.cascade.policy import Option, Policy, learn
from nubem_jupyter.engine.cascade.records import Floats
from nubem_jupyter.engine.cascade.written import written


def learn_cascades(outcomes: Iterable[CaseOutcome], seed: int = 0) -> Mapping[str, tuple[LearnedCascade, ...]]:
    """Return, capability by capability, the cascades worth having for one kind of answer, the best first.

    Equal outcomes and seeds give equal ones. A capability is left out where there are too few cases, or where no
    cascade is better than a model alone at what it takes.
    """
    found: dict[str, tuple[LearnedCascade, ...]] = {}
    for cases in gather(outcomes):
        policy, luck = learn(cases.records, seed), luck_of(cases.records, seed)
        for capability in cases.dates:
            learned = _learned(policy, cases, capability, luck)
            if learned:
                found[capability] = learned
    return found


def _learned(policy: Policy, cases: Gathered, capability: str, luck: float) -> tuple[LearnedCascade, ...]:
    """Return the cascades for one capability, each name once."""
    task = policy.tasks.index(capability)
    own = cases.records.take(cases.records.task == task)
    found: dict[ModelId, LearnedCascade] = {}
    for option in worth_having(policy, task):
        cascade = written(policy, own, option.cascade, task, cases.members)
        learned = LearnedCascade(
            cascade=cascade,
            asked=tuple(float(share) for share in option.asked),
            evidence=Evidence(
                capability=capability,
                n=len(own),
                score_sum=max(option.quality - luck, 0.0) * len(own),
                source="cascades learned from evaluations",
                date=cases.dates[capability],
                replayed=True,
            ),
            dearer=_times(option, option.cost_usd, own.cost_usd, np.sum),
            slower=_times(option, option.latency_s, own.latency_s, np.max),
        )
        found.setdefault(cascade.name, learned)
    return tuple(found.values())


def _times(option: Option, mean: float | None, each: Floats | None, at_once: Callable[[Floats], float]) -> float:
    """Return what a cascade takes, beside what its members' mean calls would come to; 1 where nothing was recorded."""
    if mean is None or each is None:
        return 1.0
    calls, begin = each[:, list(option.cascade.models)].mean(axis=0), option.cascade.at_once
    together = float(at_once(calls[:begin]) + (option.asked[begin:] * calls[begin:]).sum())
    return mean / together
