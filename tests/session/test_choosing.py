"""Which models a listing shows, and in which order."""

from __future__ import annotations

import msgspec
import pytest

from nubem_jupyter.errors import UsageError
from nubem_jupyter.session.choosing import check_alone, choose
from nubem_jupyter.testing import scripted_model

ALL = {"words": [], "provider": (), "require": (), "max_price": None, "all": True, "limit": None}


def listed(name, *, available=True):
    return msgspec.structs.replace(scripted_model(name, local=False), available=available)


def test_a_word_that_names_a_provider_puts_its_models_before_those_that_only_contain_it():
    models = [listed("far/openai/a"), listed("openai/b", available=False), listed("openai/c"), listed("far/d")]
    chosen = choose(models, {**ALL, "words": ["OpenAI"]})
    assert [model.id for model in chosen.shown] == ["openai/c", "far/openai/a", "openai/b"]


def test_a_whole_id_is_the_one_that_is_meant_also_where_it_cannot_be_called():
    models = [listed("openai/gpt-4o-mini"), listed("openai/gpt-4o", available=False)]
    chosen = choose(models, {**ALL, "all": False, "words": ["openai/gpt-4o"]})
    assert (chosen.one, chosen.shown) == (models[1], (models[1],))


def test_a_model_of_the_very_name_comes_before_those_that_only_contain_it():
    models = [listed("openai/gpt-4o-mini"), listed("openai/gpt-4o"), listed("far/openai/gpt-4o")]
    chosen = choose(models, {**ALL, "words": ["gpt-4o"]})
    assert chosen.shown[0].id == "openai/gpt-4o"


def test_a_pattern_with_a_slash_is_about_the_whole_id():
    models = [listed("far/openai/a"), listed("openai/b")]
    assert [model.id for model in choose(models, {**ALL, "words": ["openai/*"]}).shown] == ["openai/b"]


@pytest.mark.parametrize(
    ("word", "meant"), [("referesh", "refresh"), ("opnai/gpt-4o", "openai/gpt-4o"), ("gtp-4o", "gpt-4o"), ("zzz", "")]
)
def test_a_word_that_no_model_has_is_a_mistake(word, meant):
    with pytest.raises(UsageError, match=f"has '{word}' in its name") as told:
        choose([listed("openai/gpt-4o"), listed("far/d")], {**ALL, "words": [word]})
    assert told.value.hint == (f"did you mean '{meant}'?" if meant else "see: nubem models --all")


def test_refresh_takes_no_name():
    check_alone(["refresh"])
    check_alone(["some", "openai"])
    with pytest.raises(UsageError, match="takes no name"):
        check_alone(["refresh", "openai"])
