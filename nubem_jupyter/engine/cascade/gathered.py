"""Scored cases lined up for the search: who can be compared on the same cases, in which form, at which cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import msgspec
import numpy as np

from nubem_jupyter.core.cascade import Member
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.cascade.records import Outcome, Records, records_of
from nubem_jupyter.engine.sharing import member_of, sharing

_MOST_MEMBERS = 8
"""Of those that were measured, the search looks at so many; its time grows with their number squared."""
_TIME_SHARE = 0.05
"""What the time of a mean call counts for, as a share of what it costs: models that cost nothing are told apart."""
_TINY = 1e-9
"""Added to what a call takes, since the search counts in shares of that."""
_WEIGHTS = np.geomspace(1e-3, 10.0, 30)
"""What quality is given up for, per cost of the best model."""


class Gathered(NamedTuple):
    """Cases of one capability and kind of answer."""

    records: Records
    """The cases that all of the members answered."""
    members: Mapping[str, Member]
    """By the names of the records' columns."""
    capability: str
    """What the cases are about."""
    date: str
    """Day of the middle one: half are newer."""


def gather(outcomes: Sequence[CaseOutcome]) -> Gathered | None:
    """Line up cases; None where fewer than two can be compared, or on too few."""
    columns = {_named(member): member for member in sharing(outcomes).members}
    if len(columns) < 2:
        return None
    chosen = [one for one in outcomes if _named(member_of(one)) in columns]
    records = _promising(records_of(_outcomes(chosen)))
    members = {name: columns[name] for name in records.models}
    return Gathered(records, members, chosen[0].capability, sorted(one.date for one in chosen)[len(chosen) // 2])


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
    for one in outcomes:
        money = (dearest if one.cost_usd is None else one.cost_usd) / (mean_usd or 1.0)
        time = one.latency_s / (mean_s or 1.0)
        yield Outcome(
            query=one.query,
            task=one.capability,
            model=_named(member_of(one)),
            score=one.score,
            cost_usd=money + _TIME_SHARE * time + _TINY,
            latency_s=one.latency_s + _TINY,
            # Only within a query do equal answers mean anything.
            answer=None if one.form is None else f"{one.query} {one.form}",
        )
