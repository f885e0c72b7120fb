"""Recorded answers in the place of the models that gave them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.core.run import Run
from nubem_jupyter.core.text import shorten
from nubem_jupyter.ports import Provider
from nubem_jupyter.providers.replay import ReplayProvider

_SHOWN_CHARS = 80
_NOTHING = Figure(value=0.0, source="replay")
_FREE = Price(input_usd=_NOTHING, output_usd=_NOTHING)


class Replay(NamedTuple):
    """What stands in for every model of a run."""

    models: dict[ModelId, ModelInfo]
    """The models under their own names; they cost nothing a second time."""
    providers: dict[str, Provider]
    """The one provider that has the answers."""


def replay_of(recorded: Run, run: Run, answers: Mapping[str, Answer], models: Mapping[ModelId, ModelInfo]) -> Replay:
    """Put the answers behind the names of the models that gave them, those that took another's place included."""
    provider = ReplayProvider(answers, why=difference(recorded, run))
    chosen = {model for choice in run.plan.route.values() for candidate in choice.in_turn for model in candidate.models}
    names = {name: models.get(name) or ModelInfo(id=name, provider="") for name in chosen}
    free = {name: msgspec.structs.replace(info, via=provider.name, price=_FREE) for name, info in names.items()}
    return Replay(free, {provider.name: provider})


def difference(recorded: Run, run: Run) -> str:
    """Say in what a run differs from the one on record; empty where it asks for the same."""
    old, new = recorded.plan, run.plan
    if old.request and new.request and old.request != new.request:
        return f"the request differs from that of run {recorded.id}, which was: {shorten(old.request, _SHOWN_CHARS)}"
    names = [
        name
        for name in dict.fromkeys((*recorded.inputs, *run.inputs))
        if name not in recorded.inputs or name not in run.inputs or recorded.inputs[name] != run.inputs[name]
    ]
    if names:
        return f"the input {', '.join(names)} differs from that of run {recorded.id}"
    return "" if old.flow == new.flow else f"the flow differs from that of run {recorded.id}"
