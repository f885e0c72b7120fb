"""Quantiles of streams that fade, held against the exact ones."""

import itertools
import math
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core import sketch as sketch_module
from nubem_jupyter.core.sketch import MOST_BUCKETS, Sketch, read_sketch
from nubem_jupyter.errors import FormatError

HALF_LIFE_S = 100.0
NOW_S = 1_000.0
EMPTY = Sketch(half_life_s=HALF_LIFE_S)

seen = st.tuples(st.floats(0.0, NOW_S), st.floats(1e-6, 1e6))
streams = st.lists(seen, min_size=1, max_size=60)
recent = st.lists(st.tuples(st.floats(NOW_S - 3 * HALF_LIFE_S, NOW_S), st.floats(1e-3, 1e3)), min_size=1, max_size=60)
shares = st.floats(0.0, 1.0)


def weight(at_s):
    return 2.0 ** ((at_s - NOW_S) / HALF_LIFE_S)


def exact(stream, share):
    """Return the least value that has this share of all weight at or below it."""
    ordered = sorted((value, weight(at_s)) for at_s, value in stream)
    total = math.fsum(each for _, each in ordered)
    below = itertools.accumulate(each for _, each in ordered)
    return next(
        (value for (value, _), held in zip(ordered, below, strict=True) if held >= share * total), ordered[-1][0]
    )


def assert_close(sketch, stream, share):
    """The value lies within the error of the exact one; sums differ in their last digits, and so may the rank."""
    off = sketch.relative_error * (1 + 1e-9)
    low, high = exact(stream, max(share - 1e-6, 0.0)), exact(stream, min(share + 1e-6, 1.0))
    assert low * (1 - off) <= sketch.value_at(share) <= high * (1 + off)


def assert_alike(one, other):
    assert (one.at_s, one.level) == (other.at_s, other.level)
    held, others = (dict(zip(each.indexes, each.weights, strict=True)) for each in (one, other))
    for index in held.keys() | others.keys():
        # What is about to be forgotten may be so a step earlier in one of them.
        assert held.get(index, 0.0) == pytest.approx(others.get(index, 0.0), rel=1e-6, abs=3e-6)


@given(recent, shares)
def test_a_quantile_is_off_by_one_percent_at_most(stream, share):
    sketch = EMPTY.plus(stream, NOW_S)
    assert sketch.relative_error == pytest.approx(0.01)
    assert_close(sketch, stream, share)


@pytest.mark.parametrize("spread", [0.1, 1.0, 3.0])
def test_a_long_stream_taken_in_by_batches_is_as_exact(spread):
    chance = random.Random(spread)
    stream = [(NOW_S - 300 + place / 10, chance.lognormvariate(0, spread)) for place in range(3_000)]
    sketch = EMPTY
    for start in range(0, 3_000, 100):
        sketch = sketch.plus(stream[start : start + 100], NOW_S)
    for share in (0.01, 0.05, 0.5, 0.95, 0.99):
        assert_close(sketch, stream, share)
    assert sketch.relative_error <= 0.04


@given(streams, streams)
def test_merging_gives_the_sketch_of_both_streams(one, other):
    merged = EMPTY.plus(one, NOW_S).merged(EMPTY.plus(other, NOW_S))
    assert_alike(merged, EMPTY.plus(one + other, NOW_S))


@given(streams, streams)
def test_it_does_not_matter_who_is_merged_with_whom(one, other):
    first, second = EMPTY.plus(one, NOW_S), EMPTY.plus(other, NOW_S)
    assert_alike(first.merged(second), second.merged(first))
    assert_alike(first.merged(EMPTY), first)
    assert_alike(EMPTY.merged(first), first)


@given(st.integers(0), st.floats(0.1, 30))
def test_it_stays_small_whatever_comes(seed, spread):
    chance = random.Random(seed)
    stream = [(NOW_S, chance.lognormvariate(0, spread)) for _ in range(1_000)]
    sketch = EMPTY.plus(stream[:500], NOW_S).merged(EMPTY.plus(stream[500:], NOW_S))
    assert len(sketch.indexes) <= MOST_BUCKETS
    assert len(sketch.to_bytes()) < 2_000
    assert_close(sketch, stream, 0.5)


def test_where_buckets_run_out_neighbours_are_put_together_and_the_error_is_known():
    stream = [(NOW_S, 1.01**place) for place in range(-1_000, 1_000)]
    sketch = EMPTY.plus(stream, NOW_S)
    assert sketch.level > 0
    assert 0.01 < sketch.relative_error < 0.1
    for share in (0.05, 0.5, 0.95):
        assert_close(sketch, stream, share)
    coarse_and_fine = sketch.merged(EMPTY.plus([(NOW_S, 2.0)], NOW_S))
    assert coarse_and_fine.level == sketch.level
    assert coarse_and_fine.count(NOW_S) == pytest.approx(2_001)
    assert len(sketch.to_bytes()) < 2_000


@given(recent, st.floats(0, 500))
def test_what_was_seen_one_half_life_ago_counts_half(stream, later_s):
    sketch = EMPTY.plus(stream, NOW_S)
    assert sketch.count(NOW_S) == pytest.approx(math.fsum(weight(at_s) for at_s, _ in stream))
    assert sketch.count(NOW_S + later_s + HALF_LIFE_S) == pytest.approx(sketch.count(NOW_S + later_s) / 2)


@given(recent, st.floats(0, 500))
def test_fading_moves_no_quantile_and_only_widens_its_interval(stream, later_s):
    sketch = EMPTY.plus(stream, NOW_S)
    now, later = sketch.quantile(0.5, NOW_S), sketch.quantile(0.5, NOW_S + later_s)
    if later is None:
        return
    assert later.value == now.value
    assert later.low <= now.low <= now.value <= now.high <= later.high


def test_new_values_outweigh_old_ones():
    old = EMPTY.plus([(0.0, 1.0)] * 100, NOW_S)
    assert old.plus([(NOW_S, 50.0)], NOW_S).value_at(0.5) == pytest.approx(50.0, rel=0.01)


def test_evidence_that_is_old_is_unknown_and_never_zero():
    sketch = EMPTY.plus([(0.0, 1.0)] * 10, NOW_S)
    ends = [sketch.quantile(0.5, age * HALF_LIFE_S) for age in range(8)]
    assert [each is None for each in ends] == [False] * 7 + [True]
    assert ends[6].value == pytest.approx(1.0, rel=0.01)
    assert (ends[6].low, ends[6].high) == (0.0, math.inf)
    assert EMPTY.quantile(0.5, NOW_S) is None


def test_what_has_faded_to_nothing_takes_no_place():
    sketch = EMPTY.plus([(0.0, 5.0)], NOW_S).plus([(30 * HALF_LIFE_S, 1.0)], 30 * HALF_LIFE_S)
    assert len(sketch.indexes) == 1
    assert EMPTY.plus([(0.0, 5.0)], NOW_S).merged(EMPTY.plus([(0.0, 7.0)], NOW_S)).count(0.0) == pytest.approx(2)


def test_an_interval_holds_the_true_median_in_nine_of_ten_streams():
    chance = random.Random(7)
    held = 0
    for _ in range(300):
        stream = [(NOW_S, chance.lognormvariate(0, 1)) for _ in range(60)]
        found = EMPTY.plus(stream, NOW_S).quantile(0.5, NOW_S)
        held += found.low <= 1.0 <= found.high
    assert held >= 255  # four standard errors below nine tenths of 300


def test_few_values_leave_ends_open():
    few = EMPTY.plus([(NOW_S, 2.0)] * 4, NOW_S).quantile(0.5, NOW_S)
    assert (few.low, few.high) == (0.0, math.inf)
    enough = EMPTY.plus([(NOW_S, 2.0)] * 5, NOW_S).quantile(0.5, NOW_S)
    assert 1.9 < enough.low < enough.high < 2.1
    tail = EMPTY.plus([(NOW_S, 2.0)] * 50, NOW_S).quantile(0.95, NOW_S)
    assert tail.low > 0
    assert tail.high == math.inf, "fifty values do not tell how far up the last twentieth goes"


def test_so_many_values_that_an_interval_says_all_that_it_can():
    sketch = EMPTY.plus([(NOW_S, 1 + place % 100) for place in range(20_000)], NOW_S)
    found = sketch.quantile(0.5, NOW_S)
    assert 47 < found.low <= found.value <= found.high < 53


def test_a_clock_that_was_ahead_does_not_make_all_later_values_count_nothing():
    ahead = EMPTY.plus([(NOW_S * 1e6, 9.0)], NOW_S * 1e6)
    assert EMPTY.plus([(NOW_S * 1e6, 9.0)], NOW_S).at_s == NOW_S
    mended = ahead.plus([(NOW_S, 1.0)] * 3, NOW_S)
    assert mended.at_s == NOW_S
    assert mended.value_at(0.5) == pytest.approx(1.0, rel=0.01)
    assert ahead.until(NOW_S).merged(EMPTY.plus([(NOW_S, 1.0)] * 3, NOW_S)).count(NOW_S) == pytest.approx(4)
    assert ahead.until(NOW_S * 1e7) is ahead


def test_the_mean_is_that_of_the_values_to_one_percent():
    values = [0.5, 1.0, 4.0, 4.0]
    sketch = Sketch(half_life_s=10.0).plus([(0.0, value) for value in values], 0.0)
    assert sketch.mean() == pytest.approx(sum(values) / 4, rel=0.011)
    faded = sketch.plus([(10.0, 8.0)], 10.0)
    assert faded.mean() == pytest.approx((sum(values) / 2 + 8.0) / 3, rel=0.011), "what is old counts for less"


def test_nothing_taken_in_changes_nothing():
    assert EMPTY.plus([], NOW_S) is EMPTY


@pytest.mark.parametrize(("value", "taken_for"), [(0.0, 1e-9), (-1.0, 1e-9), (1e300, 1e12)])
def test_values_out_of_reach_are_taken_for_the_nearest_that_is_not(value, taken_for):
    assert EMPTY.plus([(NOW_S, value)], NOW_S).value_at(0.5) == pytest.approx(taken_for, rel=0.011)


@given(streams)
def test_what_is_written_is_read_again_to_seven_digits(stream):
    sketch = EMPTY.plus(stream, NOW_S)
    again = read_sketch(sketch.to_bytes())
    assert again == read_sketch(again.to_bytes())
    assert (again.indexes, again.at_s, again.level, again.half_life_s) == (
        sketch.indexes, sketch.at_s, sketch.level, sketch.half_life_s,
    )  # fmt: skip
    assert again.weights == pytest.approx(sketch.weights, rel=1e-6)


def test_a_sum_of_weights_that_ends_short_by_its_last_digit_gives_the_last_value():
    sketch = Sketch(half_life_s=1.0, indexes=(0, 10), weights=(0.1, 0.2))
    assert sketch.value_at(1.0 + 1e-12) == sketch.value_at(1.0)


def _written(**changes):
    fields = {"form": 1, "level": 0, "at_s": 1.0, "half_life_s": 2.0, "indexes": (1, 2), "weights": (1.0, 1.0)}
    fields |= changes
    head = (fields["form"], fields["level"], len(fields["indexes"]), fields["at_s"], fields["half_life_s"])
    count = len(fields["indexes"])
    return struct.pack(f"<BBHdd{count}h{count}f", *head, *fields["indexes"], *fields["weights"])


def test_the_form_that_damaged_ones_are_made_from_can_be_read():
    assert read_sketch(_written()).indexes == (1, 2)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"short",
        _written()[:-1],
        _written(form=2),
        _written(level=9),
        _written(at_s=math.nan),
        _written(half_life_s=0.0),
        _written(half_life_s=math.inf),
        _written(indexes=(2, 1)),
        _written(weights=(1.0, -1.0)),
        _written(weights=(1.0, math.inf)),
        _written(indexes=tuple(range(321)), weights=(1.0,) * 321),
    ],
)
def test_what_is_damaged_or_newer_is_refused(written):
    with pytest.raises(FormatError, match="damaged, or was written by a newer version"):
        read_sketch(written)


def test_every_level_that_values_can_force_is_one_that_can_be_read():
    span = math.log(sketch_module._MOST / sketch_module._LEAST)
    buckets = span / math.ldexp(sketch_module._LOG_BASE, sketch_module._COARSEST)
    assert buckets < MOST_BUCKETS


def test_what_lies_above_a_value_is_counted_and_its_equals_by_half():
    sketch = Sketch(half_life_s=1e9).plus([(0.0, value) for value in (1.0, 1.0, 2.0, 4.0)], 0.0)
    assert sketch.above(1.0) == pytest.approx(3.0)
    assert sketch.above(3.0) == pytest.approx(1.0)
    assert sketch.above(9.0) == 0.0
    assert sketch.above(0.0) == pytest.approx(4.0)
    assert sketch.above(sketch.value_at(0.5)) == pytest.approx(3.0)
