"""All that scored cases of one capability tell of steps: by like prompts, by answers' lengths, and by models' pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.core.plan import Range
from nubem_jupyter.engine.estimator.lengths import Lengths, learn_lengths
from nubem_jupyter.engine.estimator.told import Beside, Like, Told
from nubem_jupyter.engine.success.pairs import Pairs, learn_pairs
from nubem_jupyter.engine.success.prediction import PromptFit, learn_prompts


class CapabilityFit(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned of a capability."""

    prompts: PromptFit | None = None
    """None where like prompts tell nothing."""
    lengths: tuple[Lengths, ...] = ()
    """Of answers."""
    pairs: tuple[Pairs, ...]
    """Models beside each other."""

    def tell(self, like: Mapping[ModelId, Like], kind: str, prompt_tokens: float | None) -> dict[ModelId, Told]:
        """Return what is told of a step with answers of a kind, beside what like prompts tell of it."""
        made: dict[ModelId, Range] = {one.model: one.of(prompt_tokens) for one in self.lengths if one.kind == kind}
        beside: dict[ModelId, dict[ModelId, Beside]] = {one.model: one.beside for one in self.pairs if one.kind == kind}
        return {
            model: Told(like.get(model), made.get(model), beside.get(model, {}))
            for model in sorted({*like, *made, *beside})
        }


def learn_capability(outcomes: Sequence[CaseOutcome], vectors: Mapping[str, bytes]) -> CapabilityFit:
    """Learn from a capability's outcomes, and the packed vectors of their queries."""
    return CapabilityFit(
        prompts=learn_prompts(outcomes, vectors), lengths=learn_lengths(outcomes), pairs=learn_pairs(outcomes)
    )
