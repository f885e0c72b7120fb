"""Putting an evaluation on record, with what it says about models."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from nubem_jupyter.core.evaluation import Evaluation, Lesson
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.evaluator import evidence_from
from nubem_jupyter.errors import StorageError

if TYPE_CHECKING:
    from nubem_jupyter.session.session import Session


class Observed(NamedTuple):
    """What the runs of an evaluation told of the models that it names."""

    outcomes: Sequence[CaseOutcome]
    """What each run told of its case."""
    prompts: Mapping[str, str]
    """What was asked, by the query's digest; it is not kept, only where it lies among other prompts."""
    kinds: frozenset[str]
    """Which kinds of answers that can be compared were asked for."""
    lack: str
    """Why runs told nothing for cascades; empty where they could."""
    method: str = ""
    """Digest of how it was measured; see ``Evidence.method``."""


def file_evaluation(session: Session, evaluation: Evaluation, observed: Observed | None) -> Evaluation:
    """Record the evaluation, and what its models did as evidence for routing; return it with what that changed.

    ``observed`` is None where the targets are no models, or nobody said what the cases are about.
    A store that cannot be written is warned of and no error: the answers were paid for, and the caller has them.
    """
    try:
        session.evaluations.save(evaluation)
        found = {} if observed is None else dict(evidence_from(evaluation, evaluation.capability, observed.method))
        for model, entry in found.items():
            session.evidence.add(model, entry)
        if observed is not None:
            session.outcomes.add(observed.outcomes)
            session.prompts.add(session.prompt_places.of(observed.prompts))
        cases = {model: entry.n for model, entry in found.items()}
        evaluation = msgspec.structs.replace(evaluation, lesson=_lesson(session, evaluation, observed, cases))
        session.evaluations.save(evaluation)
    except StorageError as error:
        warnings.warn(f"the evaluation is not on record: {error.message}", stacklevel=1)
        lesson = Lesson(uncounted="it could not be put on record")
        evaluation = msgspec.structs.replace(evaluation, lesson=lesson)
    return evaluation


def _lesson(session: Session, evaluation: Evaluation, observed: Observed | None, cases: dict[ModelId, int]) -> Lesson:
    """Say what routing makes of what was put on record."""
    if observed is None:
        return Lesson(uncounted=_NO_MODELS if evaluation.capability else _NO_CAPABILITY)
    cascades, lack = _cascades(session, evaluation.capability, observed)
    return Lesson(
        cases=cases,
        uncounted="" if cases else _uncounted(evaluation),
        cascades=cascades,
        no_cascade="" if cascades else lack,
    )


def _uncounted(evaluation: Evaluation) -> str:
    if all(sample.score is None for sample in evaluation.samples):
        return "there is no answer that was scored"
    return "more than one target was tried on each model, so that no scores are the model's own"


def _cascades(session: Session, capability: str, observed: Observed) -> tuple[tuple[ModelId, ...], str]:
    """Return the cascades that plans may choose from now, or why there are none."""
    if not session.settings.cascades:
        return (), "the setting cascades is off"
    if not observed.kinds:
        return (), observed.lack
    models = session.models()
    found = [session.learned.outlook(capability, kind, models) for kind in sorted(observed.kinds)]
    names = dict.fromkeys(one.cascade.name for learned, _ in found for one in learned)
    return tuple(names), found[0][1]


_NO_CAPABILITY = "no capability was named that it could count for (as --capability classify does)"
_NO_MODELS = "no models were named to be tried each by itself (as --models a,b does)"
