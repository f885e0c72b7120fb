"""Who may be asked at each place of a plan, in turn."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from nubem_jupyter.core.cascade import CascadePlan
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo, Site
from nubem_jupyter.core.plan import Candidate, Choice
from nubem_jupyter.engine.whereabouts import staying, strays
from nubem_jupyter.ports import Provider


class Turn(msgspec.Struct, frozen=True):
    """One model, or a cascade, that may be asked at one place."""

    model: ModelId
    """Its id; of a cascade its name."""
    reason: str
    """Why it, in a sentence."""
    info: ModelInfo | None
    """What is known of it; None where nobody lists it any more."""
    provider: Provider | None
    """Who calls it; None where the settings name nobody who does."""
    cascade: CascadePlan | None = None
    """Whom a cascade asks."""
    members: tuple[Turn, ...] = ()
    """Its members in the order of asking; none of a model."""
    sites: tuple[Site, ...] = ()
    """Those of its deployments that may be asked now, where calls are spread over several, or limits are said."""
    stray: str = ""
    """Why it may not be given the data after all: it runs elsewhere than when the plan was made."""
    tried: bool = False
    """Whether it is asked only so that more becomes known of it."""


Turns = Mapping[str, tuple[Turn, ...]]
"""Place -> the models that may be asked there, in turn."""


def at_site(info: ModelInfo, site: Site) -> ModelInfo:
    """Return a model as it is at one of its deployments, which its provider calls by that one's id."""
    return msgspec.structs.replace(
        info, id=site.id, price=site.price, local=site.local, regions=site.regions, deployments=()
    )


def turns_of(
    route: Mapping[str, Choice],
    models: Mapping[ModelId, ModelInfo],
    providers: Mapping[str, Provider],
    constraints: Constraints = Constraints(),  # noqa: B008  # a frozen value
) -> Turns:
    """Look up, once for a plan, who is asked at each place; who may not be given the data any more gets no provider."""

    def turn(model: ModelId, reason: str) -> Turn:
        info = models.get(model)
        if info is None:
            return Turn(model, reason, None, None)
        stray = strays(info, constraints)
        if stray is not None:
            return Turn(model, reason, info, None, stray=stray.reason)
        return Turn(model, reason, info, providers.get(info.caller), sites=staying(info, constraints))

    def whole(candidate: Candidate) -> Turn:
        cascade, reason = candidate.cascade, candidate.reason
        if cascade is None:
            return turn(candidate.model, reason)
        members = tuple(turn(member.model, reason) for member in cascade.members)
        return Turn(candidate.model, reason, None, None, cascade, members)

    def in_turn(choice: Choice) -> tuple[Turn, ...]:
        first, *others = (whole(candidate) for candidate in choice.in_turn)
        return (msgspec.structs.replace(first, tried=True) if choice.explored else first, *others)

    return {place: in_turn(choice) for place, choice in route.items()}
