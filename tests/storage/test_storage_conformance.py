"""The SQLite store keeps the promises of the port."""

from nubem_jupyter.storage.sqlite import SqliteRunStore
from nubem_jupyter.testing.conformance.store import RunStoreConformance
from nubem_jupyter.testing.runs import sample_run


class TestSqliteRunStore(RunStoreConformance):
    def open(self, path):
        return SqliteRunStore(path)


def test_the_runs_that_begin_alike_are_named_newest_first(tmp_path):
    store = SqliteRunStore(tmp_path / "runs.db")
    for name in ("2030-a", "2030-c", "2030-b", "2031-a", "2%"):
        store.begin(sample_run(name))
    assert store.named("2030") == ["2030-c", "2030-b", "2030-a"]
    assert store.named("2030", limit=1) == ["2030-c"]
    assert store.named("2%") == ["2%"]
    assert store.named("1999") == []
