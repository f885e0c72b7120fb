"""A cascade as a plan holds it: several calls make one answer, and what is asked next follows from who agrees.

Which answers agree is told by a *pattern*, a character for each call in the order of asking: equal answers have equal
letters, the first ones first, and ``-`` stands where there is nothing to compare. ``aab-`` is two that agree, one that
says otherwise, and one without an answer. Answers that tell of themselves have capitals: ``AAa`` is two that say that
no tool fits, where that is one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec

from nubem_jupyter.core.frozen import freeze_fields
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence
from nubem_jupyter.errors import FlowError


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is asked."""

    model: ModelId
    """Which model."""
    sample: int = 0
    """Which of its answers, counted from 0: a model that draws by chance may be asked more than once."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Whose answer is the likeliest to be right; stored as a pair, since a cascade has many of them."""

    member: int
    """Its place in the order of asking."""
    chance: float
    """That it is right, 0 to 1; 0 where nothing can be said."""


class Weights(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """How answers are weighed once so many members were asked; see ``engine.ballot``."""

    votes: tuple[float, ...]
    """What each member adds to the answer that it gives, in the order of asking."""
    against: float
    """What speaks for none of the answers being right."""
    told: tuple[float, ...] = ()
    """What each answer that tells of itself adds to itself, in the order of their letters."""


class CascadePlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom to ask, in which order, and when to stop."""

    members: tuple[Member, ...]
    """In the order of asking."""
    at_once: int = 1
    """So many of the first ones are asked at the same time, the others one after the other."""
    verdicts: Mapping[str, Verdict] = {}
    """Pattern of the answers so far -> whose is the likeliest; those that cases met often. Where there is none the
    answers are weighed, and without weights the next member is asked."""
    sure: tuple[float, ...] = ()
    """An answer is taken where it is right with this chance: once those who are asked at once have answered, once one
    more has, and so on, and the likeliest one when all have. Where there is none, one that there is a verdict on."""
    weights: tuple[Weights, ...] = ()
    """How answers are weighed, from when those who are asked at once have answered until all have; or none at all."""
    skills: tuple[float, ...] = ()
    """Mean score of each member where answers are weighed: of those who agree the most skilled one's is taken."""
    telling: Mapping[str, str] = {}
    """Digest of an answer that tells of itself whether it is right -> its letter, from A on."""

    # Raises FlowError where what is said of the members cannot be true of them.
    def __post_init__(self) -> None:
        freeze_fields(self, "verdicts", "telling")
        count = len(self.members)
        if not 1 <= self.at_once <= count:
            raise FlowError(
                f"a cascade of {count} members cannot ask {self.at_once} of them at once",
                hint="give it members, and at_once from 1 to as many as there are",
            )
        for pattern, verdict in self.verdicts.items():
            if not 0 <= verdict.member < len(pattern) <= count:
                raise FlowError(
                    f"the verdict on '{pattern}' takes the answer of member {verdict.member}, who has none there",
                    hint=f"the cascade has {count} members, from 0 on, and a pattern a sign for each who was asked",
                )
        self._check_weights()

    def _check_weights(self) -> None:
        if len(self.sure) not in (0, len(self.members) - self.at_once):
            raise FlowError(
                f"a cascade of {len(self.members)} members cannot be sure by {len(self.sure)} chances",
                hint="give it a chance for each number of members that may have answered, but for all of them",
            )
        count, turns = len(self.members), range(self.at_once, len(self.members) + 1)
        expected = [(asked, len(self.telling)) for asked in turns] if self.weights else []
        if [(len(one.votes), len(one.told)) for one in self.weights] != expected or (
            self.weights and len(self.skills) != count
        ):
            raise FlowError(
                f"the weights of a cascade of {count} members do not fit them",
                hint="give it weights for each number of members that may have answered, and a skill for each member",
            )

    @property
    def models(self) -> tuple[ModelId, ...]:
        """The models that may be asked, each once."""
        return tuple(dict.fromkeys(member.model for member in self.members))

    @property
    def name(self) -> ModelId:
        """What it is called beside models: ``a + b then c``, with ``3 × a`` for so many answers of one."""
        first, later = self.members[: self.at_once], self.members[self.at_once :]
        runs = [list(run) for _, run in groupby(later, key=lambda member: member.model)]
        return ModelId(" then ".join(names_of([member.model for member in some]) for some in (first, *runs)))


class LearnedCascade(msgspec.Struct, frozen=True, kw_only=True):
    """A cascade that evaluations found to be worth having, with what it did there."""

    cascade: CascadePlan
    """Whom it asks, and when it stops."""
    asked: tuple[float, ...]
    """How often each member was asked, as a share of the cases."""
    evidence: Evidence
    """How often its answers were right."""
    dearer: float = 1.0
    """What it cost beside its members' mean calls, as often as they were asked: later ones meet the harder cases."""
    slower: float = 1.0
    """Likewise its time: of answers that come together the slowest counts, which is later than the slowest on average.
    """


def names_of(models: Sequence[str]) -> str:
    """Write models that do something together: ``a + b``, with ``3 × a`` for so many answers of one."""
    return " + ".join(name if count == 1 else f"{count} × {name}" for name, count in Counter(models).items())
