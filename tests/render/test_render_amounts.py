"""Amounts read as people write them, and nothing unknown looks like zero."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.plan import Candidate, Range
from nubem_jupyter.render.amount import call_cost, dollars, estimated, estimated_cost, megabytes, seconds, share, spent
from nubem_jupyter.render.models import percent


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0.0, "free"),
        (0.0012, "$0.0012"),
        (0.00001234, "$0.000012"),
        (0.0999, "$0.10"),
        (1.5, "$1.50"),
        (1234.5, "$1,234.50"),
    ],
)
def test_dollars_keep_two_digits_that_matter(amount, written):
    assert dollars(amount) == written


@given(st.floats(min_value=1e-9, max_value=1e6))
def test_money_that_was_spent_never_reads_as_nothing(amount):
    written = dollars(amount)
    assert float(written.replace("$", "").replace(",", "")) > 0
    assert "e" not in written


@pytest.mark.parametrize(
    ("amount", "written"),
    [(0.0, "< 1 ms"), (0.012, "12 ms"), (1.23, "1.2 s"), (34.4, "34 s"), (71.4, "1 min 11 s"), (300.0, "5 min")],
)
def test_seconds(amount, written):
    assert seconds(amount) == written


@pytest.mark.parametrize(("amount_bytes", "written"), [(0, "0.0 MB"), (2_340_000, "2.3 MB"), (1 << 30, "1,074 MB")])
def test_sizes(amount_bytes, written):
    assert megabytes(amount_bytes) == written


def test_an_estimate_is_marked_and_shows_its_ends_with_the_unit_once():
    assert estimated(Range(low=0.8, value=1.2, high=2.0), seconds) == "≈ 1.2 s (0.8–2.0 s)"
    assert estimated(Range(low=0.001, value=0.002, high=0.003), dollars) == "≈ $0.0020 ($0.0010–$0.0030)"


def test_an_estimate_in_two_units_keeps_both():
    assert estimated(Range(low=0.05, value=1.0, high=2.0), seconds) == "≈ 1.0 s (50 ms–2.0 s)"


def test_what_is_unknown_is_called_so():
    assert estimated(None, seconds) == "unknown"
    assert estimated_cost(Candidate(model="openai/x")) == "unknown"


def test_a_certain_figure_is_not_marked_as_an_estimate():
    assert estimated(Range(low=0.5, value=0.5, high=0.5), share) == "0.50"
    assert estimated(Range(low=0.501, value=0.502, high=0.503), share) == "≈ 0.50"


def test_only_models_on_this_machine_are_free_for_that_reason():
    zero = Range(low=0.0, value=0.0, high=0.0)
    assert call_cost(0.0, "local/a") == "free (local)"
    assert call_cost(0.0, "openai/a") == "free"
    assert estimated_cost(Candidate(model="local/a", cost_usd=zero)) == "free (local)"


@pytest.mark.parametrize(
    ("amount_usd", "unpriced", "model", "text"),
    [
        (0, 0, "local/m", "free (local)"),
        (0, 0, "a/m", "free"),
        (0, 2, "a/m", "unknown"),
        (0.5, 1, None, "at least $0.50"),
    ],
)
def test_what_is_not_priced_is_unknown_and_the_rest_a_least(amount_usd, unpriced, model, text):
    assert spent(amount_usd, unpriced, model) == text


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0 %"), (0.0123, "1.2 %"), (0.0996, "10 %"), (0.69, "69 %"), (1.0, "100 %")]
)
def test_a_share_has_two_digits_and_never_an_exponent(amount, text):
    assert percent(amount) == text
