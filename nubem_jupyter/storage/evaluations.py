"""Evaluations on record."""

from __future__ import annotations

from nubem_jupyter.core import wire
from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.records import to_json


class EvaluationStore:
    """Evaluations by dataset and date."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, evaluation: Evaluation) -> None:
        """Record an evaluation; one of the same dataset and date is replaced.

        Raises:
            StorageError: the file cannot be written.
        """
        document = to_json(wire.document(evaluation))
        with self._database.writing() as connection:
            values = (evaluation.dataset, evaluation.date, document)
            connection.execute("INSERT OR REPLACE INTO evaluation VALUES (?, ?, ?)", values)

    def load(self, dataset: str, date: str | None = None) -> Evaluation | None:
        """Return the evaluation of a dataset made at ``date`` (None: the newest), or None.

        Raises:
            StorageError: the file cannot be read.
            FormatError: it was written by a newer version.
        """
        query = "SELECT document FROM evaluation WHERE dataset = ?1 AND (?2 IS NULL OR date = ?2) ORDER BY date DESC"
        with self._database.reading() as connection:
            row = connection.execute(query, (dataset, date)).fetchone()
        return wire.load(row[0], Evaluation) if row else None

    def names(self) -> tuple[tuple[str, str], ...]:
        """Return dataset and date of every evaluation, newest first.

        Raises:
            StorageError: the file cannot be read.
        """
        with self._database.reading() as connection:
            rows = connection.execute("SELECT dataset, date FROM evaluation ORDER BY date DESC, dataset").fetchall()
        return tuple((dataset, date) for dataset, date in rows)
