"""Answers that mean the same are equal in the form in which they are compared; prose has none."""

import pytest

from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.answer_form import form_in, form_of, kind_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Positive", " positive. "),
        ("**New  York**", "new york"),
        ("**New York**.", "'new york'"),
        ("_x_", "x"),
        ("`yes`!", "yes"),
        ("... yes", "yes"),
        ("5.", "5"),
        (".NET.", ".net"),
        (3, 3.0),
        ({"a": 1, "b": [2.0]}, {"b": [2], "a": 1.0}),
        ({"name": "Ada  L."}, {"name": "Ada L."}),
        (True, True),
    ],
)
def test_what_means_the_same_is_equal(one, other):
    assert form_of(one) == form_of(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("yes", "no"),
        (3, 3.5),
        ({"a": 1}, {"a": 2}),
        ([1, 2], [2, 1]),
        (True, 1),
        ("3", 4),
        (".5", "5"),
        (",5", "5"),
        ("-5", "5"),
        ("5!", "5"),
        ('5"', "5"),
        ("5'", '5"'),
        (".NET", "net"),
        ("C#", "C"),
        ("!x", "x"),
        ("*args", "args"),
        ("C*", "C"),
        ("_id", "id"),
    ],
)
def test_what_means_something_else_is_not(one, other):
    assert form_of(one) != form_of(other)


@pytest.mark.parametrize("value", [None, "", " .", "one line\nand another", "word " * 40, "." * 1000, "x" * 121])
def test_prose_and_nothing_cannot_be_compared(value):
    assert form_of(value) is None


@pytest.mark.parametrize(
    ("fields", "capability", "kind"),
    [
        ({"output": ValueType.NUMBER}, "compute", "number"),
        ({"output": ValueType.LABEL}, "classify", "label"),
        ({"schema": {"type": "object"}}, "answer", "json"),
        ({}, "classify", "label"),
        ({"max_tokens": 8}, "answer", "label"),
        ({}, "answer", None),
        ({"output": ValueType.CODE, "max_tokens": 8}, "write_code", None),
        ({"output": ValueType.CODE, "check": "assert answer"}, "write_code", "checked"),
        ({"output": ValueType.LABEL, "check": "assert answer"}, "classify", "label"),
    ],
)
def test_a_steps_answers_can_be_compared_where_it_asks_for_something_short_or_formal(fields, capability, kind):
    assert kind_of(Prompt(prompt="?", **fields), capability) == kind


def test_answers_that_pass_a_check_and_cannot_be_compared_all_agree():
    code = Prompt(prompt="?", output=ValueType.CODE, check="assert f(1)")
    assert form_in(code, "write_code", "one way") == form_in(code, "write_code", "another") is not None
    label = Prompt(prompt="?", output=ValueType.LABEL, check="assert answer")
    assert form_in(label, "classify", "yes") != form_in(label, "classify", "no")
