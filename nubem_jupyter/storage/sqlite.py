"""Runs in SQLite."""

from __future__ import annotations

import builtins
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nubem_jupyter.core.ids import ModelId, RunId
from nubem_jupyter.core.run import NodeRun, Run
from nubem_jupyter.errors import StorageError
from nubem_jupyter.ports import SpeedSample
from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.records import node_columns, read_run, run_columns

_INSERT_RUN = """INSERT INTO run (id, version, started_at, outcome, latency_s, plan, inputs, result, failure, log)
    VALUES (:id, :version, :started_at, :outcome, :latency_s, :plan, :inputs, :result, :failure, :log)"""
_END_RUN = """UPDATE run SET version = :version, started_at = :started_at, outcome = :outcome, latency_s = :latency_s,
    plan = :plan, inputs = :inputs, result = :result, failure = :failure, log = :log WHERE id = :id"""
_INSERT_NODE = """INSERT INTO node
    (run, seq, started_at, record, state, model, output_tokens, first_token_s, total_s, cost_usd)
    SELECT id, (SELECT coalesce(max(seq) + 1, 0) FROM node WHERE run = :run), started_at,
        :record, :state, :model, :output_tokens, :first_token_s, :total_s, :cost_usd
    FROM run WHERE id = :run"""
_NEWEST = """SELECT id, version, started_at, outcome, latency_s, plan, inputs, result, failure
    FROM run ORDER BY started_at DESC, id DESC LIMIT ? OFFSET ?"""
_NODES_OF_NEWEST = """SELECT run, record FROM node
    WHERE run IN (SELECT id FROM run ORDER BY started_at DESC, id DESC LIMIT ? OFFSET ?) ORDER BY run, seq"""
# One step an index entry: DISTINCT would read all of them.
_TIMED_MODELS = """WITH RECURSIVE each (model) AS (
        SELECT min(model) FROM timed_node
        UNION ALL
        SELECT (SELECT min(model) FROM timed_node WHERE model > each.model) FROM each WHERE each.model NOT NULL)
    SELECT model FROM each WHERE model NOT NULL"""
_SPEEDS = "SELECT * FROM timed_node WHERE model = ? ORDER BY started_at DESC, run DESC, seq DESC LIMIT ?"


class SqliteRunStore:
    """A ``RunStore`` in one file, which other stores may share through ``database``."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        """The file and its connection."""

    def begin(self, run: Run) -> None:
        """Record a run that starts.

        Raises:
            StorageError: there is a run of this id already, or the file cannot be written; so for every method.
        """
        columns = run_columns(run)
        with self.database.writing() as connection:
            if connection.execute("SELECT 1 FROM run WHERE id = ?", (run.id,)).fetchone():
                raise StorageError(f"run '{run.id}' is on record already", hint="give each run an id of its own")
            connection.execute(_INSERT_RUN, columns)

    def save_node(self, run: RunId, node: NodeRun) -> None:
        """Record one node that ended; its run must have begun."""
        columns = node_columns(node)
        with self.database.writing() as connection:
            _need_one(connection.execute(_INSERT_NODE, columns | {"run": run}), run)

    def end(self, run: Run) -> None:
        """Record how the run ended, with its result and log; nodes are there already."""
        columns = run_columns(run)
        with self.database.writing() as connection:
            _need_one(connection.execute(_END_RUN, columns), run.id)

    def load(self, run: RunId) -> Run | None:
        """Return the run with its nodes, or None; a unique prefix of the id is enough.

        Raises:
            StorageError: what is on record of it is damaged, or was written by a newer version.
        """
        with self.database.reading() as connection:
            row = _find(connection, run)
            if row is None:
                return None
            nodes = connection.execute("SELECT record FROM node WHERE run = ? ORDER BY seq", (row["id"],)).fetchall()
        return read_run(row, (record for (record,) in nodes))

    def named(self, beginning: str, limit: int = 5) -> builtins.list[RunId]:
        """Return the ids of the newest runs whose id begins so, newest first."""
        query = "SELECT id FROM run WHERE id >= ?1 AND substr(id, 1, length(?1)) = ?1 ORDER BY id DESC LIMIT ?2"
        with self.database.reading() as connection:
            return [RunId(name) for (name,) in connection.execute(query, (beginning, limit))]

    def list(self, limit: int = 50) -> Sequence[Run]:
        """Return the newest runs first, without their logs; what ``damaged`` names is left out."""
        found: builtins.list[Run] = []
        offset = 0
        while len(found) < limit and (page := self._page(limit, offset)):
            found += [run for run in page if isinstance(run, Run)]
            offset += len(page)
        return found[:limit]

    def damaged(self, limit: int = 200) -> Sequence[RunId]:
        """Return the runs that cannot be read, among the newest ``limit``; ``load`` says of each why."""
        return [run for run in self._page(limit, 0) if not isinstance(run, Run)]

    def _page(self, limit: int, offset: int) -> builtins.list[Run | RunId]:
        """Return runs, newest first, and of each that cannot be read its id."""
        with self.database.reading() as connection:
            rows = _rows(connection, _NEWEST, (limit, offset))
            nodes: dict[str, builtins.list[bytes]] = defaultdict(builtins.list)
            for name, record in connection.execute(_NODES_OF_NEWEST, (limit, offset)):
                nodes[name].append(record)
        return [_read_or_name(row, nodes[row["id"]]) for row in rows]

    def speeds(self, limit: int = 200) -> Sequence[SpeedSample]:
        """Return timings of the newest finished model calls, newest first, at most ``limit`` a model."""
        with self.database.reading() as connection:
            models = connection.execute(_TIMED_MODELS).fetchall()
            rows = [row for (model,) in models for row in _rows(connection, _SPEEDS, (model, limit))]
        rows.sort(key=lambda row: (row["started_at"], row["run"], row["seq"]), reverse=True)
        return [_speed(row) for row in rows]

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self.database.close()


def _rows(connection: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> list[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(query, values).fetchall()


def _read_or_name(row: sqlite3.Row, nodes: Sequence[bytes]) -> Run | RunId:
    try:
        return read_run(row, nodes)
    except StorageError:
        return RunId(row["id"])


def _find(connection: sqlite3.Connection, run: RunId) -> sqlite3.Row | None:
    exact = _rows(connection, "SELECT * FROM run WHERE id = ?", (run,))
    # The first comparison lets the index leap to the place; the second is exact, where LIKE knows wildcards.
    query = "SELECT * FROM run WHERE id >= ?1 AND substr(id, 1, length(?1)) = ?1 LIMIT 2"
    matches = exact or _rows(connection, query, (run,))
    return matches[0] if len(matches) == 1 else None


def _need_one(cursor: sqlite3.Cursor, run: RunId) -> None:
    if cursor.rowcount != 1:
        raise StorageError(f"run '{run}' never began", hint="begin the run before saving what happened in it")


def _speed(row: sqlite3.Row) -> SpeedSample:
    return SpeedSample(
        model=ModelId(row["model"]),
        first_token_s=row["first_token_s"],
        output_tokens=row["output_tokens"],
        total_s=row["total_s"],
        date=row["started_at"][:10],
    )
