"""What a session knows of models."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from nubem_jupyter.session.listing import models_of
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import ScriptedProvider, scripted_model
from nubem_jupyter.testing.conformance import CatalogSourceConformance


def test_only_the_models_that_are_wanted_are_looked_at_and_the_first_to_list_one_has_the_word() -> None:
    first, second = scripted_model("a/one"), scripted_model("a/two")
    other = scripted_model("a/one", local=False)
    providers = [ScriptedProvider(models=[first, second]), ScriptedProvider(models=[other])]
    assert models_of(providers, {first.id}) == {first.id: first}
    assert models_of(providers, {"a/three"}) == {}


class TestASessionAsASource(CatalogSourceConformance):
    """Whoever lists models may stand in for whatever else does, and a session does."""

    @pytest.fixture(autouse=True)
    def opened(self, tmp_path: Path) -> Iterator[None]:
        self.settings = Settings(home=tmp_path, workspace=tmp_path)
        self.sessions: list[Session] = []
        yield
        for session in self.sessions:
            asyncio.run(session.aclose())

    def make(self) -> Session:
        self.sessions.append(Session(self.settings, {}))
        return self.sessions[-1]
