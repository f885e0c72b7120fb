"""Value types: what each accepts, and which is the narrowest for a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.value import ValueType, accepts, is_textual, may_iterate, value_type_of
from nubem_jupyter.testing.strategies import json_values, values_of


@given(st.sampled_from(ValueType).flatmap(lambda kind: st.tuples(st.just(kind), values_of(kind))))
def test_every_type_accepts_its_own_values(pair):
    kind, value = pair
    assert accepts(kind, value)


@given(json_values())
def test_the_narrowest_type_accepts_the_value(value):
    assert accepts(value_type_of(value), value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("a", ValueType.TEXT),
        (True, ValueType.BOOLEAN),
        (1, ValueType.NUMBER),
        (1.5, ValueType.NUMBER),
        ([], ValueType.LIST),
        (["a"], ValueType.LIST),
        (({"a": 1},), ValueType.TABLE),
        ([{"a": 1}, 2], ValueType.LIST),
        ({}, ValueType.JSON),
        (None, ValueType.ANY),
    ],
)
def test_the_narrowest_type_of(value, kind):
    assert value_type_of(value) is kind


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ValueType.TEXT, 1),
        (ValueType.LABEL, None),
        (ValueType.CODE, []),
        (ValueType.NUMBER, True),
        (ValueType.NUMBER, "1"),
        (ValueType.BOOLEAN, 0),
        (ValueType.LIST, "ab"),
        (ValueType.TABLE, [1]),
        (ValueType.TABLE, {}),
    ],
)
def test_a_type_refuses_other_values(kind, value):
    assert not accepts(kind, value)


def test_texts_are_textual_and_only_lists_or_unknown_values_may_be_mapped_over():
    assert {kind for kind in ValueType if is_textual(kind)} == {"text", "label", "code"}
    assert {kind for kind in ValueType if may_iterate(kind)} == {"list", "table", "json", "any"}
