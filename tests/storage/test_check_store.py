"""Checked answers: the newest of each case, for a year, and read anew only where there is something new."""

from contextlib import closing

import pytest

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.observation import CheckedAnswer
from nubem_jupyter.storage.checks import CheckStore
from nubem_jupyter.storage.database import Database

DAY_S = 86_400.0
NOW_S = 20_000 * DAY_S
"""2024-10-04."""


@pytest.fixture
def database(tmp_path):
    with closing(Database(tmp_path / "runs.db")) as opened:
        yield opened


def answer(case, day="2024-10-04", passed=True, task="t"):
    return CheckedAnswer(
        model=ModelId("a/one"), capability="answer", task=task, step="say", case=case, day=day, passed=passed
    )


def told(store):
    return [(one.task, one.day, one.passed, one.n) for one in store.days()]


def test_what_is_older_than_a_year_goes_whatever_step_is_checked_next(database):
    now = [NOW_S]
    store = CheckStore(database, lambda: now[0])
    store.add([answer("1", "2024-10-03", task="gone"), answer("2", passed=False)])
    now[0] = NOW_S + 365 * DAY_S
    store.add([answer("3", "2025-10-04")])
    assert told(store) == [("t", "2024-10-04", 0, 1), ("t", "2025-10-04", 1, 1)]


def test_of_each_model_and_step_the_newest_cases_are_kept(database):
    store = CheckStore(database, lambda: NOW_S, most_cases=2)
    store.add([answer("1", passed=False), answer("2"), answer("3"), answer("1", task="u")])
    assert told(store) == [("t", "2024-10-04", 2, 2), ("u", "2024-10-04", 1, 1)]


def test_days_are_put_together_anew_only_after_a_change_also_by_another_process(database, tmp_path):
    store = CheckStore(database, lambda: NOW_S)
    assert store.days() is store.days()
    store.add([answer("1"), answer("2")])
    before = store.days()
    assert store.days() is before
    with closing(Database(tmp_path / "runs.db")) as opened:
        # As many cases as before, one of them with another answer.
        CheckStore(opened, lambda: NOW_S).add([answer("1", passed=False)])
    assert told(store) == [("t", "2024-10-04", 1, 2)]
