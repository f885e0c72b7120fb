"""What SQLite's and the system's errors mean to a user."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from nubem_jupyter.errors import StorageError

DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""Result codes of a file that is not, or no longer, a sound database."""

_ELSEWHERE = "or set NUBEM_HOME to a folder elsewhere"
_TROUBLE = {
    sqlite3.SQLITE_FULL: ("is not written: the disk is full", f"free some space, {_ELSEWHERE}"),
    sqlite3.SQLITE_READONLY: ("may not be written", f"check the permissions of the file and its folder, {_ELSEWHERE}"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", f"check the permissions of the file and its folder, {_ELSEWHERE}"),
    sqlite3.SQLITE_PERM: ("may not be opened", f"check the permissions of the file and its folder, {_ELSEWHERE}"),
    sqlite3.SQLITE_BUSY: ("is in use by another process", "close the other notebook or terminal, then try again"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", f"check the disk and its free space, {_ELSEWHERE}"),
}
_SYSTEM = {
    errno.ENOSPC: sqlite3.SQLITE_FULL,
    errno.EDQUOT: sqlite3.SQLITE_FULL,
    errno.EFBIG: sqlite3.SQLITE_FULL,
    errno.EACCES: sqlite3.SQLITE_READONLY,
    errno.EPERM: sqlite3.SQLITE_READONLY,
    errno.EROFS: sqlite3.SQLITE_READONLY,
    errno.EIO: sqlite3.SQLITE_IOERR,
}
"""The system's error numbers -> SQLite's result codes that mean the same to a user."""


def primary_code(error: BaseException) -> int:
    """Return SQLite's result code without its extension; 0 for errors that come from elsewhere."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def explain(error: sqlite3.Error | OSError, path: Path) -> StorageError:
    """Say what happened to the store at ``path`` and what to do; a damaged file is never touched."""
    code = primary_code(error) or _SYSTEM.get(getattr(error, "errno", None) or 0, 0)
    if code in DAMAGED:
        return damaged(path, str(error))
    what, hint = _TROUBLE.get(code, ("cannot be used", f"check that the folder can be written, {_ELSEWHERE}"))
    return StorageError(f"the store {path} {what} ({error})", hint=hint)


def damaged(path: Path, finding: str) -> StorageError:
    """Say that the file at ``path`` is no longer a sound database, and what to do."""
    return StorageError(
        f"the store {path} is damaged ({finding})",
        hint=f"move it aside (mv '{path}' '{path}.damaged', and the files {path.name}-wal and -shm where they are "
        "there); a new one is made at the next run, and the sqlite3 command '.recover' may save what is in the old",
    )
