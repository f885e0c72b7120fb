"""Days as times."""

import pytest

from nubem_jupyter.catalog.days import begin_of, day_of


@pytest.mark.parametrize("day", ["2024-10-04", "2024-10-04T17:00:00.000+00:00"])
def test_a_day_begins_at_midnight_in_utc(day):
    assert begin_of(day) == 20_000 * 86_400


@pytest.mark.parametrize("day", ["", "someday", "2024-13-01"])
def test_a_text_that_is_no_day_begins_never(day):
    assert begin_of(day) is None


def test_a_time_has_its_day():
    assert day_of(20_000 * 86_400 + 86_399) == "2024-10-04"
