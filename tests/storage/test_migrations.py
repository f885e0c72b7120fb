import sqlite3
from contextlib import closing

import pytest

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage import migrations
from nubem_jupyter.storage.evidence import EvidenceStore
from nubem_jupyter.storage.migrations import MIGRATIONS, applied
from nubem_jupyter.storage.records import run_columns
from nubem_jupyter.storage.rows import _KEEP_RUN
from nubem_jupyter.storage.sqlite import SqliteRunStore
from nubem_jupyter.testing.runs import sample_run

FOUND = Evidence(capability="answer", n=3, score_sum=2.0, source="here", date="2030-01-01")


def old_store(path, steps):
    """Make a store as the version wrote it that knew only the first steps, with a run in it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE migration (name TEXT PRIMARY KEY NOT NULL)")
        for name in list(MIGRATIONS)[:steps]:
            for statement in MIGRATIONS[name]:
                connection.execute(statement)
            connection.execute("INSERT INTO migration VALUES (?)", (name,))
        connection.execute(_KEEP_RUN, run_columns(sample_run("old", nodes=())))
        connection.commit()


@pytest.mark.parametrize("steps", range(1, len(MIGRATIONS) + 1))
def test_a_store_of_every_older_version_is_brought_up_to_date(tmp_path, steps):
    """Nothing in it is lost, and everything new works."""
    path = tmp_path / "runs.db"
    old_store(path, steps)
    with closing(SqliteRunStore(path)) as store:
        assert store.load("old") == sample_run("old", nodes=())
        EvidenceStore(store.database).add(ModelId("a/b"), FOUND)
        with store.database.reading() as connection:
            assert applied(connection) == tuple(MIGRATIONS)


def test_a_step_that_fails_leaves_the_old_version(tmp_path, monkeypatch):
    """Steps are applied all or none."""
    path = tmp_path / "runs.db"
    old_store(path, 2)
    before = path.read_bytes()
    broken = MIGRATIONS | {"9999-broken": ("CREATE TABLE fine (a)", "this is no SQL")}
    monkeypatch.setattr(migrations, "MIGRATIONS", broken)
    with closing(SqliteRunStore(path)) as store, pytest.raises(StorageError):
        store.list()
    with closing(sqlite3.connect(path)) as connection:
        assert applied(connection) == tuple(MIGRATIONS)[:2]
        assert not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'fine'").fetchone()
    assert len(path.read_bytes()) == len(before)


def test_a_store_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "runs.db"
    old_store(path, len(MIGRATIONS))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO migration VALUES ('9999-future')")
        connection.commit()
    with closing(SqliteRunStore(path)) as store, pytest.raises(StorageError, match="9999-future") as caught:
        store.list()
    assert "update nubem-jupyter" in caught.value.hint


def test_names_say_the_order():
    assert list(MIGRATIONS) == sorted(MIGRATIONS)
