"""A cloud's name for a region lies in the one that is asked for, or it does not; no name lies in two unions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.region import NAME, first_outside, lies_in
from nubem_jupyter.errors import ConstraintError

NAMES = st.from_regex(NAME, fullmatch=True)


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ("eu", "eu"),
        ("eu-central-1", "eu"),
        ("europe-west4", "eu"),
        ("westeurope", "eu"),
        ("us-east-1", "us"),
        ("us-central1", "us"),
        ("us-gov-west-1", "us-gov"),
        ("eastus2", "us"),
        ("ap-southeast-2", "ap"),
        ("eu-central-1", "eu-central-1"),
        ("eu-west-2", "eu-west-2"),
    ],
)
def test_a_place_lies_in_the_region(place, region):
    assert lies_in(place, region)


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ("us", "eu"),
        ("global", "eu"),
        ("eu", "eu-central-1"),
        ("eu-west-1", "eu-central-1"),
        ("eu-west-2", "eu"),  # London
        ("europe-west6", "eu"),  # Zurich
        ("uksouth", "eu"),
        ("us-east-10", "us-east-1"),
        ("australia-southeast1", "us"),
        ("usa", "us"),
    ],
)
def test_another_place_does_not(place, region):
    assert not lies_in(place, region)


@given(NAMES)
def test_every_name_lies_in_itself_and_in_what_it_begins_with(name):
    assert lies_in(name, name)
    assert lies_in(f"{name}-1", name) or name == "eu"


@given(NAMES)
def test_no_name_lies_in_both_unions(name):
    assert not (lies_in(name, "eu") and lies_in(name, "us"))


def test_the_first_place_outside_is_named_and_capitals_do_not_count():
    assert first_outside(("EU-central-1", "us-east-1", "global"), "eu") == "us-east-1"
    assert first_outside(("eu", "eu-north-1"), "eu") == ""
    assert first_outside((), "eu") == ""


@pytest.mark.parametrize("told", ["eu", " EU ", "Eu-Central-1"])
def test_a_region_is_read_without_capitals_and_spaces(told):
    assert Constraints(region=told).region == told.strip().lower()


@pytest.mark.parametrize("told", ["eu,us", "the EU", "eu-", "eu/us", None, 1])
def test_what_names_no_region_is_refused_with_a_hint(told):
    with pytest.raises(ConstraintError, match="region cannot be") as caught:
        Constraints(region=told)
    assert "eu-central-1" in caught.value.hint
