"""Scored cases lined up for the search: who can be compared on the same cases, in which form, at which cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import msgspec
import numpy as np

from nubem_jupyter.core.cascade import Member
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.cascade.records import Outcome, Records, records_of
from nubem_jupyter.engine.sharing import LEAST_CASES, member_of, sharing

_MOST_MEMBERS = 24
"""Of those that were measured, the search looks at so many; its time grows with their number squared."""
_TIME_SHARE = 0.05
"""What the time of a mean call counts for, as a share of what it costs: models that cost nothing are told apart."""
_TINY = 1e-9
"""Added to what a call takes, since the search counts in shares of that."""
_WEIGHTS = np.geomspace(1e-3, 10.0, 30)
"""What quality is given up for, per cost of the best model."""


class Gathered(NamedTuple):
    """Cases of one kind of answer that the same members answered; the capabilities are the records' tasks."""

    records: Records
    """The cases that all of the members answered."""
    members: Mapping[str, Member]
    """By the names of the records' columns."""
    dates: Mapping[str, str]
    """Of each capability for which they were chosen, the day of the middle case: half of its cases are newer."""


def gather(outcomes: Iterable[CaseOutcome]) -> Iterator[Gathered]:
    """Line up cases: for each capability those of its models that can be compared, with all cases that they share.

    Capabilities with the same models are lined up once. Left out are those where fewer than two can be compared, or
    on too few cases.
    """
    by_capability: dict[str, list[CaseOutcome]] = defaultdict(list)
    for one in outcomes:
        by_capability[one.capability].append(one)
    groups: dict[frozenset[Member], list[str]] = defaultdict(list)
    for capability, own in by_capability.items():
        groups[frozenset(sharing(own).members)].append(capability)
    for members, capabilities in groups.items():
        shared = [one for own in by_capability.values() for one in own if member_of(one) in members]
        columns = {_named(member): member for member in members}
        if len(members) < 2 or len(records := records_of(_outcomes(shared))) < LEAST_CASES:
            continue
        chosen = _promising(records)
        dates = {capability: _middle_date(by_capability[capability], members) for capability in capabilities}
        yield Gathered(chosen, {name: columns[name] for name in chosen.models}, dates)


def _middle_date(outcomes: Sequence[CaseOutcome], members: Collection[Member]) -> str:
    dates = sorted(one.date for one in outcomes if member_of(one) in members)
    return dates[len(dates) // 2]


def _named(member: Member) -> str:
    return f"{member.model} {member.sample}"


def _promising(records: Records) -> Records:
    """Keep those who are best at some price of quality, and the best of the others, as far as there is room."""
    score, cost = records.score.mean(axis=0), records.cost_usd.mean(axis=0)
    unit = cost[records.best]
    leading = [int((score - weight / unit * cost).argmax()) for weight in _WEIGHTS]
    order = dict.fromkeys([*leading, *(int(place) for place in np.argsort(-score, kind="stable"))])
    kept = sorted(list(order)[:_MOST_MEMBERS])
    return msgspec.structs.replace(
        records,
        models=tuple(records.models[place] for place in kept),
        score=records.score[:, kept],
        cost_usd=records.cost_usd[:, kept],
        latency_s=None if records.latency_s is None else records.latency_s[:, kept],
        answer=records.answer[:, kept],
    )


def _outcomes(outcomes: Sequence[CaseOutcome]) -> Iterator[Outcome]:
    """Put calls in the form that the search takes; what they cost is in units of the mean call.

    A call whose price is unknown counts as the dearest that is known.
    """
    prices = [one.cost_usd for one in outcomes if one.cost_usd is not None]
    dearest, mean_usd = (max(prices), fmean(prices)) if prices else (0.0, 0.0)
    mean_s = fmean(one.latency_s for one in outcomes)
    bound = {_case(one) for one in outcomes if one.form is not None and one.answer is None}
    for one in outcomes:
        money = (dearest if one.cost_usd is None else one.cost_usd) / (mean_usd or 1.0)
        time = one.latency_s / (mean_s or 1.0)
        yield Outcome(
            query=_case(one),
            task=one.capability,
            model=_named(member_of(one)),
            score=one.score,
            cost_usd=money + _TIME_SHARE * time + _TINY,
            latency_s=one.latency_s + _TINY if mean_s else None,
            answer=_answer(one, is_bound=_case(one) in bound),
        )


def _case(one: CaseOutcome) -> str:
    return f"{one.capability} {one.query}"


def _answer(one: CaseOutcome, *, is_bound: bool) -> str | None:
    """Return a name for the answer: its own where all answers to the case have one, else one that holds for the case.

    What was kept before answers had names of their own is compared within its case alone.
    """
    if one.form is None:
        return None
    return f"{_case(one)} {one.form}" if is_bound else one.answer
