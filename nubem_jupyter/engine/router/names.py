"""Which models the user's words mean."""

from __future__ import annotations

from collections.abc import Sequence

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import RoutingError, UnknownModelError


def named_models(names: Sequence[str], models: Sequence[ModelInfo]) -> frozenset[ModelId]:
    """Return the ids meant by exact ids or by what follows the provider in exactly one id; none means none named.

    Raises:
        UnknownModelError: no model, or more than one, has such a name.
        RoutingError: a model that is named cannot be called now.
    """
    return frozenset(find_model(name, models).id for name in names)


def find_model(name: str, models: Sequence[ModelInfo]) -> ModelInfo:
    """Return the model of this id, or the only one whose id ends so after its provider; raises as ``named_models``."""
    found = [model for model in models if model.id == name] or [
        model for model in models if model.id.partition("/")[2] == name
    ]
    if not found:
        raise UnknownModelError(f"no model is called '{name}'", hint=_suggest(name, models))
    if len(found) > 1:
        raise UnknownModelError(
            f"several models are called '{name}'", hint=f"use one of: {' '.join(sorted(one.id for one in found))}"
        )
    if not found[0].available:
        raise RoutingError(f"the model '{found[0].id}' cannot be called now", hint=found[0].missing)
    return found[0]


def _suggest(name: str, models: Sequence[ModelInfo]) -> str:
    words = {word: model.id for model in models for word in (model.id, model.id.partition("/")[2])}
    close = nearest(name, words)
    if close:
        return f"did you mean '{words[close]}'?"
    callable_now = sorted(model.id for model in models if model.available)
    return f"models that can be called: {' '.join(callable_now[:8])}" if callable_now else "no model can be called now"
