"""What is known of a model is kept with its source, and found by capability."""

import msgspec
from hypothesis import given

from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Tier
from nubem_jupyter.testing.strategies import model_infos


@given(model_infos())
def test_a_model_survives_a_round_trip(model):
    again = msgspec.json.decode(msgspec.json.encode(model), type=ModelInfo)
    assert (again, hash(again)) == (model, hash(model))


@given(model_infos())
def test_evidence_is_found_by_capability_and_none_is_lost(model):
    found = [entry for name in {entry.capability for entry in model.evidence} for entry in model.evidence_for(name)]
    assert sorted(map(repr, found)) == sorted(map(repr, model.evidence))


def test_a_capability_that_nobody_measured_has_no_evidence():
    entry = Evidence(capability="translate", n=1, score_sum=1.0, source="suite", date="2026-01-02")
    assert ModelInfo(id="local/a", provider="local", evidence=(entry,)).evidence_for("answer") == ()


def test_a_model_is_called_by_the_adapter_that_it_names_and_else_by_its_provider():
    assert ModelInfo(id="openai/a", provider="openai", via="litellm").caller == "litellm"
    assert ModelInfo(id="local/a", provider="local").caller == "local"


def test_the_most_that_a_token_can_cost_is_the_price_of_its_dearest_part():
    def figure(value):
        return Figure(value=value, source="listed")

    plain = Price(input_usd=figure(2.0), output_usd=figure(3.0))
    assert plain.most_usd == (2.0, 3.0)
    parts = {"cached_input_usd": figure(0.5), "cache_write_usd": figure(2.5), "reasoning_usd": figure(9.0)}
    assert msgspec.structs.replace(plain, **parts).most_usd == (2.5, 9.0)


def test_a_long_prompt_has_the_price_of_its_length():
    def figure(value):
        return Figure(value=value, source="listed")

    tier = Tier(above_tokens=1000, input_usd=figure(2.0), output_usd=figure(6.0))
    higher = Tier(above_tokens=5000, input_usd=figure(4.0), output_usd=figure(8.0))
    price = Price(input_usd=figure(1.0), output_usd=figure(3.0), tiers=(tier, higher))
    assert [price.rates(tokens).input_usd.value for tokens in (0, 1000, 1001, 9000)] == [1.0, 1.0, 2.0, 4.0]
    assert price.rates(9000).output_usd.value == 8.0
