"""Time in half-lives, and days as times."""

import pytest

from nubem_jupyter.core.decay import begin_of, remaining


@pytest.mark.parametrize(("age_s", "left"), [(0.0, 1.0), (10.0, 0.5), (20.0, 0.25), (-5.0, 1.0)])
def test_what_was_seen_one_half_life_ago_counts_half_and_the_future_is_now(age_s, left):
    assert remaining(age_s, 10.0) == left


@pytest.mark.parametrize("day", ["2024-10-04", "2024-10-04T17:00:00.000+00:00"])
def test_a_day_begins_at_midnight_in_utc(day):
    assert begin_of(day) == 20_000 * 86_400


@pytest.mark.parametrize("day", ["", "someday", "2024-13-01"])
def test_a_text_that_is_no_day_begins_never(day):
    assert begin_of(day) is None
