"""Which keys a file holds, as far as this process knows: asked without a thread, a lock or the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


class KnownKeys:
    """The keys of a table ``entry`` by their hashes.

    Two keys that share a hash are one too many known, which costs a look. All but ``may_have`` is called where the
    file's connection is held, so that what is known follows the file's own order.
    """

    def __init__(self) -> None:
        self._hashes: set[int] | None = None
        self._seen_id = 0
        self._seen_version: tuple[sqlite3.Connection, int] | None = None

    def may_have(self, key: str) -> bool:
        """Tell whether the key is known, or nobody has looked yet."""
        hashes = self._hashes
        return hashes is None or hash(key) in hashes

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Take in the keys that came since the last look; nothing is read where no other connection wrote."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if self._seen_version == (connection, version):
            return
        if self._seen_version is None or self._seen_version[0] is not connection:
            self._seen_id = 0  # it may be another file
        found = connection.execute("SELECT id, key FROM entry WHERE id > ? ORDER BY id", (self._seen_id,))
        hashes = set() if self._hashes is None else self._hashes
        for number, key in found:
            hashes.add(hash(key))
            self._seen_id = number
        self._hashes = hashes
        self._seen_version = (connection, version)

    def add(self, keys: Iterable[str]) -> None:
        """Take in keys that were put."""
        if self._hashes is not None:
            self._hashes.update(map(hash, keys))

    def drop(self, keys: Iterable[str]) -> None:
        """Forget keys that are there no more."""
        if self._hashes is not None:
            self._hashes.difference_update(map(hash, keys))

    def reset(self) -> None:
        """Take nothing for known until somebody has looked again."""
        self._hashes, self._seen_version = None, None

    def clear(self) -> None:
        """Forget them all, as the file does."""
        if self._hashes is not None:
            self._hashes.clear()
