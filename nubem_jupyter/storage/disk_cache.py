"""A cache in one SQLite file, which several notebooks and terminals may share."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from nubem_jupyter.core.cache import CacheEntry, CacheStats, read_record, to_record
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.known_keys import KnownKeys
from nubem_jupyter.storage.set_aside import Mending

T = TypeVar("T")

_Row = tuple[str, bytes, float, float | None]
"""Key, record, when it was used and when it is over."""

STEPS: dict[str, tuple[str, ...]] = {
    "0001-entries": (
        # AUTOINCREMENT, so that no number is given twice: those above the last one seen are the new entries.
        """CREATE TABLE entry (
            id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, record BLOB NOT NULL,
            used_s REAL NOT NULL, expires_s REAL)""",
        "CREATE INDEX entry_by_use ON entry (used_s)",
        "CREATE INDEX entry_by_expiry ON entry (expires_s) WHERE expires_s NOT NULL",
    ),
}
"""Name -> statements, in the order in which they are applied; see ``storage.migrations``."""

_PRAGMAS = (
    "auto_vacuum = FULL",  # so that the file is never larger than what is in it
    "synchronous = NORMAL",  # a power failure may take the last entries along: they are made again
)
_BUSY_S = 1.0
"""How long to wait for another process: making a call again beats waiting for long."""
_NOTED_S = 60.0
"""A use this soon after the last one that was noted is not noted, so that most hits write nothing."""
_SHARE = 8
"""An entry larger than this part of the limit would sweep too many others out."""
_SWEPT = 16
"""Entries that make room at once."""

_USED_BYTES = """SELECT (page_count - freelist_count) * page_size
    FROM pragma_page_count, pragma_freelist_count, pragma_page_size"""
_PUT = """INSERT INTO entry (key, record, used_s, expires_s) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET
        record = excluded.record, used_s = excluded.used_s, expires_s = excluded.expires_s"""
_EXPIRE = "DELETE FROM entry WHERE expires_s <= ? RETURNING key"
_SWEEP = "DELETE FROM entry WHERE id IN (SELECT id FROM entry ORDER BY used_s, id LIMIT ?) RETURNING key"


class DiskCache:
    """A ``Cache`` in a file of its own, at most ``limit_bytes`` large plus SQLite's log of a few MB.

    What a full cache forgets first is what is over, then what was not used for longest, to the minute. A damaged file
    is renamed to ``….damaged`` and a new one begun, since all that it held can be made again.
    """

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self.database = Database(path, steps=STEPS, pragmas=_PRAGMAS, busy_s=_BUSY_S)
        """The file and its connection."""
        self._limit_bytes = limit_bytes
        self._known = KnownKeys()
        self._mending = Mending(self.database)

    def get(self, key: str, now_s: float) -> CacheEntry | None:
        """Return what is kept under the key and is fresh, or None.

        Raises:
            StorageError: the file cannot be opened, read or written; so for every method.
        """
        row = self._mended(lambda: self._row(key))
        entry = read_record(row[0]) if row else None
        if row is None or entry is None or not entry.fresh(now_s):
            return None
        if now_s - row[1] >= _NOTED_S:
            with contextlib.suppress(StorageError):  # a hit stays one, though its use could not be noted
                self._note_use(key, now_s)
        return entry

    def put_all(self, entries: Mapping[str, CacheEntry]) -> None:
        """Keep the entries in place of earlier ones in one transaction; one that is large for the limit is not kept."""
        most_bytes = self._limit_bytes // _SHARE
        rows, refused = [], []
        for key, entry in entries.items():
            record = to_record(entry)
            if record is None or len(record) > most_bytes:
                refused.append(key)
            else:
                rows.append((key, record, entry.stored_s, _end_s(entry)))
        self._mended(lambda: self._keep(rows, refused))

    def may_have(self, key: str) -> bool:
        """Tell whether the key is among those seen in the file, or nobody has looked yet."""
        return self._known.may_have(key)

    def refresh(self) -> None:
        """Look for keys that other processes have put."""
        self._mended(self._refresh)

    def clear(self) -> int:
        """Forget everything; return how many entries there were."""
        return self._mended(self._clear)

    def stats(self) -> CacheStats:
        """Count the entries and the bytes of the file that are in use, SQLite's own included."""
        return self._mended(self._stats)

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self.database.close()

    def _mended(self, act: Callable[[], T]) -> T:
        """Do it, on a new file where this one is damaged; what was begun and undone takes what is known with it."""

        def forgetful() -> T:
            try:
                return act()
            except StorageError:
                self._known.reset()
                raise

        return self._mending(forgetful)

    def _refresh(self) -> None:
        with self.database.reading() as connection:
            self._known.refresh(connection)

    def _row(self, key: str) -> tuple[bytes, float] | None:
        with self.database.reading() as connection:
            row: tuple[bytes, float] | None = connection.execute(
                "SELECT record, used_s FROM entry WHERE key = ?", (key,)
            ).fetchone()
            if row is None:
                self._known.drop([key])
            return row

    def _note_use(self, key: str, now_s: float) -> None:
        with self.database.writing() as connection:
            connection.execute("UPDATE entry SET used_s = ? WHERE key = ?", (now_s, key))

    def _keep(self, rows: Sequence[_Row], refused: Sequence[str]) -> None:
        with self.database.writing() as connection:
            connection.executemany("DELETE FROM entry WHERE key = ?", [(key,) for key in refused])
            connection.executemany(_PUT, rows)
            # Known before the transaction ends: what is known wrongly costs a look, what is not known a call.
            self._known.add(row[0] for row in rows)
            self._make_room(connection, max((row[2] for row in rows), default=0.0))

    def _make_room(self, connection: sqlite3.Connection, now_s: float) -> None:
        if _used_bytes(connection) > self._limit_bytes:
            self._forget(connection.execute(_EXPIRE, (now_s,)))
        while _used_bytes(connection) > self._limit_bytes:
            if not self._forget(connection.execute(_SWEEP, (_SWEPT,))):
                return

    def _forget(self, deleted: sqlite3.Cursor) -> int:
        keys = [key for (key,) in deleted]
        self._known.drop(keys)
        return len(keys)

    def _clear(self) -> int:
        with self.database.writing() as connection:
            self._known.clear()
            return connection.execute("DELETE FROM entry").rowcount

    def _stats(self) -> CacheStats:
        with self.database.reading() as connection:
            (entries,) = connection.execute("SELECT count(*) FROM entry").fetchone()
            used_bytes = _used_bytes(connection)
        return CacheStats(
            entries=entries, bytes=used_bytes, limit_bytes=self._limit_bytes, place=str(self.database.path)
        )


def _end_s(entry: CacheEntry) -> float | None:
    return None if entry.ttl_s is None else entry.stored_s + entry.ttl_s


def _used_bytes(connection: sqlite3.Connection) -> int:
    """Count what the file takes; pages that are free leave it when the transaction ends."""
    (used_bytes,) = connection.execute(_USED_BYTES).fetchone()
    return int(used_bytes)
