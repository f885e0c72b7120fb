"""What a node does: what it needs, what it gives, and what makes no sense."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Code, Component, Example, Input, Join, JoinMode, Output, Prompt, Work
from nubem_jupyter.errors import FlowError, ValueTypeError
from nubem_jupyter.testing.strategies import codes, components, inputs, joins, prompts

SIMPLE = Input | Output | Prompt | Component | Code | Join
WORKS = st.one_of(inputs(), st.just(Output()), prompts(), components(), codes(("program",)), joins())


@given(WORKS)
def test_every_work_survives_a_round_trip_with_its_text_and_hash(work):
    text = msgspec.json.encode(work)
    again = msgspec.json.decode(text, type=SIMPLE)
    assert again == work
    assert msgspec.json.encode(again) == text
    assert hash(again) == hash(work)


@given(WORKS)
def test_no_field_of_a_work_can_be_set(work):
    for name in work.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(work, name, None)


@pytest.mark.parametrize(
    ("work", "uses", "gives"),
    [
        (Input(type=ValueType.TABLE), (), ValueType.TABLE),
        (Output(), (), ValueType.ANY),
        (Prompt(prompt="{b} {a}", system="{a} {c}", output=ValueType.LABEL), ("a", "c", "b"), ValueType.LABEL),
        (Component(name="acme.search", output=ValueType.LIST), (), ValueType.LIST),
        (Code(source="result = 1", output=ValueType.NUMBER), (), ValueType.NUMBER),
        (Code(source_from="program"), ("program",), ValueType.ANY),
        (Code(source_from="program", report=True, output=ValueType.TEXT), ("program",), ValueType.JSON),
        (Join(), (), ValueType.JSON),
        (Join(mode=JoinMode.LIST), (), ValueType.LIST),
        (Join(mode=JoinMode.TEXT), (), ValueType.TEXT),
        (Join(mode=JoinMode.VOTE), (), ValueType.ANY),
    ],
)
def test_a_work_says_what_it_uses_and_gives(work, uses, gives):
    assert work.uses == uses
    assert work.gives == gives


def test_words_in_place_of_enum_members_and_lists_in_place_of_tuples_make_equal_works():
    assert Join(mode="vote") == Join(mode=JoinMode.VOTE)
    assert Join(mode="vote").gives is ValueType.ANY
    examples = [Example(given="a", answer="b")]
    made = Prompt(prompt="x", output="json", temperature=0, max_tokens=int("512"), examples=examples)
    same = Prompt(prompt="x", output=ValueType.JSON, examples=tuple(examples))
    assert made == same
    assert msgspec.json.encode(made) == msgspec.json.encode(same)


def test_nested_values_are_frozen_and_not_shared_with_their_giver():
    schema = {"type": "object", "required": ["a"]}
    prompt, tool = Prompt(prompt="x", schema=schema), Component(name="acme.x", args={"a": {"b": [1]}})
    schema["required"].append("b")
    assert prompt.schema["required"] == ["a"]
    for change in (
        lambda: prompt.schema["required"].append("c"),
        lambda: tool.args["a"].update(b=2),
        lambda: Input(optional=True, default=[1]).default.append(2),
    ):
        with pytest.raises(TypeError, match="frozen value"):
            change()


def test_a_changed_copy_is_checked_again():
    prompt = Prompt(prompt="x")
    assert msgspec.structs.replace(prompt, max_tokens=7).max_tokens == 7
    with pytest.raises(FlowError, match="max_tokens is 0"):
        msgspec.structs.replace(prompt, max_tokens=0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Prompt(prompt="x", max_tokens=0), FlowError, "max_tokens is 0; a model call needs at least 1"),
        (lambda: Prompt(prompt="x", temperature=2.5), FlowError, "temperature is 2.5, which is not between 0 and 2"),
        (lambda: Prompt(prompt="x", temperature=float("nan")), FlowError, "temperature is nan"),
        (lambda: Prompt(prompt="x", similar=0), FlowError, "similar is 0, which is not above 0 and at most 1"),
        (lambda: Prompt(prompt="x", similar=1.01), FlowError, "similar is 1.01"),
        (lambda: Prompt(prompt="x", similar=float("nan")), FlowError, "similar is nan"),
        (lambda: Prompt(prompt="x", similar="0.9"), FlowError, "similar is '0.9'"),
        (lambda: Prompt(prompt="x", output="tex"), FlowError, "output is 'tex', which is not one of any, text"),
        (lambda: Prompt(prompt="x", schema={"a": {1}}), FlowError, "a prompt's schema holds a value of type set"),
        (lambda: Component(name="a.b", args={"x": float("inf")}), FlowError, "an argument of 'a.b' holds inf"),
        (lambda: Component(name="a.b", ttl_s=-1), FlowError, "ttl_s of 'a.b' is -1, which is not a time"),
        (lambda: Component(name="a.b", ttl_s=float("inf")), FlowError, "ttl_s of 'a.b' is inf"),
        (lambda: Component(name="a.b", ttl_s=float("nan")), FlowError, "ttl_s of 'a.b' is nan"),
        (Code, FlowError, "needs either a program (source) or the input"),
        (lambda: Code(source=" \n"), FlowError, "needs either a program (source) or the input"),
        (lambda: Code(source="x", source_from="y"), FlowError, "needs either a program (source) or the input"),
        (lambda: Input(type="number", default="a"), ValueTypeError, "an input of type number has the default 'a'"),
        (lambda: Input(default=object()), FlowError, "an input's default holds a value of type object"),
    ],
)
def test_what_makes_no_sense_is_refused(make, error, message):
    with pytest.raises(error, match=re.escape(message)):
        make()


def test_a_work_of_no_kind_uses_nothing_and_gives_anything():
    assert (Work.uses.fget(Output()), Work.gives.fget(Output())) == ((), ValueType.ANY)


def test_code_is_run_by_programs_and_by_prompts_with_a_check_and_by_nothing_else():
    assert Code(source="1").runs_code
    assert Prompt(prompt="x", check="assert answer").runs_code
    assert not Prompt(prompt="x").runs_code
    assert not Input().runs_code
