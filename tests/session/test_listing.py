"""What a session knows of models."""

from __future__ import annotations

from nubem_jupyter.session.listing import models_of
from nubem_jupyter.testing import ScriptedProvider, scripted_model


def test_only_the_models_that_are_wanted_are_looked_at_and_the_first_to_list_one_has_the_word() -> None:
    first, second = scripted_model("a/one"), scripted_model("a/two")
    other = scripted_model("a/one", local=False)
    providers = [ScriptedProvider(models=[first, second]), ScriptedProvider(models=[other])]
    assert models_of(providers, {first.id}) == {first.id: first}
    assert models_of(providers, {"a/three"}) == {}
