"""One SQLite file and the one connection to it, shared by the stores that keep their tables in it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from nubem_jupyter.storage.migrations import migrate
from nubem_jupyter.storage.trouble import damaged, explain, primary_code

_BUSY_S = 10.0
"""How long a write waits for another process's."""
_RETRY_S = 0.05
_BROKEN = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
    }
)
"""Result codes after which the connection is opened anew: the user may have mended or moved the file."""


class Database:
    """Opens the file when it is first used; any thread may use it, one at a time.

    Write-ahead logging lets a notebook and a terminal read while one of them writes. Each commit waits until the disk
    has it (``synchronous=FULL``): the default for this mode survives a killed process but may forget the last commits
    when the power fails, and those are runs that were paid for. A commit a run is few enough.
    """

    def __init__(
        self,
        path: Path,
        *,
        steps: Mapping[str, tuple[str, ...]] | None = None,
        pragmas: tuple[str, ...] = ("synchronous = FULL",),
        busy_s: float | None = None,
    ) -> None:
        self.path = path
        """The file."""
        self._steps = steps
        """The steps to today's tables, if they are not those of the runs."""
        self._pragmas = pragmas
        """What is set before anything else on each connection."""
        self._busy_s = busy_s
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for queries that see one moment.

        Raises:
            StorageError: the file cannot be opened or read.
        """
        with self._within("BEGIN") as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for changes that are kept together, on disk when the block ends, or not at all.

        Raises:
            StorageError: the file cannot be opened or written.
        """
        with self._within("BEGIN IMMEDIATE") as connection:
            yield connection

    def check(self) -> None:
        """Look the whole file through, and write to it without changing anything.

        Raises:
            StorageError: it is damaged, or cannot be opened or written.
        """
        with self.writing() as connection:
            (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (mark,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute(f"PRAGMA user_version = {mark}")
        if finding != "ok":
            raise damaged(self.path, " ".join(finding.split()))

    def close(self) -> None:
        """Let go of the file; a later use opens it again."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    @contextlib.contextmanager
    def _within(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock, self._explained():
            connection = self._connection = self._connection or self._open()
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if primary_code(error) in _BROKEN:
                self.close()
            raise explain(error, self.path) from error

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Made here and not by SQLite, so that only its owner can read what was asked and answered.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, 0o600))
        busy_s = _BUSY_S if self._busy_s is None else self._busy_s
        connection = sqlite3.connect(self.path, timeout=busy_s, isolation_level=None, check_same_thread=False)
        try:
            for pragma in (*self._pragmas, "foreign_keys = ON"):
                connection.execute(f"PRAGMA {pragma}")
            _choose_log(connection, busy_s)
            migrate(connection, str(self.path), self._steps)
        except BaseException:
            connection.close()
            raise
        return connection


def _choose_log(connection: sqlite3.Connection, busy_s: float) -> None:
    """Turn write-ahead logging on; the file remembers it."""
    until_s = time.monotonic() + busy_s
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            # Where the file system cannot, SQLite keeps the mode that it has, which is safe too.
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # SQLite does not wait here by itself while another process turns it on.
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until_s:
                raise
            time.sleep(_RETRY_S)
        else:
            return
