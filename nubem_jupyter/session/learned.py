"""The cascades that a plan may choose from: learned from what evaluations here found, when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from statistics import fmean
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from nubem_jupyter.core.cascade import LearnedCascade
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.digest import digest
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import STANDS_IN, ModelInfo, ResultsChange
from nubem_jupyter.core.outcome import CaseOutcome, Stamp
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.answer_form import kind_of
from nubem_jupyter.engine.router.names import named_models
from nubem_jupyter.engine.sharing import LEAST_CASES, LEAST_OWN, why_not_learned
from nubem_jupyter.engine.whereabouts import strays
from nubem_jupyter.errors import StorageError

if TYPE_CHECKING:
    from nubem_jupyter.storage.outcomes import Fit, OutcomeStore

_LEAST_OUTCOMES = 2 * LEAST_CASES
_LEAST_OWN_OUTCOMES = 2 * LEAST_OWN
"""With fewer there is nothing to learn, and the library for it is not loaded."""

_Changes = Sequence[ResultsChange]
Learned = Mapping[str, Sequence[LearnedCascade]]
"""Place -> the cascades for it."""


class _Learning:
    """What is learned of the same outcomes and models, by whoever asks first; the others wait for it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.fit: Fit | None = None


_Key = tuple[tuple[Stamp, ...], str]
"""The stamps of a kind of answer, and a digest of the models."""


class LearnedCascades:
    """Learns late and keeps what it learned, here and in the store, until there are new outcomes."""

    def __init__(self, store: OutcomeStore, wall_clock: Callable[[], float]) -> None:
        self._store = store
        self._wall_clock = wall_clock
        self._known: dict[_Key, _Learning] = {}
        self._guard = Lock()

    def for_flow(self, flow: Flow, constraints: Constraints, models: Sequence[ModelInfo]) -> Learned:
        """Return the cascades for each model call whose answers can be compared; for a thread that may wait.

        Only models that may be asked take part. A store in trouble hides what it has and breaks nothing.
        """
        tasks = {place: task for place, node in flow.walk() if (task := _task(node.work, node.capability)) is not None}
        if not tasks:
            return {}
        try:
            stamps = _enough(self._store.stamps())
            wanted = {task for task in tasks.values() if task in stamps}
            able = _able(models, constraints) if wanted else frozenset()
            changed = {info.id: info.changes for info in models if info.changes}
            found = {
                task: self._discounted(self._faded(self._learned(stamps[task], able).get(task[0], ())), task, changed)
                for task in wanted
            }
        except StorageError:
            return {}
        return {place: found[task] for place, task in tasks.items() if found.get(task)}

    def outlook(
        self, capability: str, kind: str, models: Sequence[ModelInfo]
    ) -> tuple[tuple[LearnedCascade, ...], str]:
        """Return the cascades that plans may choose for steps with such answers, or why there are none.

        Raises:
            StorageError: the store cannot be read.
        """
        able, stamps = _able(models, Constraints()), [one for one in self._store.stamps() if one.kind == kind]
        lack = why_not_learned(self._outcomes(stamps, able), capability)
        if lack:
            return (), lack
        learned = self._learned(tuple(stamps), able).get(capability, ())
        return learned, "" if learned else "none was found that is worth its calls beside a model alone"

    def _outcomes(self, stamps: Sequence[Stamp], able: Collection[ModelId]) -> list[CaseOutcome]:
        """Return what models that may be asked did, of one kind of answer."""
        return [
            outcome for one in stamps for outcome in self._store.of(one.capability, one.kind) if outcome.model in able
        ]

    def _learned(self, stamps: tuple[Stamp, ...], able: Collection[ModelId]) -> Fit:
        outcomes = self._outcomes(stamps, able)
        models = digest(sorted({one.model for one in outcomes}))
        learning = self._of(stamps, models)
        with learning.lock:
            if learning.fit is None:
                learning.fit = self._fit(stamps, models, outcomes)
            return learning.fit

    def _of(self, stamps: tuple[Stamp, ...], models: str) -> _Learning:
        """Return where this is learned once, and let go of what older outcomes of the kind taught."""
        with self._guard:
            old = [key for key in self._known if key[0] != stamps and key[0][0].kind == stamps[0].kind]
            for key in old:
                del self._known[key]
            return self._known.setdefault((stamps, models), _Learning())

    def _fit(self, stamps: tuple[Stamp, ...], models: str, outcomes: Sequence[CaseOutcome]) -> Fit:
        known = self._store.fitted(stamps, models)
        if known is not None:
            return known
        # Late: it imports NumPy.
        from nubem_jupyter.engine.cascade.learned import learn_cascades

        learned = learn_cascades(outcomes)
        self._store.keep_fit(stamps, models, learned)
        return learned

    def _faded(self, learned: Sequence[LearnedCascade]) -> tuple[LearnedCascade, ...]:
        """Let what was learned count for less as it grows old, as evidence of models does."""
        from nubem_jupyter.catalog.fading import faded

        weighed = ((one, faded((one.evidence,), self._wall_clock())) for one in learned)
        return tuple(msgspec.structs.replace(one, evidence=evidence[0]) for one, evidence in weighed if evidence)

    def _discounted(
        self, learned: tuple[LearnedCascade, ...], task: tuple[str, str], changed: Mapping[ModelId, _Changes]
    ) -> tuple[LearnedCascade, ...]:
        """Let it count for less where a member's results at the capability have changed since its cases."""
        from nubem_jupyter.catalog.changes import weight_among

        # What one step's check tells is about that step alone.
        about = {
            model: [one for one in all_ if one.capability == task[0] and not one.task]
            for model, all_ in changed.items()
        }
        members = {member.model for one in learned for member in one.cascade.members if about.get(member.model)}
        if not members:
            return learned
        left: dict[ModelId, list[float]] = {}
        for outcome in self._store.of(*task):
            if outcome.model in members:
                left.setdefault(outcome.model, []).append(weight_among(outcome.date, about[outcome.model]))
        weights = {model: fmean(each) for model, each in left.items()}
        return tuple(
            _weighed(one, min(weights.get(member.model, 1.0) for member in one.cascade.members)) for one in learned
        )


def _weighed(learned: LearnedCascade, weight: float) -> LearnedCascade:
    evidence = msgspec.structs.replace(learned.evidence, weight=learned.evidence.weight * weight)
    return msgspec.structs.replace(learned, evidence=evidence)


def _enough(stamps: Sequence[Stamp]) -> dict[tuple[str, str], tuple[Stamp, ...]]:
    """Return, for each task with enough outcomes to learn from, the stamps of all of its kind of answer."""
    kinds = {kind: tuple(one for one in stamps if one.kind == kind) for kind in {one.kind for one in stamps}}
    return {
        (one.capability, one.kind): kinds[one.kind]
        for one in stamps
        if one.count >= _LEAST_OWN_OUTCOMES and sum(other.count for other in kinds[one.kind]) >= _LEAST_OUTCOMES
    }


def _task(work: object, capability: str) -> tuple[str, str] | None:
    kind = kind_of(work, capability) if isinstance(work, Prompt) else None
    return None if kind is None else (capability, kind)


def _able(models: Sequence[ModelInfo], constraints: Constraints) -> frozenset[ModelId]:
    """Return the models that may be asked at all; which of them may do a step the router says."""
    named = named_models(constraints.models, models)
    return frozenset(
        info.id
        for info in models
        if info.available
        and (info.id in named if constraints.models else STANDS_IN not in info.features)
        and strays(info, constraints) is None
    )
