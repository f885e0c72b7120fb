"""Who may be asked at each place of a plan, in turn."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.plan import Choice
from nubem_jupyter.ports import Provider


class Turn(msgspec.Struct, frozen=True):
    """One model that may be asked at one place."""

    model: ModelId
    """Its id."""
    reason: str
    """Why it, in a sentence."""
    info: ModelInfo | None
    """What is known of it; None where nobody lists it any more."""
    provider: Provider | None
    """Who calls it; None where the settings name nobody who does."""


Turns = Mapping[str, tuple[Turn, ...]]
"""Place -> the models that may be asked there, in turn."""


def turns_of(
    route: Mapping[str, Choice], models: Mapping[ModelId, ModelInfo], providers: Mapping[str, Provider]
) -> Turns:
    """Look up, once for a plan, who is asked at each place."""

    def turn(model: ModelId, reason: str) -> Turn:
        info = models.get(model)
        return Turn(model, reason, info, providers.get(info.caller) if info else None)

    return {
        place: tuple(turn(candidate.model, candidate.reason) for candidate in choice.in_turn)
        for place, choice in route.items()
    }
