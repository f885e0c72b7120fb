"""What the checks of steps said of models' answers in ordinary runs."""

from __future__ import annotations

from collections.abc import Iterable

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.observation import CheckedAnswer, CheckedDay
from nubem_jupyter.storage.database import Database

MOST_CASES = 1000
"""Of each model and step the newest are kept."""
_KEEP = """INSERT OR REPLACE INTO checked_answer (model, capability, task, step, query, day, passed)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
_TRIM = """DELETE FROM checked_answer WHERE model = ?1 AND capability = ?2 AND task = ?3 AND number NOT IN (
    SELECT number FROM checked_answer WHERE model = ?1 AND capability = ?2 AND task = ?3
    ORDER BY number DESC LIMIT ?4)"""
_DAYS = """SELECT model, capability, task, max(step), day, count(*), sum(passed) FROM checked_answer
    GROUP BY model, capability, task, day ORDER BY 1, 2, 3, 5"""


class CheckStore:
    """Checked answers by model, step and case; the newest of each stands.

    Every method raises ``StorageError`` where the file cannot be opened, read or written.
    """

    def __init__(self, database: Database, most_cases: int = MOST_CASES) -> None:
        self._database = database
        self._most_cases = most_cases

    def add(self, answers: Iterable[CheckedAnswer]) -> None:
        """Record answers, and let go of the oldest where there are too many."""
        listed = list(answers)
        with self._database.writing() as connection:
            connection.executemany(_KEEP, [_row(one) for one in listed])
            for key in dict.fromkeys((one.model, one.capability, one.task) for one in listed):
                connection.execute(_TRIM, (*key, self._most_cases))

    def days(self) -> tuple[CheckedDay, ...]:
        """Return what each day told of each model at each step, the oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_DAYS).fetchall()
        return tuple(
            CheckedDay(model=ModelId(model), capability=capability, task=task, step=step, day=day, n=n, passed=passed)
            for model, capability, task, step, day, n, passed in rows
        )


def _row(one: CheckedAnswer) -> tuple[str | bool, ...]:
    return (one.model, one.capability, one.task, one.step, one.case, one.day, one.passed)
