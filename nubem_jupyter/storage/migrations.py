"""The steps from an empty file to today's tables; a step that was once released is never edited.

Pieces of a run are kept as JSON of the form that ``core.wire`` wrote; the column ``version`` says which form, so that
its readers for older versions apply. Figures that are asked for by themselves have columns of their own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from nubem_jupyter.errors import StorageError

MIGRATIONS: dict[str, tuple[str, ...]] = {
    "0001-runs": (
        """CREATE TABLE run (
            id TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL, started_at TEXT NOT NULL, outcome TEXT NOT NULL,
            latency_s REAL NOT NULL, plan BLOB NOT NULL, inputs BLOB, result BLOB, failure BLOB, log BLOB)""",
        "CREATE INDEX run_by_start ON run (started_at, id)",
        """CREATE TABLE node (
            run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE, seq INTEGER NOT NULL, record BLOB NOT NULL,
            started_at TEXT NOT NULL, state TEXT NOT NULL, model TEXT, output_tokens INTEGER NOT NULL,
            first_token_s REAL, total_s REAL NOT NULL, cost_usd REAL NOT NULL, PRIMARY KEY (run, seq)) WITHOUT ROWID""",
        """CREATE INDEX node_speed ON node (model, started_at, run, seq, first_token_s, output_tokens, total_s)
            WHERE state = 'finished' AND model IS NOT NULL AND first_token_s IS NOT NULL""",
        """CREATE VIEW timed_node AS
            SELECT model, started_at, run, seq, first_token_s, output_tokens, total_s FROM node
            WHERE state = 'finished' AND model IS NOT NULL AND first_token_s IS NOT NULL""",
    ),
    "0002-answers": (
        """CREATE TABLE answer (
            run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE, digest TEXT NOT NULL, record BLOB NOT NULL,
            PRIMARY KEY (run, digest)) WITHOUT ROWID""",
    ),
    "0003-evidence": (
        """CREATE TABLE evidence (
            model TEXT NOT NULL, capability TEXT NOT NULL, source TEXT NOT NULL, date TEXT NOT NULL,
            n INTEGER NOT NULL, score_sum REAL NOT NULL,
            PRIMARY KEY (model, capability, source, date)) WITHOUT ROWID""",
    ),
    "0004-evaluations": (
        """CREATE TABLE evaluation (
            dataset TEXT NOT NULL, date TEXT NOT NULL, document BLOB NOT NULL, PRIMARY KEY (dataset, date))""",
    ),
    "0005-paths": (
        # Older rows have none, and need none: those of a run that is taken up again are written anew.
        "ALTER TABLE node ADD COLUMN path TEXT",
        "CREATE UNIQUE INDEX node_by_path ON node (run, path)",
    ),
    # What a run's nodes add up to, so that a list need not read them; older runs have none, and theirs are read.
    "0006-rest": ("ALTER TABLE run ADD COLUMN rest BLOB",),
    "0007-call-statistics": (
        """CREATE TABLE call_statistics (
            model TEXT NOT NULL, capability TEXT NOT NULL, at_s REAL NOT NULL, record BLOB NOT NULL,
            PRIMARY KEY (model, capability)) WITHOUT ROWID""",
    ),
    # The number of a row rises with each that is kept, so that it tells whether there are new ones.
    "0008-cascades": (
        """CREATE TABLE outcome (
            number INTEGER PRIMARY KEY AUTOINCREMENT, capability TEXT NOT NULL, kind TEXT NOT NULL,
            query TEXT NOT NULL, model TEXT NOT NULL, sample INTEGER NOT NULL, record BLOB NOT NULL,
            UNIQUE (capability, kind, query, model, sample))""",
        """CREATE TABLE cascade_fit (
            capability TEXT NOT NULL, kind TEXT NOT NULL, models TEXT NOT NULL, stamp TEXT NOT NULL,
            record BLOB NOT NULL, PRIMARY KEY (capability, kind, models)) WITHOUT ROWID""",
    ),
    "0009-explorations": (
        """CREATE TABLE exploration (
            run TEXT NOT NULL, place TEXT NOT NULL, day TEXT NOT NULL, usd REAL NOT NULL,
            PRIMARY KEY (run, place)) WITHOUT ROWID""",
        "CREATE INDEX exploration_by_day ON exploration (day)",
    ),
    "0010-checks": (
        """CREATE TABLE checked_answer (
            number INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, capability TEXT NOT NULL,
            task TEXT NOT NULL, step TEXT NOT NULL, query TEXT NOT NULL, day TEXT NOT NULL, passed INTEGER NOT NULL,
            UNIQUE (model, capability, task, query))""",
        # Results can only be held against earlier ones that were found the same way.
        "ALTER TABLE evidence ADD COLUMN method TEXT NOT NULL DEFAULT ''",
    ),
    "0011-call-days": (
        """CREATE TABLE call_day (
            model TEXT NOT NULL, day TEXT NOT NULL, record BLOB NOT NULL, PRIMARY KEY (model, day)) WITHOUT ROWID""",
    ),
    # The number rises as that of an outcome does.
    "0012-prompts": (
        """CREATE TABLE prompt_vector (
            number INTEGER PRIMARY KEY AUTOINCREMENT, query TEXT NOT NULL UNIQUE, space TEXT NOT NULL,
            vector BLOB NOT NULL)""",
        """CREATE TABLE prompt_fit (
            capability TEXT NOT NULL, space TEXT NOT NULL, stamp TEXT NOT NULL, record BLOB NOT NULL,
            PRIMARY KEY (capability, space)) WITHOUT ROWID""",
    ),
}
"""Name -> statements, in the order in which they are applied."""


def migrate(connection: sqlite3.Connection, path: str, steps: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """Bring the tables up to date, all steps or none; without ``steps`` those are ``MIGRATIONS``.

    Raises:
        StorageError: the file belongs to a newer version, or to another program.
    """
    steps = MIGRATIONS if steps is None else steps
    if applied(connection) == tuple(steps):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again, now that nobody else can write: another process may have done it meanwhile.
        done = applied(connection)
        _check(connection, done, tuple(steps), path)
        connection.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY NOT NULL)")
        for name in list(steps)[len(done) :]:
            for statement in steps[name]:
                connection.execute(statement)
            connection.execute("INSERT INTO migration VALUES (?)", (name,))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def applied(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the names of the steps that the file has had."""
    if "migration" not in _tables(connection):
        return ()
    return tuple(name for (name,) in connection.execute("SELECT name FROM migration ORDER BY name"))


def _check(connection: sqlite3.Connection, done: tuple[str, ...], known: tuple[str, ...], path: str) -> None:
    if not done and _tables(connection):
        raise StorageError(
            f"{path} is a database of another program, and was left as it is",
            hint="set NUBEM_HOME to another folder, or move that file away",
        )
    if done != known[: len(done)]:
        raise StorageError(
            f"{path} was written by a newer version of Nubem Jupyter (it has step '{done[-1]}')",
            hint="update nubem-jupyter, or set NUBEM_HOME to another folder",
        )


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
