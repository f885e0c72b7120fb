"""What a source of models must do."""

from __future__ import annotations

import math
import socket
from collections.abc import Sequence
from typing import NoReturn

import pytest

from nubem_jupyter.core.model import Figure, ModelInfo, Rates
from nubem_jupyter.ports import CatalogSource


def check_models(models: Sequence[ModelInfo]) -> None:
    """Assert that a list of models is one that catalog, router and display can work with."""
    ids = [model.id for model in models]
    assert len(set(ids)) == len(ids), "a model is listed twice"
    for model in models:
        _check_model(model)


def _check_model(model: ModelInfo) -> None:
    prefix, slash, name = model.id.partition("/")
    assert all((prefix, slash, name)), f"{model.id!r} is not provider/model"
    assert model.provider, f"{model.id} does not say who serves it"
    assert bool(model.missing) != model.available, f"{model.id}: 'missing' says what to do exactly when unavailable"
    assert model.context_tokens is None or model.context_tokens > 0, f"{model.id}: unknown context is None"
    assert len(set(model.features)) == len(model.features), f"{model.id} lists a feature twice"
    for figure in _figures(model):
        assert figure.source, f"{model.id} has a figure without a source"
        assert 0 <= figure.value < math.inf, f"{model.id} has the figure {figure.value}"


def _figures(model: ModelInfo) -> list[Figure]:
    price, speed = model.price, model.speed
    rates = (price, *price.tiers) if price else ()
    return [
        *(getattr(one, name) for one in rates for name in Rates.__struct_fields__ if getattr(one, name) is not None),
        *((speed.first_token_s, speed.tokens_per_s) if speed else ()),
    ]


def refuse_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every attempt to connect fail the test."""

    def refuse(*_args: object, **_kwargs: object) -> NoReturn:
        pytest.fail("listing models touched the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


class CatalogSourceConformance:
    """Promises of ``CatalogSource``. Hook: ``make`` gives a fresh source."""

    def make(self) -> CatalogSource:
        """Give a fresh source."""
        raise NotImplementedError("a conformance suite needs make()")

    def test_models_are_well_formed(self) -> None:
        """Ids, figures and availability are such that every reader can work with them."""
        check_models(self.make().models())

    def test_listing_needs_no_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Models are listed from what is on this machine."""
        refuse_network(monkeypatch)
        self.make().models()

    def test_listing_twice_gives_the_same(self) -> None:
        """The list is a function of what is installed, not of the call."""
        source = self.make()
        assert tuple(source.models()) == tuple(source.models())
