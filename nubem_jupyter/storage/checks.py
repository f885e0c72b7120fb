"""What the checks of steps said of models' answers in ordinary runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.observation import CheckedAnswer, CheckedDay
from nubem_jupyter.storage.database import Database

MOST_CASES = 1000
"""Of each model and step the newest are kept."""
_FORGOTTEN_S = 365 * 86_400.0
"""What is older has faded to nothing long ago."""
_KEEP = """INSERT OR REPLACE INTO checked_answer (model, capability, task, step, query, day, passed)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
_TRIM = """DELETE FROM checked_answer WHERE model = ?1 AND capability = ?2 AND task = ?3 AND number NOT IN (
    SELECT number FROM checked_answer WHERE model = ?1 AND capability = ?2 AND task = ?3
    ORDER BY number DESC LIMIT ?4)"""
_FORGET = "DELETE FROM checked_answer WHERE day < ?"
_STAMP = "SELECT count(*), max(number) FROM checked_answer"
_DAYS = """SELECT model, capability, task, max(step), day, count(*), sum(passed) FROM checked_answer
    GROUP BY model, capability, task, day ORDER BY 1, 2, 3, 5"""


class CheckStore:
    """Checked answers by model, step and case; the newest of each stands, for a year.

    Every method raises ``StorageError`` where the file cannot be opened, read or written.
    """

    def __init__(self, database: Database, clock: Callable[[], float], most_cases: int = MOST_CASES) -> None:
        self._database = database
        self._clock = clock
        self._most_cases = most_cases
        self._forgot_before = ""
        self._known: tuple[object, tuple[CheckedDay, ...]] = (None, ())

    def add(self, answers: Iterable[CheckedAnswer]) -> None:
        """Record answers, and let go of the oldest where there are too many."""
        listed = list(answers)
        oldest = datetime.fromtimestamp(self._clock() - _FORGOTTEN_S, UTC).date().isoformat()
        with self._database.writing() as connection:
            connection.executemany(_KEEP, [_row(one) for one in listed])
            for key in dict.fromkeys((one.model, one.capability, one.task) for one in listed):
                connection.execute(_TRIM, (*key, self._most_cases))
            if oldest != self._forgot_before:  # once a day: all of the table is looked at
                connection.execute(_FORGET, (oldest,))
        self._forgot_before = oldest

    def days(self) -> tuple[CheckedDay, ...]:
        """Return what each day told of each model at each step, the oldest first.

        It is put together anew only where there is something new.
        """
        with self._database.reading() as connection:
            stamp = connection.execute(_STAMP).fetchone()
            known_stamp, known = self._known
            if stamp == known_stamp:
                return known
            rows = connection.execute(_DAYS).fetchall()
        found = tuple(
            CheckedDay(model=ModelId(model), capability=capability, task=task, step=step, day=day, n=n, passed=passed)
            for model, capability, task, step, day, n, passed in rows
        )
        self._known = stamp, found
        return found


def _row(one: CheckedAnswer) -> tuple[str | bool, ...]:
    return (one.model, one.capability, one.task, one.step, one.case, one.day, one.passed)
