"""What evaluations on this machine found about models."""

from __future__ import annotations

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence
from nubem_jupyter.storage.database import Database

_PUT = """INSERT OR REPLACE INTO evidence (model, capability, source, date, n, score_sum, method)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
_ALL = "SELECT model, capability, source, date, n, score_sum, method FROM evidence ORDER BY 1, 2, 3, 4"


class EvidenceStore:
    """Evidence by model, capability, source and date."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, model: ModelId, evidence: Evidence) -> None:
        """Record what was found; it takes the place of what the same source found on the same date.

        Raises:
            StorageError: the file cannot be written.
        """
        what = (model, evidence.capability, evidence.source, evidence.date)
        with self._database.writing() as connection:
            connection.execute(_PUT, (*what, evidence.n, evidence.score_sum, evidence.method))

    def all(self) -> tuple[tuple[ModelId, Evidence], ...]:
        """Return everything on record, by model, capability, source and date.

        Raises:
            StorageError: the file cannot be read.
        """
        with self._database.reading() as connection:
            rows = connection.execute(_ALL).fetchall()
        return tuple(
            (
                ModelId(model),
                Evidence(capability=capability, source=source, date=date, n=n, score_sum=score_sum, method=method),
            )
            for model, capability, source, date, n, score_sum, method in rows
        )
