"""Lists of models as servers in use send them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.model import Figure
from nubem_jupyter.errors import CallFailedError
from nubem_jupyter.providers.endpoint.listing import parse_models
from nubem_jupyter.testing.conformance import check_models

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ("id", "type", "mode", "context_length", "meta", "pricing", "supported_parameters", "architecture", "max_model_len")
)


def read(*rows, local=False):
    return parse_models("mine", "the server", {"data": list(rows)}, local=local, date="2030-01-01")


@pytest.mark.parametrize(
    ("row", "context"),
    [
        ({"max_model_len": 4096}, 4096),
        ({"context_length": 8192}, 8192),
        ({"context_window": 131072}, 131072),
        ({"max_context_length": 32768}, 32768),
        ({"meta": {"n_ctx_train": 131072, "n_ctx": 4096}}, 4096),
        ({"meta": {"n_ctx_train": 131072}}, None),
        ({"context_length": 0}, None),
        ({"context_length": True}, None),
        ({"context_length": 2**64}, None),
        ({"context_length": "long"}, None),
        ({}, None),
    ],
)
def test_context_is_read_where_servers_put_it(row, context):
    assert read({"id": "m", **row})[0].context_tokens == context


def test_prices_are_listed_with_their_source_and_date():
    price = read({"id": "m", "pricing": {"prompt": "0.0000005", "completion": 0.0000015, "request": "0"}})[0].price
    assert price is not None
    assert price.input_usd == Figure(value=5e-7, source="listed: mine", date="2030-01-01")
    assert price.output_usd.value == 1.5e-6


@pytest.mark.parametrize(
    "prices",
    [
        None,
        {"prompt": "0.1"},
        {"prompt": "-1", "completion": "-1"},
        {"prompt": 10**400, "completion": 10**400},
        {"prompt": "1", "completion": "1", "request": "0.01"},
        {"prompt": "nan", "completion": "1"},
        {"input": 0.9, "output": 0.9},
        "free",
    ],
)
def test_a_price_that_is_not_whole_is_unknown(prices):
    assert read({"id": "m", "pricing": prices})[0].price is None


def test_features_are_named_as_the_router_names_them():
    row = {
        "id": "m",
        "supported_parameters": ["seed", "tools", "structured_outputs", "top_p", "reasoning"],
        "architecture": {"input_modalities": ["text", "image"]},
    }
    assert read(row)[0].features == ("json_schema", "reasoning", "seed", "tools", "vision")


@pytest.mark.parametrize("name", ["text-embedding-3-large", "whisper-1", "tts-1", "dall-e-3", "omni-moderation-latest"])
def test_what_does_not_chat_is_left_out(name):
    assert read({"id": name}) == ()


@pytest.mark.parametrize("name", ["gpt-4o", "attst", "clipper", "qwen3:8b", "org/bgem"])
def test_names_that_only_look_alike_are_kept(name):
    assert [info.id for info in read({"id": name})] == [f"mine/{name}"]


def test_a_type_that_is_told_has_the_word():
    rows = ({"id": "a", "type": "embeddings"}, {"id": "embedder", "type": "llm"}, {"id": "c", "mode": "rerank"})
    assert [info.id for info in read(*rows)] == ["mine/embedder"]


def test_a_row_that_cannot_be_read_costs_that_row():
    assert [info.id for info in read(None, {"id": 7}, {}, {"id": ""}, "x", {"id": "m"}, {"id": "m"})] == ["mine/m"]


def test_a_bare_list_is_taken():
    assert len(parse_models("mine", "it", [{"id": "m"}], local=True, date="")) == 1


@given(st.lists(st.dictionaries(FIELDS, JSON) | JSON))
def test_whatever_a_server_sends_becomes_a_list_that_is_well_formed(rows):
    check_models(read(*rows))


@given(JSON.filter(lambda content: not isinstance(content, list)))
def test_what_is_no_list_is_an_error_with_a_sentence(content):
    with pytest.raises(CallFailedError, match="the server sent no list of models"):
        parse_models("mine", "the server", content, local=False, date="")


def test_parts_of_the_tokens_with_prices_of_their_own_have_them():
    """A part at 0 is billed as the rest: nothing comes on top there, or it is free, and nobody can tell which."""
    told = {"prompt": "2e-6", "completion": "9e-6", "input_cache_read": "2e-7", "internal_reasoning": "0"}
    price = read({"id": "m", "pricing": told})[0].price
    assert price.cached_input_usd.value == 2e-7
    assert (price.cache_write_usd, price.reasoning_usd) == (None, None)
