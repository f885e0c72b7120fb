"""Equal calls share a key however they were made; a change of anything that decides an answer changes it."""

import re
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.call import Message, ModelCall
from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.engine import cache_key
from nubem_jupyter.engine.cache_key import model_key, tool_key
from nubem_jupyter.testing.strategies import json_values, model_ids, words

LOW = SecurityLevel.LOW
CALL = ModelCall(model="local/a", messages=(Message(role="user", content="hi"),))
MESSAGES = st.builds(Message, role=st.sampled_from(("system", "user", "assistant")), content=words)
SCHEMAS = st.none() | st.dictionaries(words, json_values(4), max_size=4)
FIELDS = {
    "model": model_ids,
    "messages": st.lists(MESSAGES, max_size=3).map(tuple),
    "max_tokens": st.integers(1, 4096),
    "temperature": st.floats(0, 2),
    "seed": st.integers(0, 2**31),
    "schema": SCHEMAS,
}
CALLS = st.builds(ModelCall, **FIELDS)
ARGS = st.dictionaries(words, json_values(4), max_size=4)
SLOW = settings(deadline=None, max_examples=50)


def test_the_strategies_draw_every_field_of_a_call():
    assert set(FIELDS) == {field.name for field in msgspec.structs.fields(ModelCall)}


@SLOW
@given(CALLS, st.sampled_from(SecurityLevel))
def test_a_call_has_one_key_however_it_was_made(call, level):
    again = msgspec.json.decode(msgspec.json.encode(call), type=ModelCall)
    other = ModelCall(**dict(reversed(msgspec.structs.asdict(call).items())))
    assert model_key(again, level) == model_key(other, str(level)) == model_key(call, level)


@SLOW
@given(st.data(), CALLS, st.sampled_from(sorted(FIELDS)))
def test_every_field_of_a_call_decides_its_key(data, call, name):
    changed = msgspec.structs.replace(call, **{name: data.draw(FIELDS[name])})
    same = _wire(changed) == _wire(call)
    assert (model_key(changed, LOW) == model_key(call, LOW)) == same


def _wire(call):
    return msgspec.json.encode(msgspec.structs.asdict(call))


@SLOW
@given(CALLS, CALLS)
def test_two_calls_share_a_key_only_if_nothing_tells_them_apart(one, other):
    assert (model_key(one, LOW) == model_key(other, LOW)) == (_wire(one) == _wire(other))


@pytest.mark.parametrize(
    "messages",
    [
        (Message(role="user", content="hi "),),
        (Message(role="assistant", content="hi"),),
        (Message(role="user", content="h"), Message(role="user", content="i")),
        (Message(role="user", content="hi"), Message(role="user", content="")),
    ],
)
def test_texts_never_run_into_each_other(messages):
    assert model_key(msgspec.structs.replace(CALL, messages=messages), LOW) != model_key(CALL, LOW)


def test_the_order_of_a_schemas_fields_counts():
    """Models write an object's fields in the schema's order, so what they say in the later ones rests on it."""
    keys = {
        model_key(msgspec.structs.replace(CALL, schema=schema), LOW)
        for schema in ({"a": {}, "b": {}}, {"b": {}, "a": {}}, {}, None)
    }
    assert len(keys) == 4


def test_the_level_and_the_version_of_the_keys_decide(monkeypatch):
    def keys():
        made = {model_key(CALL, level) for level in SecurityLevel}
        return made | {tool_key("acme.search", "1", {}, level) for level in SecurityLevel}

    before = keys()
    monkeypatch.setattr(cache_key, "KEY_VERSION", cache_key.KEY_VERSION + 1)
    assert len(before | keys()) == 4 * len(SecurityLevel)


def test_a_field_that_comes_or_goes_changes_every_key(monkeypatch):
    """Else a later version's call could have an earlier one's key, though its values stand for other fields."""
    before = model_key(CALL, LOW)
    monkeypatch.setattr(cache_key, "_CALL_FIELDS", (*cache_key._CALL_FIELDS, "tools"))
    monkeypatch.setattr(cache_key, "_beginnings", {})
    assert model_key(CALL, LOW) != before


def test_a_default_that_changes_changes_the_key():
    """A field is written out though it has its default: the default of a later version means another call."""

    class Later(ModelCall, frozen=True, kw_only=True, omit_defaults=True):
        max_tokens: int = 1024

    later = Later(model=CALL.model, messages=CALL.messages)
    assert msgspec.json.encode(later) == msgspec.json.encode(CALL)
    assert model_key(later, LOW) != model_key(CALL, LOW)


@pytest.mark.parametrize(
    ("sampling", "repeatable"),
    [
        ({}, True),
        ({"seed": 7}, True),
        ({"temperature": 0.5, "seed": 7}, True),
        ({"temperature": 0.5}, False),
        ({"temperature": float("nan"), "seed": 7}, False),
        ({"temperature": float("inf"), "seed": 7}, False),
    ],
)
def test_only_an_answer_that_may_be_repeated_has_a_key(sampling, repeatable):
    assert (model_key(msgspec.structs.replace(CALL, **sampling), LOW) is not None) == repeatable


@SLOW
@given(ARGS)
def test_a_tools_arguments_have_one_key_in_any_order(args):
    backwards = dict(reversed(args.items()))
    assert tool_key("acme.search", "1", backwards, LOW) == tool_key("acme.search", "1", args, LOW)


@SLOW
@given(ARGS, ARGS)
def test_every_argument_of_a_tool_decides_its_key(one, other):
    same = msgspec.json.encode(sorted(one.items())) == msgspec.json.encode(sorted(other.items()))
    assert (tool_key("acme.search", "1", one, LOW) == tool_key("acme.search", "1", other, LOW)) == same


def test_a_tools_name_and_version_decide_its_key():
    named = (("acme.search", "1"), ("acme.search", "2"), ("acme.search1", "1"), ("acme.searc", "h1"))
    assert len({tool_key(name, version, {}, LOW) for name, version in named}) == len(named)
    assert tool_key("acme.search", "", {}, LOW) is None, "nobody knows which version would answer"


def test_the_order_inside_an_argument_counts():
    """A tool may write a table's columns in the order in which it gets them."""
    one, other = ({"rows": [row]} for row in ({"a": 1, "b": 2}, {"b": 2, "a": 1}))
    assert tool_key("acme.table", "1", one, LOW) != tool_key("acme.table", "1", other, LOW)


@pytest.mark.parametrize("value", [object(), float("nan"), {1: 2}, "\ud800"], ids=["object", "nan", "key", "surrogate"])
def test_an_argument_that_is_not_json_has_no_key(value):
    assert tool_key("acme.search", "1", {"a": value}, LOW) is None


def test_a_call_with_half_a_character_has_no_key():
    broken = (Message(role="user", content="\ud800"),)
    assert model_key(msgspec.structs.replace(CALL, messages=broken), LOW) is None


def test_a_key_is_a_digest_and_shows_nothing():
    secret = "sk-do-not-show"
    asked = msgspec.structs.replace(CALL, messages=(Message(role="user", content=secret),))
    for key in (model_key(asked, LOW), tool_key("acme.search", "1", {"token": secret}, LOW)):
        assert re.fullmatch("[0-9a-f]{64}", key)


def test_a_key_is_the_same_in_another_process():
    program = (
        "from nubem_jupyter.core.call import ModelCall, Message\n"
        "from nubem_jupyter.engine.cache_key import model_key, tool_key\n"
        "call = ModelCall(model='local/a', messages=(Message(role='user', content='hi'),))\n"
        "print(model_key(call, 'low'), tool_key('acme.search', '1', {'b': 1, 'a': 2}, 'low'))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert shown == [model_key(CALL, LOW), tool_key("acme.search", "1", {"a": 2, "b": 1}, LOW)]
