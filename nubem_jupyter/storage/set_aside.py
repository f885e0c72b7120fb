"""Making way for a new file where the old one is damaged and nothing in it is worth a user's time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.trouble import DAMAGED, explain, primary_code

T = TypeVar("T")


class Mending:
    """Does things with a file; where it is damaged, does them again on a new one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._one_at_a_time = threading.Lock()

    def __call__(self, act: Callable[[], T]) -> T:
        """Do it; return what it gives.

        Raises:
            StorageError: it failed, though the file is sound or new.
        """
        try:
            return act()
        except StorageError as error:
            if not tells_of_damage(error):
                raise
            with self._one_at_a_time:
                set_aside_if_damaged(self._database)
            return act()


def tells_of_damage(error: StorageError) -> bool:
    """Tell whether the error came from a file that is not, or no longer, a sound database."""
    return error.__cause__ is not None and primary_code(error.__cause__) in DAMAGED


def set_aside_if_damaged(database: Database) -> None:
    """Rename the file to ``….damaged``, in place of an older one of that name, unless it turns out to be sound.

    It is looked through first, because another process may have put a new file there meanwhile.

    Raises:
        StorageError: it cannot be looked through or renamed.
    """
    if not _damaged(database):
        return
    database.close()
    # The log first: one that is left behind would be read into the new file.
    for end in ("-wal", "-shm", ""):
        try:
            with contextlib.suppress(FileNotFoundError):
                _beside(database.path, end).replace(_beside(database.path, f".damaged{end}"))
        except OSError as error:
            raise explain(error, database.path) from error


def _damaged(database: Database) -> bool:
    try:
        with database.reading() as connection:
            (finding,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            return str(finding) != "ok"
    except StorageError as error:
        if tells_of_damage(error):
            return True
        raise


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
