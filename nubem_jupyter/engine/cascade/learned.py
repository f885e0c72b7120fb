"""From scored cases to cascades that a plan can hold: by the models' names, with a verdict for each agreement."""

from __future__ import annotations

from collections import defaultdict
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
from nubem_jupyter.engine.cascade.policy import Option, Policy, learn
from nubem_jupyter.engine.cascade.records import NOTHING, Outcome, Records, records_of
from nubem_jupyter.engine.cascade.replay import replay

LEAST_CASES = 30
"""Cases that all members answered; with fewer the ranges are too wide to choose by."""
_MOST_MEMBERS = 8
"""Of those that were measured, the search looks at so many; its time grows with their number squared."""
_LONGEST = 4
"""Members of a cascade: a plan writes down each way in which their answers can agree, which are soon too many."""
_TIME_SHARE = 0.05
"""What the time of a mean call counts for, as a share of what it costs: models that cost nothing are told apart."""
_TINY = 1e-9
_DIGITS = 3
"""Of a chance: more would say nothing, and a plan holds many."""


def learn_cascades(outcomes: Sequence[CaseOutcome], seed: int = 0) -> tuple[LearnedCascade, ...]:
    """Return the cascades worth having for one capability and kind of answer; equal outcomes and seeds give equal ones.

    None where there are too few cases, or where no cascade is better than a model alone at what it takes.
    """
    columns = _columns(outcomes)
    members = {_named(member): member for member in columns}
    chosen = [one for one in outcomes if _member_of(one) in columns]
    records = records_of(_outcomes(chosen))
    if len(columns) < 2 or len(records) < LEAST_CASES:
        return ()
    policy = learn(records, seed, _LONGEST)
    middle = sorted(one.date for one in chosen)[len(chosen) // 2]
    found: dict[ModelId, LearnedCascade] = {}
    # One that never asks its second member is a model alone under another name.
    options = [
        one for one in policy.options(records.tasks[0]) if len(one.models) == 1 or _asked(policy, records, one)[1]
    ]
    for option in _worth_having(options):
        learned = _learned(policy, records, option, members, chosen[0].capability, middle)
        found.setdefault(learned.cascade.name, learned)
    return tuple(found.values())


def _member_of(outcome: CaseOutcome) -> Member:
    return Member(model=outcome.model, sample=outcome.sample)


def _named(member: Member) -> str:
    return f"{member.model} {member.sample}"


def _columns(outcomes: Sequence[CaseOutcome]) -> tuple[Member, ...]:
    """Choose whom to compare: those with most cases, as long as the cases that all of them share stay enough.

    One that shares less than half of what the others do would cost more than it could tell.
    """
    queries: dict[Member, set[str]] = defaultdict(set)
    for one in outcomes:
        queries[_member_of(one)].add(one.query)
    order = sorted(queries, key=lambda member: (-len(queries[member]), member.sample, member.model))
    columns: list[Member] = []
    shared: set[str] = set()
    for member in order:
        together = shared & queries[member] if columns else queries[member]
        if len(together) >= max(LEAST_CASES, len(shared) / 2) and len(columns) < _MOST_MEMBERS:
            columns.append(member)
            shared = together
    return tuple(columns)


def _outcomes(outcomes: Sequence[CaseOutcome]) -> Iterator[Outcome]:
    """Put calls in the form that the search takes; what they cost is in units of the mean call.

    A call whose price is unknown counts as the dearest that is known.
    """
    prices = [one.cost_usd for one in outcomes if one.cost_usd is not None]
    dearest, mean_usd = (max(prices), fmean(prices)) if prices else (0.0, 0.0)
    mean_s = fmean(one.latency_s for one in outcomes) if outcomes else 0.0
    for one in outcomes:
        money = (dearest if one.cost_usd is None else one.cost_usd) / (mean_usd or 1.0)
        time = one.latency_s / (mean_s or 1.0)
        yield Outcome(
            query=one.query,
            task=one.capability,
            model=_named(_member_of(one)),
            score=one.score,
            cost_usd=money + _TIME_SHARE * time + _TINY,
            latency_s=one.latency_s,
            # Only within a query do equal answers mean anything.
            answer=None if one.form is None else f"{one.query} {one.form}",
        )


def _worth_having(options: Sequence[Option]) -> list[Option]:
    """Return the best cascade, and the fastest and the cheapest of those that are as good as the best model alone.

    They are chosen among those that no other candidate is as good, as cheap and as fast as; a plan holds few.
    """
    cascades = [option for option in options if len(option.models) > 1]
    kept = [one for one in cascades if not any(_beats(other, one) for other in options if other is not one)]
    if not kept:
        return []
    alone = max(option.quality.value for option in options if len(option.models) == 1)
    best = max(kept, key=lambda one: (one.quality.value, -one.cost_usd))
    good = [one for one in kept if one.quality.value >= alone] or [best]
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


def _learned(
    policy: Policy, records: Records, option: Option, members: dict[str, Member], capability: str, date: str
) -> LearnedCascade:
    """Write a candidate down by names, with what it did."""
    cascade = option.cascade
    cases = len(records)
    return LearnedCascade(
        cascade=_in_order(
            CascadePlan(
                members=tuple(members[name] for name in option.models),
                at_once=cascade.at_once,
                verdicts=_verdicts(policy, cascade, policy.task_number(records.tasks[0])),
            )
        ),
        asked=_asked(policy, records, option),
        evidence=Evidence(
            capability=capability,
            n=cases,
            score_sum=option.quality.value * cases,
            source="cascades learned from evaluations",
            date=date,
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
