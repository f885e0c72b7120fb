"""Error rates from counts that fade."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.tally import Tally

HALF_LIFE_S = 100.0
NOW_S = 1_000.0
EMPTY = Tally(half_life_s=HALF_LIFE_S)

ends = st.lists(st.tuples(st.floats(0, NOW_S), st.sampled_from(["", "", "", "timeout", "broken"])), max_size=40)


def counted(answered, failed, kind="broken"):
    return EMPTY.plus([(NOW_S, "")] * answered + [(NOW_S, kind)] * failed, NOW_S)


def assert_alike(one, other):
    assert one.answered == pytest.approx(other.answered, abs=1e-5)
    held, others = dict(one.failed), dict(other.failed)
    for kind in held.keys() | others.keys():
        assert held.get(kind, 0.0) == pytest.approx(others.get(kind, 0.0), abs=1e-5)


@given(ends, ends)
def test_merging_gives_the_tally_of_both(one, other):
    merged = EMPTY.plus(one, NOW_S).merged(EMPTY.plus(other, NOW_S))
    assert_alike(merged, EMPTY.plus(one + other, NOW_S))
    assert_alike(merged, EMPTY.plus(other, NOW_S).merged(EMPTY.plus(one, NOW_S)))


@given(ends)
def test_what_was_seen_one_half_life_ago_counts_half(stream):
    tally = EMPTY.plus(stream, NOW_S)
    assert tally.count(NOW_S + HALF_LIFE_S) == pytest.approx(tally.count(NOW_S) / 2)


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_rate_lies_in_its_interval_and_fading_only_widens_it(answered, failed):
    tally = counted(answered, failed)
    now, later = tally.rate(NOW_S), tally.rate(NOW_S + HALF_LIFE_S)
    if later is None:
        return
    assert 0 <= now.low <= now.value <= now.high <= 1
    assert now.low < now.high
    assert later.value == pytest.approx(now.value)
    assert later.high - later.low >= now.high - now.low - 1e-9


def test_the_interval_is_that_of_jeffreys():
    """Beta(10.5, 90.5) and Beta(1/2, 20.5), integrated by the midpoint rule."""
    ten = counted(90, 10).rate(NOW_S)
    assert (ten.low, ten.high) == pytest.approx((0.059075, 0.157774), abs=2e-6)
    none = counted(20, 0).rate(NOW_S)
    assert none.low == 0.0
    assert none.high == pytest.approx(0.090477, abs=2e-6)


def test_where_nothing_else_was_seen_the_end_is_certain():
    assert counted(0, 5).rate(NOW_S).high == 1.0
    assert counted(5, 0).rate(NOW_S).low == 0.0


def test_what_is_unknown_is_not_zero():
    assert EMPTY.rate(NOW_S) is None
    faded = counted(1, 0)
    assert faded.rate(NOW_S + 2.9 * HALF_LIFE_S).high > 0.9
    assert faded.rate(NOW_S + 3.1 * HALF_LIFE_S) is None


@given(st.floats(0, 1), st.floats(0.2, 50))
def test_however_little_is_left_of_what_failed_the_share_lies_in_its_interval(share, count):
    tally = Tally(
        half_life_s=HALF_LIFE_S, at_s=NOW_S, answered=count * (1 - share), failed=(("broken", count * share),)
    )
    rate = tally.rate(NOW_S)
    assert rate.low <= rate.value <= rate.high


def test_a_million_calls_are_no_surer_than_ten_thousand_and_take_no_longer():
    many = Tally(half_life_s=HALF_LIFE_S, at_s=NOW_S, answered=1e9, failed=(("broken", 1e7),))
    rate = many.rate(NOW_S)
    assert rate.low < 0.0099 < rate.value < 0.0101 < rate.high < 0.013


def test_kinds_are_told_apart_the_most_frequent_first_and_the_rarest_are_one():
    stream = [(NOW_S, f"kind{number}") for number in range(12) for _ in range(number + 1)]
    tally = EMPTY.plus(stream, NOW_S)
    assert [kind for kind, _ in tally.failed] == [f"kind{number}" for number in range(11, 4, -1)] + ["other"]
    assert tally.count(NOW_S) == pytest.approx(len(stream))
    again = tally.merged(counted(0, 1, "kind0"))
    assert len(again.failed) == 8
    assert again.count(NOW_S) == pytest.approx(len(stream) + 1)


def test_what_has_faded_to_nothing_takes_no_place():
    tally = counted(0, 1).plus([(NOW_S + 30 * HALF_LIFE_S, "")], NOW_S + 30 * HALF_LIFE_S)
    assert tally.failed == ()


def test_a_clock_that_was_ahead_does_not_make_all_later_calls_count_nothing():
    ahead = EMPTY.plus([(NOW_S * 1e6, "broken")], NOW_S * 1e6)
    mended = ahead.plus([(NOW_S, "")] * 3, NOW_S)
    assert mended.count(NOW_S) == pytest.approx(4)
    assert EMPTY.plus([(NOW_S * 1e6, "")], NOW_S).at_s == NOW_S


def test_nothing_taken_in_changes_nothing():
    assert EMPTY.plus([], NOW_S) is EMPTY
