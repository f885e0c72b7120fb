"""The SQLite store keeps the promises of the port."""

from nubem_jupyter.storage.sqlite import SqliteRunStore
from nubem_jupyter.testing.conformance.store import RunStoreConformance


class TestSqliteRunStore(RunStoreConformance):
    def open(self, path):
        return SqliteRunStore(path)
