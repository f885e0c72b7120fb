"""After a change of a model's results what is known from before counts for less; a check is about its step alone."""

import msgspec
import pytest

from nubem_jupyter.catalog.changes import changes_in, with_changes, with_discounted
from nubem_jupyter.catalog.checks import with_checked
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, ModelInfo
from nubem_jupyter.core.observation import CheckedDay

ONE, OTHER = ModelId("a/one"), ModelId("a/other")
DAY_S = 86_400.0
NOW_S = 20_000 * DAY_S
"""2024-10-04."""


def found(date, right, *, n=20, source="evaluation of d", method="m", capability="answer", task=""):
    return Evidence(capability=capability, n=n, score_sum=right, source=source, date=date, method=method, task=task)


def day(date, passed, *, n=20, task="t", model=ONE):
    return CheckedDay(model=model, capability="answer", task=task, step="say", day=date, n=n, passed=passed)


def info(*evidence, model=ONE):
    return ModelInfo(id=model, provider="a", evidence=evidence)


EARLIER, LATER = found("2024-09-01", 18), found("2024-10-01", 9)


def test_the_same_cases_with_other_results_are_a_change_and_all_of_before_counts_for_less():
    suite = found("2024-08-01", 50, n=60, source="suite", method="")
    newer = found("2024-10-02", 5, n=10, source="suite two", method="")
    elsewhere = found("2024-08-01", 50, n=60, source="suite", method="", capability="classify")
    undated = found("some day", 5, source="hearsay", method="")
    changes = changes_in([(ONE, EARLIER), (ONE, LATER), (ONE, undated), (OTHER, EARLIER)], [])
    assert set(changes) == {ONE}
    (change,) = changes[ONE]
    assert (change.since, change.source, change.n_before, change.score_before, change.n_since, change.score_since) == (
        "2024-10-01", "evaluation of d", 20, 18.0, 20, 9.0,
    )  # fmt: skip
    models = [info(LATER, suite, newer, elsewhere, undated), info(EARLIER, model=OTHER)]
    one, other = with_discounted(with_changes(models, changes))
    assert [entry.weight for entry in one.evidence] == [1.0, change.weight, 1.0, 1.0, 1.0]
    assert 0 < change.weight < 0.5
    assert other is models[1]


def test_what_was_found_in_another_way_is_not_held_against_each_other():
    """An easier flow, other cases or another scorer tell nothing of the model."""
    for before in (
        msgspec.structs.replace(EARLIER, method="other"),
        msgspec.structs.replace(EARLIER, method=""),
        msgspec.structs.replace(EARLIER, source="evaluation of e"),
        msgspec.structs.replace(EARLIER, capability="classify"),
        msgspec.structs.replace(EARLIER, date="some day"),
        msgspec.structs.replace(EARLIER, date=LATER.date),
    ):
        assert not changes_in([(ONE, before), (ONE, LATER)], [])
    assert not changes_in([(OTHER, EARLIER), (ONE, LATER)], [])


def test_checks_are_evidence_for_their_step_by_days_that_fade():
    days = [
        day("2023-10-05", 10),
        day("2024-10-04", 20),
        day("2024-10-04", 1, n=5, task="u"),
        day("1990-01-01", 9, task="v"),
    ]
    plain = info(model=OTHER)
    one, other = with_checked([info(EARLIER), plain], days, NOW_S)
    assert one.evidence_for("answer") == (EARLIER,)
    (entry,) = [entry for entry in one.evidence_for("answer", "t") if entry.task]
    assert (entry.n, entry.score_sum, entry.date) == (40, 30.0, "2024-10-04")
    assert entry.source == "checks of step 'say'"
    assert entry.weight == pytest.approx(0.75)
    assert len(one.evidence_for("answer", "u")) == 2
    assert not [entry for entry in one.evidence if entry.task == "v"]
    assert other is plain


def test_a_change_that_a_check_tells_of_is_about_its_step_alone():
    days = [day("2024-09-01", 18), day("2024-10-01", 9), day("2024-09-01", 18, task="u")]
    changes = changes_in([], days)
    (change,) = changes[ONE]
    assert change.task == "t"
    (one,) = with_discounted(with_checked(with_changes([info(EARLIER)], changes), days, NOW_S))
    assert one.changes_for("answer") == ()
    assert one.changes_for("answer", "t") == (change,)
    weights = {(entry.task, entry.date): round(entry.weight, 2) for entry in one.evidence}
    assert weights[("", "2024-09-01")] == 1.0
    assert weights[("u", "2024-09-01")] > 0.9
    assert weights[("t", "2024-09-01")] < 0.3
    assert weights[("t", "2024-10-01")] > 0.9


def test_a_step_that_is_renamed_is_held_against_itself_and_goes_by_its_newest_name():
    before, after = day("2024-09-01", 18), msgspec.structs.replace(day("2024-10-01", 9), step="tell")
    for days in ((before, after), (after, before)):
        (change,) = changes_in([], days)[ONE]
        assert (change.n_before, change.n_since, change.source) == (20, 20, "checks of step 'tell'")
