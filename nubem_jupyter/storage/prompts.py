"""Where the prompts of scored cases lie among others, and what was learned from that."""

from __future__ import annotations

from collections.abc import Iterable

from nubem_jupyter.core.outcome import PromptVector
from nubem_jupyter.storage.database import Database

_KEEP = "INSERT OR REPLACE INTO prompt_vector (query, space, vector) VALUES (?, ?, ?)"
_TRIM = "DELETE FROM prompt_vector WHERE query NOT IN (SELECT query FROM outcome)"
_OF = """SELECT query, space, vector FROM prompt_vector
    WHERE query IN (SELECT query FROM outcome WHERE capability = ?) ORDER BY query"""
_SPACES = """SELECT space, count(*) FROM prompt_vector
    WHERE query IN (SELECT query FROM outcome WHERE capability = ?) GROUP BY space"""
_OUTCOMES = "SELECT count(*), max(number) FROM outcome WHERE capability = ?"
_VECTORS = "SELECT count(*), max(number) FROM prompt_vector"
_FIT = "SELECT record FROM prompt_fit WHERE capability = ? AND space = ? AND stamp = ?"


class PromptStore:
    """Vectors by query, the newest of each; they lie in the file of the outcomes, and go with them.

    Every method raises ``StorageError`` where the file cannot be opened, read or written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, vectors: Iterable[PromptVector]) -> None:
        """Record vectors of queries that have outcomes; those of others are not kept."""
        rows = [(one.query, one.space, one.packed) for one in vectors]
        with self._database.writing() as connection:
            connection.executemany(_KEEP, rows)
            connection.execute(_TRIM)

    def of(self, capability: str) -> tuple[PromptVector, ...]:
        """Return the vectors of a capability's queries; what is none is left out."""
        with self._database.reading() as connection:
            rows = connection.execute(_OF, (capability,)).fetchall()
        return tuple(
            PromptVector(query=query, space=space, packed=vector)
            for query, space, vector in rows
            if isinstance(vector, bytes)
        )

    def spaces(self, capability: str) -> dict[str, int]:
        """Return how many of a capability's queries have a vector of each space."""
        with self._database.reading() as connection:
            return dict(connection.execute(_SPACES, (capability,)).fetchall())

    def stamp(self, capability: str) -> tuple[int, str]:
        """Return how many outcomes of a capability there are, and a text that changes whenever they or vectors do."""
        with self._database.reading() as connection:
            count, newest = connection.execute(_OUTCOMES, (capability,)).fetchone()
            vectors, last = connection.execute(_VECTORS).fetchone()
        return count, f"{count} {newest} {vectors} {last}"

    def fitted(self, capability: str, space: str, stamp: str) -> bytes | None:
        """Return what was learned of vectors of one space at that stamp; None where that is not known."""
        with self._database.reading() as connection:
            row = connection.execute(_FIT, (capability, space, stamp)).fetchone()
        return None if row is None else row[0]

    def keep_fit(self, capability: str, space: str, stamp: str, record: bytes) -> None:
        """Keep what was learned, in place of what older outcomes told."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM prompt_fit WHERE capability = ? AND stamp <> ?", (capability, stamp))
            connection.execute(
                "INSERT OR REPLACE INTO prompt_fit VALUES (?, ?, ?, ?)", (capability, space, stamp, record)
            )
