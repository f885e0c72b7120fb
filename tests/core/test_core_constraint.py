"""Constraints that nothing could satisfy are refused in a sentence that says how to mend them."""

import re
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.constraint import Constraints, Preference, SecurityLevel
from nubem_jupyter.errors import ConstraintError
from nubem_jupyter.testing.strategies import constraints


@given(constraints())
def test_constraints_survive_a_round_trip_and_refuse_changes(made):
    text = msgspec.json.encode(made)
    again = msgspec.json.decode(text, type=Constraints)
    assert (again, hash(again), msgspec.json.encode(again)) == (made, hash(made), text)
    for name in made.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(made, name, None)


@given(st.sampled_from(("max_cost_usd", "max_latency_s")), st.floats(max_value=0) | st.just(float("inf")))
def test_no_limit_may_be_zero_negative_or_endless(name, value):
    with pytest.raises(ConstraintError):
        Constraints(**{name: value})


@given(st.floats(min_value=1, exclude_min=True) | st.floats(max_value=0, exclude_max=True))
def test_quality_is_a_share(value):
    with pytest.raises(ConstraintError, match=r"min_quality is .* not between 0 and 1"):
        Constraints(min_quality=value)


@pytest.mark.parametrize(
    ("fields", "message", "hint"),
    [
        (
            {"max_cost_usd": 0},
            "max_cost is 0, which allows nothing",
            "give a number of US dollars above 0, or leave it",
        ),
        ({"max_cost_usd": -1}, "max_cost is -1, which is not an amount", "--local for models that cost nothing"),
        ({"max_cost_usd": float("nan")}, "max_cost is nan, which is not an amount", "above 0"),
        ({"max_cost_usd": "10c"}, "max_cost is '10c', which is not a number", "without a unit"),
        ({"max_cost_usd": True}, "max_cost is True, which is not a number", "without a unit"),
        ({"max_cost_usd": Decimal(1)}, "max_cost is Decimal('1'), which is not a number", "without a unit"),
        ({"max_latency_s": 0.0}, "max_latency is 0, which allows nothing", "seconds above 0, or leave it out for no"),
        ({"max_latency_s": float("inf")}, "max_latency is inf, which is not an amount", "leave it out"),
        ({"min_quality": float("nan")}, "min_quality is nan, which is not between 0 and 1", "four times in five"),
        ({"min_quality": 80}, "min_quality is 80, which is not between 0 and 1", "four times in five"),
        ({"min_quality": "high"}, "min_quality is 'high', which is not a number", "without a unit"),
        ({"security_level": "hihg"}, "security_level cannot be 'hihg'", "'high'"),
        ({"prefer": "speed"}, "prefer cannot be 'speed'", "use one of: balanced cost latency quality"),
        ({"models": "local/a"}, "models is the single text 'local/a'", "write models=['local/a']"),
        ({"require": "vision"}, "require is the single text 'vision'", "write require=['vision']"),
        ({"allow": "network"}, "allow is the single text 'network'", "write allow=['network']"),
        ({"allow": ["netwrok"]}, "allow cannot grant 'netwrok'", "did you mean 'network'?"),
        ({"allow": ["zzz"]}, "allow cannot grant 'zzz'", "use: network files code"),
    ],
)
def test_a_constraint_that_cannot_be_is_named(fields, message, hint):
    with pytest.raises(ConstraintError, match=re.escape(message)) as caught:
        Constraints(**fields)
    assert hint in caught.value.hint


def test_plain_words_lists_and_whole_numbers_make_equal_constraints():
    made = Constraints(
        max_cost_usd=1, max_latency_s=Fraction(1, 2), security_level="high", prefer="cost", models=["a/b"]
    )
    same = Constraints(
        max_cost_usd=1.0,
        max_latency_s=0.5,
        security_level=SecurityLevel.HIGH,
        prefer=Preference.COST,
        models=("a/b",),
    )
    assert made == same
    assert msgspec.json.encode(made) == msgspec.json.encode(same)


@pytest.mark.parametrize(
    ("fields", "stays"),
    [
        ({}, False),
        ({"local_only": True}, True),
        ({"security_level": "high"}, True),
        ({"security_level": "medium"}, False),
    ],
)
def test_data_stays_on_this_machine_when_asked_to_or_at_the_highest_level(fields, stays):
    assert Constraints(**fields).keeps_data_local is stays
