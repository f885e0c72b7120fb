"""The echo model keeps a provider's promises and repeats honestly."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.call import Answer, Message, ModelCall
from nubem_jupyter.errors import CallRejectedError
from nubem_jupyter.ports import Provider
from nubem_jupyter.providers.echo import ECHO_MODEL, EchoProvider
from nubem_jupyter.providers.specimen import specimen
from nubem_jupyter.testing import gather
from nubem_jupyter.testing.conformance import ProviderConformance


class TestEchoProvider(ProviderConformance):
    model = ECHO_MODEL

    def make(self) -> Provider:
        return EchoProvider()


async def echo(text: str, **fields: Any) -> Answer:
    call = ModelCall(model=ECHO_MODEL, messages=(Message(role="user", content=text),), **fields)
    return (await gather(EchoProvider(), call)).answer


async def test_it_repeats_the_last_turn_as_it_stands() -> None:
    answer = await echo("  one\n  two\tthree ")
    assert (answer.text, answer.finish_reason) == ("one\n  two\tthree", "stop")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (3, 3)


async def test_a_blank_turn_has_a_blank_answer() -> None:
    assert (await echo(" \n")).text == ""
    assert (await echo(" \n", temperature=1.0, seed=3)).text == ""


async def test_the_ceiling_counts_words() -> None:
    answer = await echo("one two three four", max_tokens=2)
    assert (answer.text, answer.finish_reason, answer.usage.output_tokens) == ("one two", "length", 2)


async def test_seeds_matter_only_with_a_temperature() -> None:
    text = "one two three four five six seven eight"
    warm = {(await echo(text, temperature=1.0, seed=seed)).text for seed in (1, 1, 2, 2, 3)}
    cold = {(await echo(text, seed=seed)).text for seed in (1, 2, 3)}
    assert len(warm) == 3
    assert cold == {text}
    assert all(sorted(answer.split()) == sorted(text.split()) for answer in warm)


def test_it_is_marked_as_a_model_for_tests() -> None:
    (model,) = EchoProvider().models()
    assert "testing" in model.features
    assert model.price is not None
    assert model.price.output_usd.value == 0


SCHEMAS: dict[str, dict[str, Any]] = {
    "nothing said": {},
    "text": {"type": "string"},
    "short text": {"type": "string", "maxLength": 2},
    "long text": {"type": "string", "minLength": 9},
    "bounded": {"type": "integer", "minimum": 3, "maximum": 5},
    "above": {"type": "integer", "exclusiveMinimum": 3},
    "below": {"type": "integer", "exclusiveMaximum": -3},
    "at most": {"type": "number", "maximum": -2.5},
    "between": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5},
    "multiple": {"type": "number", "minimum": 5, "multipleOf": 4},
    "flag": {"type": "boolean"},
    "null": {"type": "null"},
    "choice": {"enum": ["a", 1]},
    "constant": {"const": {"a": [1]}},
    "several types": {"type": ["string", "null"]},
    "list": {"type": "array", "items": {"type": "integer"}, "minItems": 2},
    "empty list": {"items": {"type": "integer"}},
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}, "minItems": 2},
    "contains": {"type": "array", "contains": {"const": 5}},
    "alternatives": {"anyOf": [{"type": "integer", "minimum": 4}, {"type": "string"}]},
    "one of": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
    "all of": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "string"}}, "required": ["b"]},
        ]
    },
    "reference": {
        "$ref": "#/$defs/a~1b",
        "$defs": {"a/b": {"type": "object", "properties": {"next": {"$ref": "#/$defs/a~1b"}}}},
    },
    "old reference": {"items": {"$ref": "#/definitions/n"}, "minItems": 1, "definitions": {"n": {"type": "number"}}},
    "map": {"type": "object", "required": ["x"], "additionalProperties": {"type": "integer"}},
    "anything": {"type": "object", "properties": {"a": True}, "required": ["a"]},
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
async def test_a_schema_gets_an_instance(schema: dict[str, Any]) -> None:
    jsonschema.validate(json.loads((await echo("x", schema=schema)).text), schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[0-9]{4}$"},
        {"type": "nonsense"},
        {"not": {}},
        {"type": "array", "contains": False},
        {"$ref": "#/$defs/nowhere"},
        {"$ref": "https://example.invalid/schema.json"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
        {
            "$ref": "#/$defs/a",
            "$defs": {"a": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "required": ["a"]}},
        },
    ],
)
async def test_a_schema_that_cannot_be_met_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(CallRejectedError):
        await echo("x", schema=schema)


def _objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    fields = st.dictionaries(st.text(max_size=3), inner, max_size=3)
    objects = fields.map(lambda named: {"type": "object", "properties": named, "required": sorted(named)})
    lists = st.builds(lambda items, n: {"type": "array", "items": items, "minItems": n}, inner, st.integers(0, 3))
    return objects | lists | st.lists(inner, min_size=1, max_size=2).map(lambda several: {"anyOf": several})


_NUMBERS = st.builds(
    lambda low, width: {"type": "number", "minimum": low, "maximum": low + width},
    st.integers(-100, 100),
    st.integers(0, 9),
)
_STRINGS = st.builds(
    lambda least, more: {"type": "string", "minLength": least, "maxLength": least + more},
    st.integers(0, 9),
    st.integers(0, 9),
)


@given(st.recursive(_NUMBERS | _STRINGS | st.just({"type": "boolean"}) | st.just({"enum": ["a"]}), _objects))
def test_every_ordinary_schema_gets_an_instance(schema: dict[str, Any]) -> None:
    jsonschema.validate(specimen(schema), schema)
