"""Recorded model answers, so that a run can be replayed without asking any model."""

from __future__ import annotations

import os
from collections.abc import Mapping

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.ids import RunId
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.records import to_json
from nubem_jupyter.storage.sqlite import FOLDER, SqliteRunStore
from nubem_jupyter.storage.trouble import explain


class AnswerStore:
    """Answers by run and call digest."""

    def __init__(self, database: Database) -> None:
        self._path = database.path

    def save(self, run: RunId, digest: str, answer: Answer) -> None:
        """Record an answer of a run under way; the last of two to the same call in one run is kept.

        Raises:
            StorageError: the run never began or has ended, or its journal cannot be written.
        """
        entry = b"\n" + to_json({"answers": {digest: answer}})
        path = self._path.parent / FOLDER / f"{run}.jsonl"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        except FileNotFoundError as error:
            raise StorageError(f"run '{run}' never began", hint="begin the run before saving its answers") from error
        try:
            os.write(descriptor, entry)
        except OSError as error:
            raise explain(error, path) from error
        finally:
            os.close(descriptor)

    def answers(self, run: RunId) -> Mapping[str, Answer]:
        """Return every answer of a run by its call's digest; none for a run that is not there.

        Raises:
            StorageError: the file cannot be read, or a record in it is damaged.
        """
        store = SqliteRunStore(self._path)
        try:
            return store.answers(run)
        finally:
            store.close()
