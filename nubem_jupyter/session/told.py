"""What scored cases tell of a flow's steps: learned when it is first asked for, and kept until there are new ones."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.answer_form import kind_of
from nubem_jupyter.engine.estimator.prompts import known_prompts
from nubem_jupyter.engine.estimator.tokens import input_tokens
from nubem_jupyter.engine.estimator.told import Like, Told, ToldOfSteps
from nubem_jupyter.errors import ModelUnavailableError, StorageError

if TYPE_CHECKING:
    from nubem_jupyter.engine.success.capability import CapabilityFit
    from nubem_jupyter.session.prompt_places import PromptPlaces
    from nubem_jupyter.storage.outcomes import OutcomeStore
    from nubem_jupyter.storage.prompts import PromptStore

_LEAST_OUTCOMES = 40
"""With fewer there is nothing to learn, and the library for it is not loaded."""
_MOST_READ = 64
"""Steps whose prompts' places are remembered, for plans that are weighed anew."""


class ToldByCases:
    """Learns late, and keeps what it learned here and in the store; for any thread."""

    def __init__(self, store: PromptStore, outcomes: OutcomeStore, places: PromptPlaces) -> None:
        self._store = store
        self._outcomes = outcomes
        self._places = places
        self._known: dict[str, tuple[tuple[str, str, str], CapabilityFit]] = {}
        self._likes: dict[tuple[str, str, str, tuple[str, ...]], Mapping[ModelId, Like]] = {}
        self._learning = threading.Lock()
        """One thread learns at a time: others are likely to want the same."""
        self._keeping = threading.Lock()

    def for_flow(self, flow: Flow, inputs: Mapping[str, Any]) -> ToldOfSteps:
        """Return what is told of each model call with these inputs; for a thread that may wait.

        A store or an encoder in trouble hides what it has and breaks nothing.
        """
        texts = known_prompts(flow, inputs)
        told = {
            place: self._of_step(node.work, node.capability, texts.get(place, ()))
            for place, node in flow.walk()
            if isinstance(node.work, Prompt)
        }
        return {place: models for place, models in told.items() if models}

    def _of_step(self, work: Prompt, capability: str, texts: tuple[str, ...]) -> Mapping[ModelId, Told]:
        try:
            key = self._key(capability)
            fit = None if key is None else self._fit(*key)
        except StorageError:
            return {}
        if key is None or fit is None:
            return {}
        return fit.tell(self._like(key, fit, texts), kind_of(work, capability) or "", _tokens(work, texts))

    def _key(self, capability: str) -> tuple[str, str, str] | None:
        """Return capability, space and stamp of what can be learned; None where there are too few outcomes."""
        count, stamp = self._store.stamp(capability)
        if count < _LEAST_OUTCOMES:
            return None
        counts, spaces = self._store.spaces(capability), self._places.spaces
        # Of two spaces with as many prompts the first, which tells more.
        return capability, max(spaces, key=lambda space: counts.get(space, 0)), stamp

    def _fit(self, capability: str, space: str, stamp: str) -> CapabilityFit:
        key = (capability, space, stamp)
        known = self._known.get(capability)
        if known is not None and known[0] == key:
            return known[1]
        with self._learning:
            known = self._known.get(capability)
            if known is None or known[0] != key:
                known = self._known[capability] = key, self._learned(*key)
        return known[1]

    def _learned(self, capability: str, space: str, stamp: str) -> CapabilityFit:
        # Late: they import NumPy.
        from nubem_jupyter.engine.success.capability import CapabilityFit, learn_capability

        written = self._store.fitted(capability, space, stamp)
        if written is not None:
            try:
                return msgspec.msgpack.decode(written, type=CapabilityFit)
            except msgspec.DecodeError:
                pass  # another version wrote it: it is learned anew
        vectors = {one.query: one.packed for one in self._store.of(capability) if one.space == space}
        found = learn_capability(self._outcomes.about(capability), vectors)
        self._store.keep_fit(capability, space, stamp, msgspec.msgpack.encode(found))
        return found

    def _like(self, key: tuple[str, str, str], fit: CapabilityFit, texts: tuple[str, ...]) -> Mapping[ModelId, Like]:
        """Return what like prompts tell; nothing where the prompts are not known yet, or tell nothing."""
        if fit.prompts is None or not texts:
            return {}
        step = (*key, texts)
        likes = self._likes.get(step)
        if likes is None:
            try:
                likes = fit.prompts.tell(self._places.read(texts, key[1]))
            except ModelUnavailableError:
                return {}
            with self._keeping:
                self._likes[step] = likes
                if len(self._likes) > _MOST_READ:
                    del self._likes[next(iter(self._likes))]
        return likes


def _tokens(work: Prompt, texts: Sequence[str]) -> float | None:
    """Return how long the prompts are on average; None where they are not known yet."""
    if not texts:
        return None
    return input_tokens(work, round(fmean(map(len, texts))) - len(work.system) - len(work.prompt)).value
