"""The beta distribution against exact sums of binomials."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nubem_jupyter.core.beta import beta_quantile, beta_share, low_rank

shares = st.floats(0.001, 0.999)


def at_least(hits, n, share):
    """Return the chance of so many hits or more among n."""
    return math.fsum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(hits, n + 1))


@given(st.integers(1, 60), st.integers(0, 60), shares)
def test_a_share_is_the_binomial_sum_that_it_stands_for(hits, misses, share):
    n = hits + misses
    assert beta_share(share, hits, misses + 1) == pytest.approx(at_least(hits, n, share), abs=1e-10)


@given(st.floats(0.1, 50), shares)
def test_fractions_are_taken_too(a, share):
    assert beta_share(share, a, 1.0) == pytest.approx(share**a, abs=1e-10)


@given(st.floats(0.1, 2000), st.floats(0.1, 2000), shares)
def test_a_quantile_is_where_its_share_is(a, b, share):
    x = beta_quantile(share, a, b)
    assume(1e-9 < x < 1 - 1e-9)  # beyond, one step of a floating-point number is a large share
    assert beta_share(x, a, b) == pytest.approx(share, abs=1e-6)
    assert beta_quantile(1 - share, b, a) == pytest.approx(1 - x, abs=1e-6)


def test_the_ends_have_nothing_and_all():
    assert (beta_share(0.0, 2, 3), beta_share(1.0, 2, 3)) == (0.0, 1.0)


def test_large_counts_agree_with_the_normal_limit():
    assert beta_quantile(0.95, 5000, 5000) == pytest.approx(0.5 + 1.645 * 0.005, abs=1e-4)


def test_many_values_on_both_sides_end_the_sum_all_the_same():
    assert beta_share(0.5, 1e7, 1e7) == pytest.approx(0.5, abs=0.01)


def test_a_sum_whose_divisors_meet_zero_still_ends():
    """The first divisor is exactly zero here."""
    assert beta_share(0.5, 1.0, 3.0) == pytest.approx(0.875)


@given(st.integers(1, 80), st.floats(0.02, 0.98))
def test_the_rank_is_the_highest_one_that_is_low_enough(n, share):
    rank = low_rank(share, n, 0.05)
    if rank is None:
        assert at_least(1, n, share) < 0.95 + 1e-9
        return
    assert at_least(math.floor(rank), n, share) >= 0.95 - 1e-9
    if math.floor(rank) < n:
        assert at_least(math.floor(rank) + 1, n, share) <= 0.95 + 1e-9


def test_less_than_one_value_has_no_rank():
    assert low_rank(0.999999, 0.9, 0.05) is None
