"""Which calls may share an answer, in one SQLite file: signatures and keys, no text that was asked or answered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.set_aside import Mending

STEPS: dict[str, tuple[str, ...]] = {
    "0001-similar": (
        """CREATE TABLE scope (
            id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, place TEXT NOT NULL,
            checked INTEGER NOT NULL DEFAULT 0, wrong INTEGER NOT NULL DEFAULT 0)""",
        # AUTOINCREMENT, so that a larger number is always a newer call.
        """CREATE TABLE call (
            id INTEGER PRIMARY KEY AUTOINCREMENT, scope INTEGER NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
            marks BLOB NOT NULL, sides BLOB NOT NULL, key TEXT NOT NULL, UNIQUE (scope, marks, sides))""",
        "CREATE INDEX call_by_scope ON call (scope, id)",
    ),
}
"""Name -> statements, in the order in which they are applied; see ``storage.migrations``."""

_PRAGMAS = ("auto_vacuum = FULL", "synchronous = NORMAL")  # what is lost in a power failure is learned again
_BUSY_S = 1.0
_MOST = 100_000
"""Calls in the file."""

_ENTER = """INSERT INTO scope (digest, place) VALUES (?, ?)
    ON CONFLICT (digest) DO UPDATE SET place = excluded.place WHERE excluded.place <> '' AND place <> excluded.place"""
_COUNT = "UPDATE scope SET checked = checked + 1, wrong = wrong + ? WHERE digest = ?"
_PUT = """INSERT OR REPLACE INTO call (scope, marks, sides, key)
    VALUES ((SELECT id FROM scope WHERE digest = ?), ?, ?, ?)"""
_DROP = "DELETE FROM call WHERE scope = (SELECT id FROM scope WHERE digest = ?) AND key = ?"
_TRIM = """DELETE FROM call WHERE scope = (SELECT id FROM scope WHERE digest = :scope) AND id <= (
    SELECT id FROM call WHERE scope = (SELECT id FROM scope WHERE digest = :scope)
    ORDER BY id DESC LIMIT 1 OFFSET :most)"""
_TRIM_ALL = "DELETE FROM call WHERE id <= (SELECT max(id) FROM call) - ?"
_SWEEP = "DELETE FROM scope WHERE checked = 0 AND NOT EXISTS (SELECT 1 FROM call WHERE call.scope = scope.id)"
_LIST = """SELECT place, (SELECT count(*) FROM call WHERE call.scope = scope.id), checked, wrong FROM scope
    ORDER BY place, id"""


class MadeCall(NamedTuple):
    """A call that was made, for those like it."""

    scope: str
    """What must be equal, as a digest."""
    place: str
    """Which step that is, in words for a person."""
    marks: bytes
    """The first part of its signature."""
    sides: bytes
    """The second."""
    key: str
    """Its answer's key in the cache."""


class LostCall(NamedTuple):
    """A call whose answer is kept no more."""

    scope: str
    """As above."""
    place: str
    """As above."""
    key: str
    """Its answer's key in the cache."""


class CheckedHit(NamedTuple):
    """A similar call whose answer was compared with the call's own."""

    scope: str
    """As above."""
    place: str
    """As above."""
    wrong: bool
    """Whether the two did not agree."""


Change = MadeCall | LostCall | CheckedHit
"""What is written of a scope."""


class Kept(NamedTuple):
    """What the file has of one scope."""

    calls: Sequence[tuple[bytes, bytes, str]]
    """Both parts of the signature, and the key; oldest first."""
    checked: int
    """Hits that were checked."""
    wrong: int
    """Those that were wrong."""


class SimilarCalls:
    """The file of similar calls, at most ``most`` of one scope; for a thread that may wait.

    A damaged file is renamed to ``….damaged`` and a new one begun: all that it held is learned again.
    """

    def __init__(self, path: Path, most: int) -> None:
        self.database = Database(path, steps=STEPS, pragmas=_PRAGMAS, busy_s=_BUSY_S)
        """The file and its connection."""
        self._most = most
        self._mended = Mending(self.database)

    def load(self, scope: str) -> Kept:
        """Return what is kept of a scope.

        Raises:
            StorageError: the file cannot be opened, read or written; so for every method.
        """
        return self._mended(lambda: self._load(scope))

    def save(self, changes: Iterable[Change]) -> None:
        """Write changes in their order, together; the oldest calls make room."""
        changes = tuple(changes)
        self._mended(lambda: self._save(changes))

    def list(self) -> Sequence[tuple[str, int, int, int]]:
        """Return place, calls, checked hits and wrong ones of each scope."""
        return self._mended(self._list)

    def clear(self) -> int:
        """Forget everything, the counts of checks too; return how many calls there were."""
        return self._mended(self._clear)

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self.database.close()

    def _load(self, scope: str) -> Kept:
        with self.database.reading() as connection:
            row = connection.execute("SELECT id, checked, wrong FROM scope WHERE digest = ?", (scope,)).fetchone()
            if row is None:
                return Kept((), 0, 0)
            found = connection.execute("SELECT marks, sides, key FROM call WHERE scope = ? ORDER BY id", (row[0],))
            return Kept(found.fetchall(), row[1], row[2])

    def _save(self, changes: Sequence[Change]) -> None:
        with self.database.writing() as connection:
            connection.executemany(_ENTER, dict.fromkeys((change.scope, change.place) for change in changes))
            for change in changes:
                _write(connection, change)
            for scope in {change.scope for change in changes}:
                connection.execute(_TRIM, {"scope": scope, "most": self._most})
            connection.execute(_TRIM_ALL, (_MOST,))
            connection.execute(_SWEEP)

    def _list(self) -> Sequence[tuple[str, int, int, int]]:
        with self.database.reading() as connection:
            return connection.execute(_LIST).fetchall()

    def _clear(self) -> int:
        with self.database.writing() as connection:
            (count,) = connection.execute("SELECT count(*) FROM call").fetchone()
            connection.execute("DELETE FROM scope")
            return int(count)


def _write(connection: sqlite3.Connection, change: Change) -> None:
    match change:
        case MadeCall():
            connection.execute(_PUT, (change.scope, change.marks, change.sides, change.key))
        case LostCall():
            connection.execute(_DROP, (change.scope, change.key))
        case CheckedHit():
            connection.execute(_COUNT, (change.wrong, change.scope))
