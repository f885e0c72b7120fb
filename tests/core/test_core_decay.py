"""Time in half-lives."""

import pytest

from nubem_jupyter.core.decay import remaining


@pytest.mark.parametrize(("age_s", "left"), [(0.0, 1.0), (10.0, 0.5), (20.0, 0.25), (-5.0, 1.0)])
def test_what_was_seen_one_half_life_ago_counts_half_and_the_future_is_now(age_s, left):
    assert remaining(age_s, 10.0) == left
