"""DuckDB in memory with its doors shut: no file, no network, no extension, and nothing that opens them again."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from nubem_jupyter.components.offer import Rows
from nubem_jupyter.components.stop import Stop, StoppedError
from nubem_jupyter.errors import NodeError, UsageError

if TYPE_CHECKING:
    import duckdb

MEMORY_BYTES = 512 << 20
"""What a query may use."""
MOST_ROWS = 100_000
"""Rows that a query may give."""
MISSING = "install DuckDB: pip install 'nubem-jupyter[data]'"
_MOST_CHARS = 64 << 20
_BATCH = 1000
_AGAIN_S = 0.05
_TABLE = re.compile(r"[^\W\d]\w*")
_LARGEST = 1 << 63


@contextmanager
def duck(stop: Stop, *, readable: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection of its own; a query under way is interrupted when nobody waits for it any more.

    Only the path ``readable``, where one is given, can be opened by a query.

    Raises:
        NodeError: a query failed, or needed more than 512 MiB.
    """
    import duckdb  # 0.1 s, and an extra

    with duckdb.connect(":memory:") as connection:
        _shut(connection, readable)
        ended = threading.Event()
        stop.interrupt_by(lambda: threading.Thread(target=_insist, args=(connection, ended), daemon=True).start())
        try:
            stop.check()
            yield connection
        except duckdb.InterruptException:
            raise StoppedError from None
        except duckdb.OutOfMemoryException as error:
            raise NodeError(
                f"the query needs more than {MEMORY_BYTES >> 20} MiB", hint="filter or aggregate more rows away"
            ) from error
        except duckdb.Error as error:
            raise NodeError(
                f"the query failed: {_sentence(error)}", hint="mend the query", detail=str(error)
            ) from error
        finally:
            ended.set()


def _insist(connection: duckdb.DuckDBPyConnection, ended: threading.Event) -> None:
    """Interrupt until it has ended: an interruption that comes just before a query begins is lost on it."""
    while not ended.is_set():
        with suppress(Exception):  # the connection may have been closed meanwhile
            connection.interrupt()
        ended.wait(_AGAIN_S)


def _shut(connection: duckdb.DuckDBPyConnection, readable: str | None) -> None:
    settings = {
        "memory_limit": f"{MEMORY_BYTES >> 20}MiB",
        "threads": 2,
        "temp_directory": "",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,  # else a query could name Python's variables
    }
    for name, value in settings.items():
        connection.execute(f"SET {name} = ?", [value])
    if readable is not None:
        connection.execute("SET allowed_paths = ?", [[readable]])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def put_table(connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make a table of the rows; a column holds whole numbers, numbers, truth values or text, and JSON where mixed.

    Raises:
        UsageError: the name is none that a table can have.
        NodeError: there are no rows, so nobody knows the columns.
    """
    if not _TABLE.fullmatch(name):
        raise UsageError(f"'{name}' cannot name a table", hint="use letters, digits and underscores")
    if not rows:
        raise NodeError(f"the table '{name}' has no rows, so its columns are unknown", hint="give one row at least")
    columns = dict.fromkeys(column for row in rows for column in row)
    types = {column: _column_type([row.get(column) for row in rows]) for column in columns}
    unpacked = "SELECT unnest(row) FROM (SELECT unnest(from_json(?::JSON, ?)) AS row)"
    connection.execute(f'CREATE TABLE "{name}" AS {unpacked}', [json.dumps(rows), json.dumps([types])])  # checked


def _column_type(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool}:
        return "BOOLEAN" if kinds else "VARCHAR"
    if kinds <= {int}:
        return "BIGINT" if all(-_LARGEST <= value < _LARGEST for value in values if value is not None) else "DOUBLE"
    if kinds <= {int, float}:
        return "DOUBLE"
    return "VARCHAR" if kinds <= {str} else "JSON"


def fetch_rows(cursor: duckdb.DuckDBPyConnection, stop: Stop, most_rows: int = MOST_ROWS) -> Rows:
    """Return what the query gave as plain JSON rows.

    Raises:
        NodeError: it gave more than ``most_rows``, or two columns of one name.
    """
    names = [column[0] for column in cursor.description or ()]
    if len(set(names)) < len(names):
        raise NodeError("the query gives two columns of one name", hint="name them apart with AS")
    rows: Rows = []
    chars = 0
    while batch := cursor.fetchmany(_BATCH):
        stop.check()
        rows += [dict(zip(names, map(_plain, values), strict=True)) for values in batch]
        chars += sum(len(value) for values in batch for value in values if isinstance(value, str))
        if len(rows) > most_rows or chars > _MOST_CHARS:
            raise NodeError(
                f"the query gives more than {most_rows:,} rows or {_MOST_CHARS >> 20} MiB of text",
                hint="add LIMIT, or aggregate",
            )
    return rows


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float() | decimal.Decimal():
            return _plain_number(value)
        case list() | tuple():
            return [_plain(item) for item in value]
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case _:
            return _plain_text(value)


def _plain_number(value: float | decimal.Decimal) -> int | float | None:
    if not math.isfinite(value):
        return None
    exact = isinstance(value, decimal.Decimal) and value == value.to_integral_value()
    return int(value) if exact else float(value)


def _plain_text(value: Any) -> str:
    match value:
        case datetime.date() | datetime.time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case _:
            return str(value)


def _sentence(error: Exception) -> str:
    first = str(error).strip().partition("\n")[0]
    return first.partition(": ")[2] or first or type(error).__name__
