"""What real calls told of each model, by capability: noted on the event loop, written behind, shared by processes."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from nubem_jupyter.core.call_statistics import CallKey, CallStatistics, fold, read_statistics
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.observation import CallObservation
from nubem_jupyter.errors import FormatError
from nubem_jupyter.storage.database import Database

_MOST_NOTED = 100_000
"""Calls that wait to be taken in; where nobody saves for so long, the oldest go."""
_FORGOTTEN_S = 365 * 86_400.0
"""What nobody called for so long has faded to nothing long ago."""

_DAYS_KEPT_S = 28 * 86_400.0
"""Days are told apart for so long, to see what changed; what is older has faded."""
_FORGET_DAYS = "DELETE FROM call_day WHERE day < ?"
DayKey = tuple[ModelId, str]
"""Model and ISO day."""

_ONE = "SELECT record FROM call_statistics WHERE model = ? AND capability = ?"
_PUT = "INSERT OR REPLACE INTO call_statistics (model, capability, at_s, record) VALUES (?, ?, ?, ?)"
_FORGET = "DELETE FROM call_statistics WHERE at_s < ?"


class CallStats:
    """Statistics of calls, which survive the process.

    What was noted is lost with a process that dies before ``save``. Processes add to what is in the file and replace
    nothing. What cannot be read there, since a newer version wrote it or the disk lost it, is measured again.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._noted: deque[CallObservation] = deque(maxlen=_MOST_NOTED)
        self._unsaved: dict[CallKey, CallStatistics] = {}
        self._unsaved_days: dict[DayKey, CallStatistics] = {}
        self._read_days: dict[DayKey, tuple[bytes, CallStatistics]] = {}
        self._turn = threading.Lock()
        self.note = self._noted.append
        """Takes one call that ended in; for the event loop: it never waits and never raises."""

    def add(self, known: Mapping[CallKey, CallStatistics]) -> None:
        """Take in what was worked out elsewhere; it is kept with the next ``save``."""
        with self._turn:
            for key, statistics in known.items():
                self._unsaved[key] = statistics.merged(self._unsaved.get(key, _NOTHING))

    def save(self) -> None:
        """Add what was noted to the file; for a thread that may wait.

        Raises:
            StorageError: it cannot be written; what was noted is kept for the next time.
        """
        with self._turn:
            now_s = self._take_in()
            if not self._unsaved:
                return
            with self._database.writing() as connection:
                for key, new in self._unsaved.items():
                    _add(connection, key, new, now_s)
                for day_key, new in self._unsaved_days.items():
                    _add_day(connection, day_key, new, now_s)
                connection.execute(_FORGET, (now_s - _FORGOTTEN_S,))
                connection.execute(_FORGET_DAYS, (_day_of(now_s - _DAYS_KEPT_S),))
            self._unsaved, self._unsaved_days = {}, {}

    def all(self) -> Mapping[CallKey, CallStatistics]:
        """Return everything that is known, what was not saved yet included; for a thread that may wait.

        Raises:
            StorageError: the file cannot be read.
        """
        with self._turn:
            now_s = self._take_in()
            with self._database.reading() as connection:
                rows = connection.execute("SELECT model, capability, record FROM call_statistics").fetchall()
            known = dict(self._unsaved)
            for model, capability, record in rows:
                key = (ModelId(model), capability)
                known[key] = _known(record).until(now_s).merged(known.get(key, _NOTHING))
            return known

    def days(self) -> Mapping[DayKey, CallStatistics]:
        """Return what each of the last days told of each model; for a thread that may wait.

        Raises:
            StorageError: the file cannot be read.
        """
        with self._turn:
            self._take_in()
            with self._database.reading() as connection:
                rows = connection.execute("SELECT model, day, record FROM call_day").fetchall()
            known = dict(self._unsaved_days)
            self._read_days = {
                (ModelId(model), day): self._day((ModelId(model), day), record) for model, day, record in rows
            }
            for key, (_, told) in self._read_days.items():
                known[key] = told.merged(known[key]) if key in known else told
            return known

    def _day(self, key: DayKey, record: bytes) -> tuple[bytes, CallStatistics]:
        """Read a day's record; most days are over, and theirs stay what they are."""
        before = self._read_days.get(key)
        return before if before and before[0] == record else (record, _known(record).until(self._clock()))

    def _take_in(self) -> float:
        """Fold what was noted, and return the time."""
        now_s = self._clock()
        by_day: dict[str, list[CallObservation]] = defaultdict(list)
        for _ in range(len(self._noted)):
            call = self._noted.popleft()
            by_day[_day_of(min(call.at_s, now_s))].append(call)
        for day, calls in by_day.items():
            for (model, capability), told in fold({}, calls, now_s).items():
                _merge(self._unsaved, (model, capability), told)
                _merge(self._unsaved_days, (model, day), told)
        return now_s


def _add(connection: sqlite3.Connection, key: CallKey, new: CallStatistics, now_s: float) -> None:
    row = connection.execute(_ONE, key).fetchone()
    whole = new if row is None else _known(row[0]).until(now_s).merged(new)
    connection.execute(_PUT, (*key, whole.at_s, whole.to_bytes()))


def _add_day(connection: sqlite3.Connection, key: DayKey, new: CallStatistics, now_s: float) -> None:
    row = connection.execute("SELECT record FROM call_day WHERE model = ? AND day = ?", key).fetchone()
    whole = new if row is None else _known(row[0]).until(now_s).merged(new)
    connection.execute("INSERT OR REPLACE INTO call_day VALUES (?, ?, ?)", (*key, whole.to_bytes()))


def _merge(known: dict[tuple[ModelId, str], CallStatistics], key: tuple[ModelId, str], new: CallStatistics) -> None:
    known[key] = new if key not in known else known[key].merged(new)


def _day_of(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).date().isoformat()


def _known(record: bytes) -> CallStatistics:
    with contextlib.suppress(FormatError):
        return read_statistics(record)
    return _NOTHING


_NOTHING = CallStatistics()
