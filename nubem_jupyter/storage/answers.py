"""Recorded model answers, so that a run can be replayed without asking any model."""

from __future__ import annotations

import msgspec

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.ids import RunId
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.records import to_json


class AnswerStore:
    """Answers by run and call digest."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, run: RunId, digest: str, answer: Answer) -> None:
        """Record an answer; the last of two to the same call in one run is kept.

        Raises:
            StorageError: the run never began, or the file cannot be written.
        """
        record = to_json(answer)
        with self._database.writing() as connection:
            if not connection.execute("SELECT 1 FROM run WHERE id = ?", (run,)).fetchone():
                raise StorageError(f"run '{run}' never began", hint="begin the run before saving its answers")
            connection.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", (run, digest, record))

    def answers(self, run: RunId) -> dict[str, Answer]:
        """Return every answer of a run by its call's digest; none for a run that is not there.

        Raises:
            StorageError: the file cannot be read, or a record in it is damaged.
        """
        with self._database.reading() as connection:
            rows = connection.execute("SELECT digest, record FROM answer WHERE run = ?", (run,)).fetchall()
        try:
            return {digest: msgspec.json.decode(record, type=Answer) for digest, record in rows}
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StorageError(f"a recorded answer of run '{run}' is damaged: {error}") from error
