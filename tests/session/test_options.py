"""Options become constraints in one place, and a value that means nothing is named."""

import pytest

from nubem_jupyter.core.constraint import Constraints, Preference, SecurityLevel
from nubem_jupyter.errors import ConstraintError, UsageError
from nubem_jupyter.session.options import constraints_from, names_in


def test_no_option_sets_nothing():
    assert constraints_from({}) == Constraints()
    assert constraints_from({"max_cost": None, "models": None, "quiet": True}) == Constraints()


def test_every_option_reaches_its_field():
    options = {
        "max_cost": "0.10",
        "max_latency": 20,
        "min_quality": "0.8",
        "security": "high",
        "local": True,
        "region": "EU",
        "models": ["local/a, local/b", "local/a"],
        "prefer": "latency",
        "require": "vision",
        "allow": ["network"],
    }
    assert constraints_from(options) == Constraints(
        max_cost_usd=0.1,
        max_latency_s=20.0,
        min_quality=0.8,
        security_level=SecurityLevel.HIGH,
        local_only=True,
        region="eu",
        models=("local/a", "local/b"),
        prefer=Preference.LATENCY,
        require=("vision",),
        allow=("network",),
    )


def test_a_number_that_is_none_names_its_option():
    with pytest.raises(UsageError, match="--max-cost is 'cheap', which is not a number") as caught:
        constraints_from({"max_cost": "cheap"})
    assert caught.value.hint


@pytest.mark.parametrize("options", [{"max_cost": "0"}, {"prefer": "fastest"}, {"min_quality": 2}])
def test_a_value_that_allows_nothing_is_refused_with_a_hint(options):
    with pytest.raises(ConstraintError) as caught:
        constraints_from(options)
    assert caught.value.hint


def test_names_come_from_comma_lists_and_repeats():
    assert names_in(["a,b", " b , c,"]) == ("a", "b", "c")
    assert names_in("") == ()
