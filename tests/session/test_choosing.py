"""Which models a listing shows, and in which order."""

from __future__ import annotations

import msgspec

from nubem_jupyter.session.choosing import choose
from nubem_jupyter.testing import scripted_model

ALL = {"words": [], "provider": (), "require": (), "max_price": None, "all": True, "limit": None}


def listed(name, *, available=True):
    return msgspec.structs.replace(scripted_model(name, local=False), available=available)


def test_a_word_that_names_a_provider_puts_its_models_before_those_that_only_contain_it():
    models = [listed("far/openai/a"), listed("openai/b", available=False), listed("openai/c"), listed("far/d")]
    chosen = choose(models, {**ALL, "words": ["OpenAI"]})
    assert [model.id for model in chosen.shown] == ["openai/c", "far/openai/a", "openai/b"]
