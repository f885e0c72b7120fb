"""Whose answers to the same cases can be compared, so that a cascade could be learned from them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from nubem_jupyter.core.cascade import Member
from nubem_jupyter.core.outcome import CaseOutcome

LEAST_CASES = 30
"""Cases that all members answered, of all capabilities together: with fewer nothing can be told apart."""
LEAST_OWN = 10
"""Of one capability among them; what the others tell is drawn towards what is true of it."""


class Sharing(NamedTuple):
    """Who has answered the same cases."""

    members: tuple[Member, ...]
    """Those who share enough of them, the one with most cases first; a single one shares with nobody."""
    most: int
    """Cases that the first shares with whoever shares most with it; 0 where there is nobody else."""


def sharing(outcomes: Sequence[CaseOutcome]) -> Sharing:
    """Choose who can be compared at one capability: those with most cases, as long as all of them share enough.

    One that shares less than half of what the others do would cost more than it could tell.
    """
    queries: dict[Member, set[str]] = defaultdict(set)
    for one in outcomes:
        queries[member_of(one)].add(one.query)
    order = sorted(queries, key=lambda member: (-len(queries[member]), member.sample, member.model))
    members: list[Member] = []
    shared: set[str] = set()
    for member in order:
        together = shared & queries[member] if members else queries[member]
        if len(together) >= max(LEAST_OWN, len(shared) / 2) or not members:
            members.append(member)
            shared = together
    most = max((len(queries[order[0]] & queries[member]) for member in order[1:]), default=0)
    return Sharing(tuple(members), most)


def member_of(outcome: CaseOutcome) -> Member:
    """Return whose answer it is."""
    return Member(model=outcome.model, sample=outcome.sample)


def shared_by(outcomes: Iterable[CaseOutcome], members: Collection[Member]) -> int:
    """Return how many cases, of whatever capability, all of these have answered."""
    answered = {(one.capability, one.query, member_of(one)) for one in outcomes if member_of(one) in members}
    return sum(count == len(members) for count in Counter(case[:2] for case in answered).values())


def why_not_learned(outcomes: Sequence[CaseOutcome], capability: str) -> str:
    """Say why no cascade can be learned for a capability; empty where one may be.

    ``outcomes`` are those of models that may be asked, of one kind of answer and of any capability.
    """
    own = [one for one in outcomes if one.capability == capability]
    found, models = sharing(own), len({one.model for one in own})
    if len(found.members) > 1:
        together = shared_by(outcomes, found.members)
        return "" if together >= LEAST_CASES else _shares(together, LEAST_CASES)
    if models > 1 or found.most:
        return _shares(found.most, LEAST_OWN)
    named = "no model" if not models else "only one model"
    return f"{named} that plans may choose was measured on such cases, and two are needed"


def _shares(count: int, least: int) -> str:
    return f"whoever has answered most such cases shares {count} of them with another, of {least} needed"
