"""Values as JSON in the store's columns, and back."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from nubem_jupyter.core import wire
from nubem_jupyter.core.digest import encode
from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import NodeRun, Run
from nubem_jupyter.errors import FormatError, NubemError, StorageError

PIECES = ("plan", "inputs", "result", "failure", "log")
"""Fields of a run that have a JSON column each."""
_FIGURES = ("id", "started_at", "outcome", "latency_s")
NOT_PLAIN = (TypeError, ValueError, RecursionError, FormatError)
"""What encoding a value raises that is not plain JSON."""


def to_json(value: Any) -> bytes:
    """Write a value.

    Raises:
        StorageError: it is not plain JSON.
    """
    with _must_be_plain():
        return encode(value)


@contextlib.contextmanager
def _must_be_plain() -> Iterator[None]:
    try:
        yield
    except NOT_PLAIN as error:
        raise not_plain(error) from error


def not_plain(error: Exception) -> StorageError:
    """Say that a value cannot be stored, by what encoding it raised."""
    return StorageError(
        f"a value cannot be stored because it is not plain JSON: {getattr(error, 'message', error)}",
        hint="give text, numbers, lists and dicts of them",
    )


def run_document(run: Run) -> bytes:
    """Write a run's versioned document, without its nodes.

    Raises:
        StorageError: a value in it is not plain JSON.
    """
    with _must_be_plain():
        return wire.dump_bytes(msgspec.structs.replace(run, nodes=()))


def run_columns(run: Run) -> dict[str, Any]:
    """Return a run's row, without its nodes."""
    # Each piece by itself: a document of the whole, of a run over very many rows, would take several times its memory.
    pieces = {name: _piece(name, getattr(run, name)) for name in PIECES}
    figures = {name: getattr(run, name) for name in _FIGURES}
    return {"version": wire.newest_version(Run), **figures, **pieces}


def _piece(name: str, value: Any) -> bytes | None:
    """Write a field; one that says nothing has no JSON, but an empty result is one."""
    is_absent = value is None if name == "result" else not value
    return None if is_absent else to_json(value)


def node_columns(node: NodeRun) -> dict[str, Any]:
    """Return a node's row, without its run and its place in it; for nodes that were read from JSON."""
    return {
        "path": node.path,
        "record": encode(node),
        "state": str(node.state),
        "model": node.model,
        "output_tokens": node.usage.output_tokens,
        "first_token_s": node.first_token_s,
        "total_s": node.latency_s if node.call_s is None else node.call_s,
        "cost_usd": node.cost_usd,
    }


def read_run(row: Mapping[str, Any] | sqlite3.Row, nodes: Iterable[bytes]) -> Run:
    """Put a run together from its row and its nodes' records.

    Raises:
        StorageError: they were written by a newer version, or are damaged.
    """
    try:
        return _read_run(row, nodes)
    except NubemError as error:
        raise unreadable(row["id"], error) from error


def read_brief(row: Mapping[str, Any] | sqlite3.Row) -> Run:
    """Return a run as its row tells it, without what may be large, and with what its nodes add up to; as ``read_run``.

    Raises:
        StorageError: it was written by a newer version, or is damaged.
    """
    try:
        return _read_run(row, (), {"rest": msgspec.Raw(row["rest"])})
    except NubemError as error:
        raise unreadable(row["id"], error) from error


def unreadable(run: RunId, error: NubemError) -> StorageError:
    """Say that what is on record of a run cannot be read, and whether a newer program could."""
    return StorageError(
        f"run '{run}' cannot be read: {error.message}",
        hint=error.hint if "version" in error.message else "what is left of it cannot be shown; other runs can",
    )


def _read_run(
    row: Mapping[str, Any] | sqlite3.Row, nodes: Iterable[bytes], more: Mapping[str, msgspec.Raw] | None = None
) -> Run:
    names = [name for name in PIECES if name in row.keys() and row[name] is not None]  # noqa: SIM118 - sqlite3.Row
    body = {name: row[name] for name in _FIGURES}
    body |= {name: msgspec.Raw(row[name]) for name in names}
    body["nodes"] = [msgspec.Raw(record) for record in nodes]
    body |= more or {}
    document = {"format": "nubem.run", "version": row["version"], "body": body}
    return wire.load(msgspec.json.encode(document), Run)
