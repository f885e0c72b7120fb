"""Conditions hold as their operators say, never raise on a value, and refuse arguments that do not fit."""

import re

import msgspec
import pytest
from hypothesis import given

from nubem_jupyter.core.condition import Condition, look_up
from nubem_jupyter.errors import FlowError
from nubem_jupyter.testing.strategies import conditions, json_values


@pytest.mark.parametrize(
    ("operator", "wanted", "holds_for", "fails_for"),
    [
        ("truthy", None, ["a", 1, [0]], ["", 0, [], None]),
        ("falsy", None, ["", 0, [], None], ["a", 1]),
        ("equals", " Yes", ["yes", "YES \n"], ["no", True, None]),
        ("equals", 1, [1, 1.0], [True, "1", 2]),
        ("equals", True, [True], [1, "true"]),
        ("equals", [1], [[1]], [[1, 2], "1"]),
        ("equals", None, [None], ["", 0]),
        ("not_equals", "yes", ["no", None], ["Yes"]),
        ("contains", "error", ["An ERROR", ["Error"], {"error": 1}, {"a": ["x"]} | {"error": 0}], ["fine", [], None]),
        ("contains", 1, [[1], 213, "10"], [[True], 22, ["1"]]),
        ("contains", [1], [[[1]]], [{"a": 1}, [1]]),
        ("matches", r"^\d+$", ["12", 12], ["a1", None, [1]]),
        ("matches", '"a":', [{"a": 1}], [{"b": 1}]),
        ("above", 3, [4, "3.5", "inf"], [3, "x", None, [4], "nan"]),
        ("below", 3.5, [3, "-1"], [4, "x", None, {}]),
    ],
)
def test_an_operator_holds(operator, wanted, holds_for, fails_for):
    condition = Condition(operator=operator, value=wanted)
    assert [value for value in holds_for if not condition.holds(value)] == []
    assert [value for value in fails_for if condition.holds(value)] == []


def test_a_number_too_large_for_a_float_is_not_a_number():
    assert not Condition(operator="above", value=1).holds(10**400)


@given(conditions(), json_values())
def test_a_condition_decides_about_any_value(condition, value):
    assert condition.holds(value) in {True, False}


@given(conditions())
def test_a_condition_survives_a_round_trip(condition):
    again = msgspec.json.decode(msgspec.json.encode(condition), type=Condition)
    assert again == condition
    assert hash(again) == hash(condition)


def test_a_path_leads_into_the_value():
    condition = Condition(operator="equals", value="es", path="answers.0.language")
    assert condition.holds({"answers": [{"language": "ES"}]})
    assert not condition.holds({"answers": []})


@pytest.mark.parametrize(
    ("value", "path", "found"),
    [
        ({"a": [1, {"b": 2}]}, "a.1.b", 2),
        ({"a": 1}, "", {"a": 1}),
        ({"0": "zero"}, "0", "zero"),
        (("x", "y"), "1", "y"),
        ([1], "1", None),
        ([1], "-1", None),
        ([1, 2, 3], "²", None),
        ([1], "9" * 5000, None),
        ("text", "0", None),
        (None, "a.b", None),
    ],
)
def test_a_step_that_is_not_there_gives_none(value, path, found):
    assert look_up(value, path) == found


@pytest.mark.parametrize(
    ("fields", "message", "hint"),
    [
        ({"operator": "equal"}, "unknown operator 'equal' in a condition", "did you mean 'equals'?"),
        ({"operator": "~"}, "unknown operator '~' in a condition", "use one of: truthy falsy"),
        ({"operator": "above"}, "'above' compares with a number, not None", "give a number"),
        ({"operator": "below", "value": "3"}, "'below' compares with a number, not '3'", "give a number"),
        ({"operator": "above", "value": True}, "'above' compares with a number, not True", "give a number"),
        ({"operator": "above", "value": float("nan")}, "a condition holds nan, which JSON cannot carry", "use text"),
        ({"operator": "contains"}, "'contains' needs something to look for", "give a text"),
        ({"operator": "contains", "value": ""}, "'contains' needs something to look for", "give a text"),
        ({"operator": "matches", "value": "("}, "'(' is not a regular expression", "'contains' for plain text"),
        ({"operator": "matches"}, "None is not a regular expression", "'contains' for plain text"),
        (
            {"operator": "equals", "value": {1}},
            "a condition holds a value of type set, which JSON cannot carry",
            "use text",
        ),
    ],
)
def test_an_argument_that_does_not_fit_is_refused(fields, message, hint):
    with pytest.raises(FlowError, match=re.escape(message)) as caught:
        Condition(**fields)
    assert hint in caught.value.hint


def test_a_condition_says_itself_in_words():
    assert str(Condition()) == "result truthy"
    assert str(Condition(operator="equals", value="es", path="language")) == "language equals 'es'"
