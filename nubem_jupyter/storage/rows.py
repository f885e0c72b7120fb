"""Runs as rows of the database."""

from __future__ import annotations

import functools
import itertools
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.ids import ModelId, RunId
from nubem_jupyter.core.run import NodeRun, Rest, Run
from nubem_jupyter.errors import StorageError
from nubem_jupyter.ports import SpeedSample
from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.journal import Entry, ended
from nubem_jupyter.storage.records import node_columns, read_brief, read_run, run_columns, to_json

_BATCH = 500
"""Entries that are in memory at once."""
_KEEP_RUN = """INSERT INTO run (id, version, started_at, outcome, latency_s, plan, inputs, result, failure, log)
    VALUES (:id, :version, :started_at, :outcome, :latency_s, :plan, :inputs, :result, :failure, :log)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, started_at = excluded.started_at,
        outcome = excluded.outcome, latency_s = excluded.latency_s, plan = excluded.plan, inputs = excluded.inputs,
        result = excluded.result, failure = excluded.failure, log = excluded.log"""
# A record of a path that has one replaces it, and stands at its own place. OR REPLACE would take twice the time.
_KEEP_NODE = """INSERT INTO node
    (run, seq, path, started_at, record, state, model, output_tokens, first_token_s, total_s, cost_usd)
    VALUES (:run, :seq, :path, :started_at,
        :record, :state, :model, :output_tokens, :first_token_s, :total_s, :cost_usd)
    ON CONFLICT (run, path) DO UPDATE SET seq = excluded.seq, record = excluded.record, state = excluded.state,
        model = excluded.model, output_tokens = excluded.output_tokens, first_token_s = excluded.first_token_s,
        total_s = excluded.total_s, cost_usd = excluded.cost_usd"""
_NEWEST = """SELECT id, version, started_at, outcome, latency_s, plan, failure, rest
    FROM run ORDER BY started_at DESC, id DESC LIMIT ? OFFSET ?"""
_NODES = "SELECT record FROM node WHERE run = ? ORDER BY seq"
# One step an index entry: DISTINCT would read all of them.
_TIMED_MODELS = """WITH RECURSIVE each (model) AS (
        SELECT min(model) FROM timed_node
        UNION ALL
        SELECT (SELECT min(model) FROM timed_node WHERE model > each.model) FROM each WHERE each.model NOT NULL)
    SELECT model FROM each WHERE model NOT NULL"""
_SPEEDS = "SELECT * FROM timed_node WHERE model = ? ORDER BY started_at DESC, run DESC, seq DESC LIMIT ?"
# The first comparison lets the index leap to the place; the second is exact, where LIKE knows wildcards.
_NAMED = "SELECT id FROM run WHERE id >= ?1 AND substr(id, 1, length(?1)) = ?1 ORDER BY id DESC LIMIT ?2"

SpeedKey = tuple[str, str, int]
"""What speeds are sorted by: the run's start, its id, the node's place in it."""


class RunRows:
    """Runs that have ended, or whose process died.

    Every method raises ``StorageError`` where the file cannot be opened, read or written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, head: Run, entries: Iterable[Entry], end: Run | None = None) -> None:
        """Keep a run as its journal tells it, in place of the rows that it had; all of it or nothing.

        ``end`` is how it ended, where that is known and the entries need not tell; answers that it had stay.

        Raises:
            StorageError: a value is not plain JSON.
        """
        rest = iter(entries)
        with self._database.writing() as connection:
            connection.execute(_KEEP_RUN, run_columns(end or head))
            connection.execute("DELETE FROM node WHERE run = ?", (head.id,))
            last = None
            for start in itertools.count(step=_BATCH):
                batch = list(itertools.islice(rest, _BATCH))
                if not batch:
                    break
                _keep_entries(connection, head, start, batch)
                last = (None if end else ended(batch[-1])) or last
            if last is not None:
                connection.execute(_KEEP_RUN, run_columns(last))
            connection.execute("UPDATE run SET rest = ? WHERE id = ?", (to_json(_sum(connection, head.id)), head.id))

    def has(self, run: RunId) -> bool:
        """Tell whether there is a run of this very id."""
        with self._database.reading() as connection:
            return connection.execute("SELECT 1 FROM run WHERE id = ?", (run,)).fetchone() is not None

    def load(self, run: RunId) -> Run | None:
        """Return the run of this very id with its nodes, or None.

        Raises:
            StorageError: what is on record of it is damaged, or was written by a newer version.
        """
        with self._database.reading() as connection:
            row = next(iter(_rows(connection, "SELECT * FROM run WHERE id = ?", (run,))), None)
            nodes = connection.execute(_NODES, (run,)).fetchall()
        return None if row is None else read_run(row, (record for (record,) in nodes))

    def named(self, beginning: str, limit: int) -> list[RunId]:
        """Return the ids of the newest runs whose id begins so, newest first."""
        with self._database.reading() as connection:
            return [RunId(name) for (name,) in connection.execute(_NAMED, (beginning, limit))]

    def newest(self, limit: int) -> list[Run]:
        """Return the newest runs that can be read, newest first, each as ``Run.brief``."""
        found: list[Run] = []
        offset = 0
        while len(found) < limit and (page := self._page(limit, offset)):
            found += [run for run in page if isinstance(run, Run)]
            offset += len(page)
        return found[:limit]

    def damaged(self, limit: int) -> list[RunId]:
        """Return the runs that cannot be read, among the newest ``limit``."""
        return [run for run in self._page(limit, 0) if not isinstance(run, Run)]

    def speeds(self, limit: int) -> list[tuple[SpeedKey, SpeedSample]]:
        """Return timings of the newest finished model calls, at most ``limit`` a model, with what sorts them."""
        with self._database.reading() as connection:
            models = connection.execute(_TIMED_MODELS).fetchall()
            rows = [row for (model,) in models for row in _rows(connection, _SPEEDS, (model, limit))]
        return [((row["started_at"], row["run"], row["seq"]), _speed(row)) for row in rows]

    def answers(self, run: RunId) -> dict[str, Answer]:
        """Return a run's answers by their calls' digests; none for a run that is not there.

        Raises:
            StorageError: one of them is damaged.
        """
        with self._database.reading() as connection:
            rows = connection.execute("SELECT digest, record FROM answer WHERE run = ?", (run,)).fetchall()
        try:
            return {digest: msgspec.json.decode(record, type=Answer) for digest, record in rows}
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StorageError(f"a recorded answer of run '{run}' is damaged: {error}") from error

    def _page(self, limit: int, offset: int) -> list[Run | RunId]:
        """Return runs, newest first, and of each that cannot be read its id."""
        with self._database.reading() as connection:
            rows = _rows(connection, _NEWEST, (limit, offset))
            return [_brief_or_name(connection, row) for row in rows]


def _keep_entries(connection: sqlite3.Connection, run: Run, start: int, entries: Sequence[Entry]) -> None:
    nodes = [
        {"run": run.id, "started_at": run.started_at, "seq": seq, **node_columns(entry.node)}
        for seq, entry in enumerate(entries, start)
        if entry.node is not None
    ]
    answers = [
        (run.id, digest, to_json(answer))
        for entry in entries
        if entry.answers
        for digest, answer in entry.answers.items()
    ]
    connection.executemany(_KEEP_NODE, nodes)
    connection.executemany("INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", answers)


def _rows(connection: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> list[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(query, values).fetchall()


def _brief_or_name(connection: sqlite3.Connection, row: sqlite3.Row) -> Run | RunId:
    try:
        if row["rest"] is not None:
            return read_brief(row)
        return read_run(row, (record for (record,) in connection.execute(_NODES, (row["id"],)))).brief
    except StorageError:
        return RunId(row["id"])


def _sum(connection: sqlite3.Connection, run: RunId) -> Rest:
    """Add the nodes up that are kept; one after the other, for there may be very many."""
    nodes = (msgspec.json.decode(record, type=NodeRun) for (record,) in connection.execute(_NODES, (run,)))
    return functools.reduce(Rest.plus, nodes, Rest())


def _speed(row: sqlite3.Row) -> SpeedSample:
    return SpeedSample(
        model=ModelId(row["model"]),
        first_token_s=row["first_token_s"],
        output_tokens=row["output_tokens"],
        total_s=row["total_s"],
        date=row["started_at"][:10],
    )
