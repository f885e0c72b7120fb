import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.plan import Range
from nubem_jupyter.engine.interval import difference, normal_quantile, student_quantile, wilson

counts = st.integers(1, 500).flatmap(lambda n: st.tuples(st.floats(0, n), st.just(n)))


def test_normal_quantile_is_the_textbook_figure():
    assert normal_quantile(0.95) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize(
    ("confidence", "degrees", "expected"),
    [
        (0.95, 1, 12.7062),
        (0.95, 2, 4.3027),
        (0.95, 5, 2.5706),
        (0.99, 10, 3.1693),
        (0.9, 30, 1.6973),
        (0.95, 9, 2.2622),
    ],
)
def test_student_quantile_is_the_printed_table(confidence, degrees, expected):
    assert student_quantile(confidence, degrees) == pytest.approx(expected, abs=1e-4)


def test_student_quantile_of_many_degrees_is_nearly_normal():
    assert student_quantile(0.95, 10**6) == pytest.approx(normal_quantile(0.95), rel=0.0025)


def test_wilson_is_the_published_example():
    """Newcombe 1998, table I: 81 of 263 at 95 %."""
    found = wilson(81, 263, 0.95)
    assert (found.low, found.high) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))


def test_wilson_of_nothing_is_everything():
    assert wilson(0, 0, 0.9) == Range(low=0.0, value=0.5, high=1.0)


@given(counts)
def test_wilson_stays_between_0_and_1_around_its_value(count):
    found = wilson(*count, 0.9)
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(counts, counts)
def test_difference_turns_its_sign_with_its_sides(first, second):
    one, other = wilson(*first, 0.9), wilson(*second, 0.9)
    there, back = difference(one, other), difference(other, one)
    assert math.isclose(there.low, -back.high, abs_tol=1e-12)
    assert there.low <= there.value <= there.high


def test_difference_is_the_published_example():
    """Newcombe 1998, paper on differences, example (a): 56 of 70 against 48 of 80."""
    found = difference(wilson(56, 70, 0.95), wilson(48, 80, 0.95))
    assert (found.low, found.high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))
