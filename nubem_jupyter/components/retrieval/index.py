"""An index of passages in one SQLite file: their words, scored by BM25 (Robertson and Zaragoza, 2009), and vectors."""

from __future__ import annotations

import hashlib
import math
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from nubem_jupyter.components.retrieval.pieces import Piece
from nubem_jupyter.components.retrieval.vectors import VECTOR_TABLES, Vectors
from nubem_jupyter.components.stop import Stop, StoppedError
from nubem_jupyter.errors import NodeError, UsageError

_FORM = 2  # of the tables; an index of another form is made anew
_TABLES = f"""
CREATE TABLE document (name TEXT PRIMARY KEY, stamp TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE piece (id INTEGER PRIMARY KEY, digest TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    text BLOB NOT NULL);
CREATE INDEX piece_by_digest ON piece (digest);
CREATE INDEX piece_by_text ON piece (text);
CREATE INDEX document_by_digest ON document (digest);
CREATE VIRTUAL TABLE body USING fts5 (text, tokenize = "unicode61 remove_diacritics 2");
{VECTOR_TABLES}"""
_PLACES = """SELECT document.name, piece.first, piece.last, body.text FROM piece
    JOIN body ON body.rowid = piece.id JOIN document ON document.digest = piece.digest
    WHERE piece.id = ? ORDER BY document.name"""
_MATCHES = "SELECT rowid, -bm25(body) FROM body WHERE body MATCH ?"
_COUNT = "SELECT count(*) FROM body WHERE body MATCH ?"
_MOST_OF_A_WORD = 2.2  # of its weight is what a word can score at most: k1 + 1, with SQLite's k1 of 1.2
_LEAST_WEIGHT = 1e-6  # SQLite's, of a word that is in most passages
_UNUSED = "SELECT id FROM piece WHERE digest NOT IN (SELECT digest FROM document)"
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUSY_S = 30.0
_STEPS = 10_000
_MOST_WORDS = 64
_STEM_FROM = 5
_WORD = re.compile(r"[^\W_]+")


class Known(NamedTuple):
    """A document as the index has it."""

    stamp: str
    """What tells cheaply that it may have changed."""
    digest: str
    """Of its content; documents of equal content share their passages."""


class Hit(NamedTuple):
    """A passage that was found."""

    name: str
    """Its document."""
    piece: Piece
    """The passage."""
    score: float
    """Larger is better; comparable within one answer only."""


class Index:
    """An open index; use ``open_index``. One thread uses it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def known(self) -> dict[str, Known]:
        """Return every document by its name."""
        rows = self._connection.execute("SELECT name, stamp, digest FROM document")
        return {name: Known(stamp, digest) for name, stamp, digest in rows}

    def has(self, digest: str) -> bool:
        """Tell whether passages of this content are there."""
        return bool(self._connection.execute("SELECT 1 FROM piece WHERE digest = ?", (digest,)).fetchone())

    def put_pieces(self, digest: str, pieces: Sequence[Piece]) -> None:
        """Add a content's passages."""
        for piece in pieces:
            text = hashlib.sha256(piece.text.encode("utf-8", "surrogatepass")).digest()
            cursor = self._connection.execute(
                "INSERT INTO piece (digest, first, last, text) VALUES (?, ?, ?, ?)",
                (digest, piece.first, piece.last, text),
            )
            self._connection.execute("INSERT INTO body (rowid, text) VALUES (?, ?)", (cursor.lastrowid, piece.text))

    def put_documents(self, documents: Mapping[str, Known], gone: Sequence[str] = ()) -> None:
        """Say which content each document has, and which documents are no more; content that none has goes."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO document (name, stamp, digest) VALUES (?, ?, ?)",
            ((name, *known) for name, known in documents.items()),
        )
        self._connection.executemany("DELETE FROM document WHERE name = ?", ((name,) for name in gone))
        self._connection.execute(f"DELETE FROM body WHERE rowid IN ({_UNUSED})")  # noqa: S608  # a constant
        self._connection.execute(f"DELETE FROM piece WHERE id IN ({_UNUSED})")  # noqa: S608  # a constant
        self._connection.execute("DELETE FROM vector WHERE text NOT IN (SELECT text FROM piece)")

    def vectors(self, model: str) -> Vectors:
        """Return the vectors that this model gives for the passages; those of another model are forgotten."""
        return Vectors(self._connection, model)

    def by_words(self, query: str) -> dict[int, float]:
        """Return passage -> its score by the words that it shares with the query, 1 for the most that they can score.

        A word also finds words with the same beginning, at a lower rank: plurals and endings of many languages.

        Raises:
            UsageError: there is no word in the query.
        """
        words = _expressions(query)
        most = _MOST_OF_A_WORD * sum(map(self._weight, words))
        matches = self._connection.execute(_MATCHES, (" OR ".join(words),))
        return {piece: min(1.0, score / most) for piece, score in matches}

    def _weight(self, expression: str) -> float:
        (there,) = self._connection.execute(_COUNT, (expression,)).fetchone()
        (all_pieces,) = self._connection.execute("SELECT count(*) FROM piece").fetchone()
        return max(_LEAST_WEIGHT, math.log((all_pieces - there + 0.5) / (there + 0.5)))

    def hits(self, ranked: Iterable[tuple[int, float]]) -> Iterator[Hit]:
        """Yield each passage, given with its score, once for every document that has it."""
        for piece, score in ranked:
            for name, first, last, text in self._connection.execute(_PLACES, (piece,)):
                yield Hit(name, Piece(first, last, text), score)


def check_query(query: str) -> None:
    """Look whether a query can be looked for.

    Raises:
        UsageError: there is no word in it.
    """
    _expressions(query)


def _expressions(query: str) -> list[str]:
    words = list(dict.fromkeys(_WORD.findall(query.lower())))[:_MOST_WORDS]
    if not words:
        raise UsageError("the query has no word in it", hint="say what to look for")
    beginnings = (f'"{word[: max(4, len(word) - 3)]}"*' for word in words if len(word) >= _STEM_FROM)
    return [*(f'"{word}"' for word in words), *beginnings]


@contextmanager
def open_index(path: Path, stop: Stop) -> Iterator[Index]:
    """Open the index for one use, which is one transaction: what fails or is stopped changes nothing.

    A damaged file is made anew: all that it holds is read again.

    Raises:
        NodeError: it cannot be opened, read or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(_connected(path, stop)) as connection:
            yield Index(connection)
            connection.commit()
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise StoppedError from None
        if error.sqlite_errorcode in _DAMAGED:
            remove_index(path)  # so that the next use begins anew
        raise NodeError(f"the index {path} cannot be used: {error}", hint="try again, or take the file away") from error
    except OSError as error:
        raise NodeError(f"the index {path} cannot be used: {error.strerror}", hint="check its folder") from error


def _connected(path: Path, stop: Stop) -> sqlite3.Connection:
    try:
        return _opened(path, stop)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in _DAMAGED:
            raise
        remove_index(path)
        return _opened(path, stop)


def _opened(path: Path, stop: Stop) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        # A use is one transaction, so none reads beside it: write-ahead logging would give nothing, and SQLite does
        # not wait for others while it is being turned on.
        connection.execute("PRAGMA synchronous = NORMAL")  # what a failing power takes is read again
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _FORM:
            _make_tables(connection)
        connection.set_progress_handler(lambda: int(stop.is_set), _STEPS)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    for table in ("document", "piece", "body", "embedder", "vector"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in filter(str.strip, _TABLES.split(";")):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {_FORM}")


def remove_index(path: Path) -> None:
    """Take the index away, with what SQLite keeps beside it; whoever has it open goes on with what was there."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
