"""Whose answers to the same cases can be compared, so that a cascade could be learned from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from nubem_jupyter.core.cascade import Member
from nubem_jupyter.core.outcome import CaseOutcome

LEAST_CASES = 30
"""Cases that all members answered; with fewer the ranges are too wide to choose by."""


class Sharing(NamedTuple):
    """Who has answered the same cases."""

    members: tuple[Member, ...]
    """Those who share enough of them, the one with most cases first; a single one shares with nobody."""
    most: int
    """Cases that the first shares with whoever shares most with it; 0 where there is nobody else."""


def sharing(outcomes: Sequence[CaseOutcome]) -> Sharing:
    """Choose who can be compared: those with most cases, as long as the cases that all of them share stay enough.

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
        if len(together) >= max(LEAST_CASES, len(shared) / 2) or not members:
            members.append(member)
            shared = together
    most = max((len(queries[order[0]] & queries[member]) for member in order[1:]), default=0)
    return Sharing(tuple(members), most)


def member_of(outcome: CaseOutcome) -> Member:
    """Return whose answer it is."""
    return Member(model=outcome.model, sample=outcome.sample)


def why_not_learned(outcomes: Sequence[CaseOutcome]) -> str:
    """Say why no cascade can be learned from these, which are of models that may be asked; empty where one may be."""
    found = sharing(outcomes)
    if len(found.members) > 1:
        return ""
    models = len({one.model for one in outcomes})
    if models > 1 or found.most:
        return f"whoever has answered most such cases shares {found.most} of them with another, of {LEAST_CASES} needed"
    named = "no model" if not models else "only one model"
    return f"{named} that plans may choose was measured on such cases, and two are needed"
