"""Evidence of quality grows old."""

import msgspec
import pytest

from nubem_jupyter.catalog.fading import with_faded
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, ModelInfo

DAY_S = 86_400.0
NOW_S = 20_000 * DAY_S
"""2024-10-04."""


def entry(date="2024-10-04", n=20):
    return Evidence(capability="answer", n=n, score_sum=n * 0.9, source="suite", date=date)


def faded(*entries, now_s=NOW_S):
    (info,) = with_faded([ModelInfo(id=ModelId("a/one"), provider="a", evidence=entries)], now_s)
    return info.evidence


@pytest.mark.parametrize(
    ("date", "weight"),
    [("2024-10-04", 1.0), ("2023-10-05", 0.5), ("2022-10-05", 0.25), ("2030-01-01", 1.0), ("some day", 1.0)],
)
def test_a_case_counts_half_after_a_year(date, weight):
    (found,) = faded(entry(date))
    assert found.weight == pytest.approx(weight)
    assert msgspec.structs.replace(found, weight=1.0) == entry(date)


def test_it_fades_by_whole_days_so_that_nothing_changes_from_minute_to_minute():
    assert faded(entry("2024-01-01")) == faded(entry("2024-01-01"), now_s=NOW_S + 0.9 * DAY_S)
    assert faded(entry("2024-01-01")) != faded(entry("2024-01-01"), now_s=NOW_S + DAY_S)


def test_what_counts_for_next_to_nothing_is_gone():
    assert faded(entry("2021-10-01", n=1), entry("2021-10-01", n=2)) == faded(entry("2021-10-01", n=2))


def test_models_without_evidence_stay_the_values_that_they_are():
    plain = ModelInfo(id=ModelId("a/one"), provider="a")
    assert with_faded([plain], NOW_S)[0] is plain
