"""What a cascade does next: pure, and by what the plan holds alone, so that a run that goes on decides the same."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from nubem_jupyter.core.cascade import CascadePlan, Verdict, names_of
from nubem_jupyter.engine.answer_form import digest_of
from nubem_jupyter.engine.ballot import NOTHING, verdict_on

T = TypeVar("T", bound=Hashable)


class Said(msgspec.Struct, frozen=True):
    """What came of asking one member."""

    answered: bool
    """Whether there is a value that could be taken."""
    form: str | None = None
    """The value in the form in which values are compared; None where it cannot be."""


class AskMembers(NamedTuple):
    """Ask these members, at the same time."""

    begin: int
    """Place of the first."""
    end: int
    """Place after the last."""


class Take(NamedTuple):
    """Take a member's answer."""

    member: int
    """Its place."""
    agreeing: tuple[int, ...]
    """Places of all that say the same, its own included."""
    chance: float
    """That it is right, by what was learned; 0 where nothing can be said."""


class NoAnswer(NamedTuple):
    """Every member was asked, and none has an answer."""


def following(cascade: CascadePlan, said: Sequence[Said]) -> AskMembers | Take | NoAnswer:
    """Say what is next, given what the first members said, in the order of asking."""
    if len(said) < cascade.at_once:
        return AskMembers(len(said), cascade.at_once)
    if len(said) < len(cascade.members) and not _is_sure(cascade, said):
        return AskMembers(len(said), len(said) + 1)
    return so_far(cascade, said)


def so_far(cascade: CascadePlan, said: Sequence[Said]) -> Take | NoAnswer:
    """Say whose answer is taken where nobody more is asked: all were, or there is no time for it."""
    verdict = _verdict(cascade, said)
    member = _with_answer(said, verdict)
    if member is None:
        return NoAnswer()
    chance = verdict.chance if verdict is not None and verdict.member == member else 0.0
    return Take(member, _agreeing(said, member), chance)


def told(cascade: CascadePlan, taken: Take, asked: int, *, is_late: bool = False) -> str:
    """Say in a few words how the answer came about, of so many that were asked; ``is_late``: time was up."""
    names = [member.model for member in cascade.members]
    if len(taken.agreeing) > 1:
        how = f"{names_of([names[place] for place in taken.agreeing])} agreed"
    elif is_late:
        how = f"time was up, {names[taken.member]} was taken"
    elif asked == 1:
        how = f"{names[taken.member]} was sure enough"
    else:
        how = f"nobody agreed with another, {names[taken.member]} was taken"
    return f"{how} (right with a chance of {taken.chance:.0%})" if taken.chance else how


def pattern_of(forms: Sequence[T | None], capitals: Mapping[T, str]) -> str:
    """Return who agrees with whom; ``capitals`` has the letters of answers that tell of themselves."""
    plain = dict.fromkeys(form for form in forms if form is not None and form not in capitals)
    letters = {form: chr(ord("a") + number) for number, form in enumerate(plain)} | dict(capitals)
    return "".join(NOTHING if form is None else letters[form] for form in forms)


def _verdict(cascade: CascadePlan, said: Sequence[Said]) -> Verdict | None:
    forms, telling = [one.form for one in said], cascade.telling
    # Nothing is digested where no answer tells of itself.
    known = {form: telling.get(digest_of(form)) for form in forms if form is not None} if telling else {}
    return verdict_on(cascade, pattern_of(forms, {form: letter for form, letter in known.items() if letter}))


def _is_sure(cascade: CascadePlan, said: Sequence[Said]) -> bool:
    verdict = _verdict(cascade, said)
    least = cascade.sure[len(said) - cascade.at_once] if cascade.sure else 0.0
    return verdict is not None and verdict.chance >= least


def _with_answer(said: Sequence[Said], verdict: Verdict | None) -> int | None:
    """Return whose answer is taken: the verdict's, else the one that most gave; of as many the last one's."""
    if verdict is not None and said[verdict.member].answered:
        return verdict.member
    answered = (place for place, one in enumerate(said) if one.answered)
    return max(answered, key=lambda place: (len(_agreeing(said, place)), place), default=None)


def _agreeing(said: Sequence[Said], member: int) -> tuple[int, ...]:
    form = said[member].form
    return tuple(place for place, one in enumerate(said) if place == member or (form is not None and one.form == form))
