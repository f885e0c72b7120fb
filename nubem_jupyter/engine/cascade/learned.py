"""From scored cases to cascades that a plan can hold: by the models' names, with a verdict for each agreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

import msgspec
import numpy as np

from nubem_jupyter.core.cascade import CascadePlan, LearnedCascade, Member, Verdict
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.asking import NOTHING as NO_LETTER
from nubem_jupyter.engine.cascade.cascade import Accept, Cascade, advance
from nubem_jupyter.engine.cascade.gathered import Gathered, gather
from nubem_jupyter.engine.cascade.policy import Option, Policy, learn
from nubem_jupyter.engine.cascade.records import NOTHING, Records, folds
from nubem_jupyter.engine.cascade.replay import replay
from nubem_jupyter.engine.sharing import LEAST_CASES

_LONGEST = 4
"""Members of a cascade: a plan writes down each way in which their answers can agree, which are soon too many."""
_HALVES = 2
_DIGITS = 3
"""Of a chance: more would say nothing, and a plan holds many."""


def learn_cascades(outcomes: Sequence[CaseOutcome], seed: int = 0) -> tuple[LearnedCascade, ...]:
    """Return the cascades worth having for one capability and kind of answer; equal outcomes and seeds give equal ones.

    None where there are too few cases, or where no cascade is better than a model alone at what it takes.
    """
    cases = gather(outcomes)
    if cases is None or len(cases.records) < LEAST_CASES:
        return ()
    policy, luck = learn(cases.records, seed, _LONGEST), _luck(cases.records, seed)
    found: dict[ModelId, LearnedCascade] = {}
    for option in _worth_having(_offered(policy, cases.records), luck):
        learned = _learned(policy, cases, option, luck)
        found.setdefault(learned.cascade.name, learned)
    return tuple(found.values())


def _offered(policy: Policy, records: Records) -> list[Option]:
    """Return all candidates but cascades that never ask their second member: those are models under another name."""
    return [one for one in policy.options(records.tasks[0]) if len(one.models) == 1 or _asked(policy, records, one)[1]]


def _luck(records: Records, seed: int) -> float:
    """Return by how much the best cascade looks better than it is: the best of thousands was also a lucky one.

    It is what the best one of each half of the cases does on the other half, less what it promised. Twice as many
    cases as a half leave the square root of a half of it.
    """
    fold, gaps = folds(len(records), _HALVES, seed), []
    for number in range(_HALVES):
        known, held = records.take(fold != number), records.take(fold == number)
        policy = learn(known, seed, _LONGEST)
        for best in _worth_having(_offered(policy, known), 0.0)[:1]:
            got = replay(held, best.cascade, policy.juries).score.mean()
            gaps.append(best.quality.value - float(got))
    return max(0.0, fmean(gaps)) * 0.5**0.5 if gaps else 0.0


def _worth_having(options: Sequence[Option], luck: float) -> list[Option]:
    """Return the best cascade, and the fastest and the cheapest of those that are as good as the best model alone.

    They are chosen among those that no other candidate is as good, as cheap and as fast as; a plan holds few.
    """
    cascades = [option for option in options if len(option.models) > 1]
    kept = [one for one in cascades if not any(_beats(other, one) for other in options if other is not one)]
    if not kept:
        return []
    alone = max(option.quality.value for option in options if len(option.models) == 1)
    best = max(kept, key=lambda one: (one.quality.value, -one.cost_usd))
    good = [one for one in kept if one.quality.value - luck >= alone] or [best]
    fastest = min(good, key=lambda one: (one.latency_s or 0.0, -one.quality.value))
    cheapest = min(good, key=lambda one: (one.cost_usd, -one.quality.value))
    return [best, fastest, cheapest]


def _beats(other: Option, one: Option) -> bool:
    no_worse = (
        other.quality.value >= one.quality.value
        and other.cost_usd <= one.cost_usd
        and (other.latency_s or 0.0) <= (one.latency_s or 0.0)
    )
    better = (
        other.quality.value > one.quality.value
        or other.cost_usd < one.cost_usd
        or (other.latency_s or 0.0) < (one.latency_s or 0.0)
    )
    return no_worse and better


def _learned(policy: Policy, cases: Gathered, option: Option, luck: float) -> LearnedCascade:
    """Write a candidate down by names, with what it did."""
    records, n = cases.records, len(cases.records)
    return LearnedCascade(
        cascade=_in_order(
            CascadePlan(
                members=tuple(cases.members[name] for name in option.models),
                at_once=option.cascade.at_once,
                verdicts=_verdicts(policy, option.cascade, policy.task_number(records.tasks[0])),
            )
        ),
        asked=_asked(policy, records, option),
        evidence=Evidence(
            capability=cases.capability,
            n=n,
            score_sum=max(option.quality.value - luck, 0.0) * n,
            source="cascades learned from evaluations",
            date=cases.date,
        ),
    )


def _asked(policy: Policy, records: Records, option: Option) -> tuple[float, ...]:
    """Return how often each member is asked, as a share of the cases."""
    asked = replay(records, option.cascade, policy.juries).asked
    return tuple(float(np.mean(asked > turn)) for turn in range(len(option.models)))


def _in_order(cascade: CascadePlan) -> CascadePlan:
    """Number the answers of each model from 0 in the order of asking: which of them came first says nothing."""
    seen: dict[str, int] = {}
    members = []
    for member in cascade.members:
        sample = seen.get(member.model, 0)
        seen[member.model] = sample + 1
        members.append(Member(model=member.model, sample=sample))
    return msgspec.structs.replace(cascade, members=tuple(members))


def _verdicts(policy: Policy, cascade: Cascade, task: int) -> dict[str, Verdict]:
    """Ask ``advance`` about each way in which answers can agree; where it takes one, that is kept."""
    place = {model: number for number, model in enumerate(cascade.models)}
    found = {}
    for count in range(cascade.at_once, len(cascade.models) + 1):
        for letters in _patterns(count):
            decided = advance(cascade, policy.juries, task, [_number(letter) for letter in letters])
            if isinstance(decided, Accept):
                found[letters] = Verdict(member=place[decided.model], chance=round(decided.chance, _DIGITS))
    return found


def _patterns(count: int) -> Iterator[str]:
    """Yield each way in which so many answers can agree, as ``core.cascade`` writes it."""
    if not count:
        yield ""
        return
    for before in _patterns(count - 1):
        known = len(set(before) - {NO_LETTER})
        yield from (before + letter for letter in (NO_LETTER, *(chr(ord("a") + number) for number in range(known + 1))))


def _number(letter: str) -> int:
    """Return a number that stands for no answer that tells of itself: those are few, and count from 0."""
    return NOTHING if letter == NO_LETTER else _PLAIN + ord(letter)


_PLAIN = 1 << 40
