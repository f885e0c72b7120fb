"""The vectors of an index's passages: one for each text, of one model."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy
    import numpy.typing

VECTOR_TABLES = """
CREATE TABLE embedder (name TEXT NOT NULL);
CREATE TABLE vector (text BLOB PRIMARY KEY, value BLOB NOT NULL);
"""
"""The tables of an index that vectors are kept in; ``piece`` has each passage's digest of its text."""

_WAITING = """SELECT piece.text, body.text FROM piece JOIN body ON body.rowid = piece.id
    WHERE piece.text NOT IN (SELECT text FROM vector) GROUP BY piece.text ORDER BY min(piece.id) LIMIT ?"""
_PUT = "INSERT OR REPLACE INTO vector (text, value) SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM piece WHERE text = ?1)"
_ALL = """SELECT piece.id, vector.value FROM piece JOIN vector ON vector.text = piece.text
    WHERE length(vector.value) = ? ORDER BY piece.id"""
_BLOCK = 1024
"""Vectors that are in memory at once."""


class Waiting(NamedTuple):
    """A text that has no vector yet."""

    digest: bytes
    """SHA-256 of it."""
    text: str
    """The passage."""


class Vectors:
    """The vectors of one model in an open index; ``Index.vectors`` gives them."""

    def __init__(self, connection: sqlite3.Connection, model: str) -> None:
        self._connection = connection
        if connection.execute("SELECT name FROM embedder").fetchone() != (model,):
            for table in ("embedder", "vector"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  # a constant
            connection.execute("INSERT INTO embedder (name) VALUES (?)", (model,))

    def waiting(self, limit: int) -> tuple[Waiting, ...]:
        """Return the first passages that have none; equal texts once."""
        return tuple(Waiting(*row) for row in self._connection.execute(_WAITING, (limit,)))

    def put(self, texts: Sequence[Waiting], rows: numpy.typing.NDArray[numpy.float32]) -> None:
        """Keep a row for each text that is still there; half precision costs no rank and half of the room."""
        values = (row.tobytes() for row in rows.astype("<f2"))
        self._connection.executemany(_PUT, zip((each.digest for each in texts), values, strict=True))

    def cosines(self, query: numpy.typing.NDArray[numpy.float32]) -> dict[int, float]:
        """Return passage -> how near it is to the query's vector, -1 to 1; those without a vector are left out."""
        import numpy  # late: only a search by meaning needs it

        found: dict[int, float] = {}
        rows = self._connection.execute(_ALL, (2 * len(query),))
        while block := rows.fetchmany(_BLOCK):
            values = numpy.frombuffer(b"".join(value for _, value in block), dtype="<f2").astype(numpy.float32)
            near = values.reshape(len(block), len(query)) @ query
            found.update(zip((piece for piece, _ in block), near.tolist(), strict=True))
        return found
