"""``table.read``, ``table.sql`` and ``table.describe``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from nubem_jupyter.components import duck
from nubem_jupyter.components.decode import decode
from nubem_jupyter.components.description import describe
from nubem_jupyter.components.files import read_bytes
from nubem_jupyter.components.folders import Folders
from nubem_jupyter.components.offer import Offer, Rows, offer
from nubem_jupyter.components.records import format_of, parse
from nubem_jupyter.components.stop import Stop, off_loop
from nubem_jupyter.core.text import nearest
from nubem_jupyter.core.value import ValueType, accepts
from nubem_jupyter.errors import NodeError, UsageError

_LIMIT_S = 60.0
_LONGEST_S = 600.0
_DESCRIPTORS = Path("/proc/self/fd")


class Tables:
    """Reading and querying tables."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    async def read(
        self,
        *,
        path: Annotated[str, "a CSV, JSON, JSON lines, YAML or Parquet file, from the workspace on"],
        columns: Annotated[list[str] | None, "which columns, in which order; all where not given"] = None,
        max_rows: Annotated[int | None, "how many rows from the beginning; all where not given"] = None,
    ) -> Rows:
        """Read a table from a granted file of at most 32 MiB (Parquet: of any size), one object a row.

        It gives 100,000 rows at most: of a longer one ``max_rows`` asks for the beginning. Columns of a CSV become
        numbers or truth values where every field is one; one with leading zeros stays text.

        Raises:
            UsageError: outside the granted folders, or ``max_rows`` cannot be.
            NodeError: not there, not a table, too long, or without one of the columns.
        """
        most = _rows_limit(max_rows)

        def work(stop: Stop) -> Rows:
            is_parquet = Path(path).suffix.lower() == ".parquet"
            rows = self._parquet(path, most + 1, stop) if is_parquet else self._text_rows(path, stop)
            if max_rows is None and len(rows) > most:
                raise NodeError(f"'{path}' has more than {most:,} rows", hint="give max_rows for its beginning")
            rows = rows[:most]
            return _chosen(rows, columns, path) if columns is not None else rows

        return await off_loop(work, limit_s=_LIMIT_S, what=f"reading '{path}'")

    def _text_rows(self, path: str, stop: Stop) -> Rows:
        form = format_of(path)
        value = parse(decode(read_bytes(self._folders, path), path), path, form, stop)
        if not accepts(ValueType.TABLE, value):
            raise NodeError(f"'{path}' holds no table", hint="a table is a list of objects, or CSV with headings")
        return list(value)

    def _parquet(self, path: str, most_rows: int, stop: Stop) -> Rows:
        _need_duckdb()
        with self._folders.open(path) as file:
            # By its open descriptor where the system has that: what was checked is then what is read.
            place = _DESCRIPTORS / str(file.fileno())
            readable = str(place) if place.exists() else str(self._folders.resolve(path))
            with duck.duck(stop, readable=readable) as connection:
                found = connection.execute("SELECT * FROM read_parquet(?) LIMIT ?", [readable, most_rows])
                return duck.fetch_rows(found, stop, most_rows)

    async def sql(
        self,
        *,
        query: Annotated[str, "SQL as DuckDB understands it; each table stands under its name"],
        tables: Annotated[dict[str, Rows], "table name -> its rows"],
        timeout_s: Annotated[float, "seconds that it may take, 600 at most"] = _LIMIT_S,
    ) -> Rows:
        """Query the given tables with SQL and nothing else: no file, no network, no extension.

        It may use 512 MiB and give 100,000 rows. Dates come and go as text; cast them (``day::DATE``).

        Raises:
            UsageError: a table's name or rows cannot be such, or ``timeout_s`` cannot be.
            NodeError: the query is wrong, takes or needs too much.
        """
        if not 0 < timeout_s <= _LONGEST_S:
            raise UsageError(f"timeout_s is {timeout_s:g}", hint=f"give seconds up to {_LONGEST_S:g}")
        return await off_loop(lambda stop: _query(query, tables, stop), limit_s=timeout_s, what="the query")

    async def describe(self, *, rows: Annotated[Rows, "the table"]) -> Rows:
        """Tell of each column its type, how many values are there, missing and distinct, and their range.

        Raises:
            NodeError: it takes more than a minute.
        """
        return await off_loop(lambda stop: describe(rows, stop), limit_s=_LIMIT_S, what="describing the table")


def _query(query: str, tables: Mapping[str, Any], stop: Stop) -> Rows:
    _need_duckdb()
    with duck.duck(stop) as connection:
        for name, rows in stop.each(tables.items()):
            if not accepts(ValueType.TABLE, rows):
                raise UsageError(f"'{name}' is no table", hint="give a list of objects, one a row")
            duck.put_table(connection, name, rows)
        return duck.fetch_rows(connection.execute(query), stop)


def _need_duckdb() -> None:
    if find_spec("duckdb") is None:
        raise NodeError("DuckDB is not installed", hint=duck.MISSING)


def _rows_limit(max_rows: int | None) -> int:
    if max_rows is None:
        return duck.MOST_ROWS
    if isinstance(max_rows, float) or not 0 < max_rows <= duck.MOST_ROWS:
        raise UsageError(f"max_rows is {max_rows}", hint=f"give a whole number from 1 to {duck.MOST_ROWS:,}")
    return max_rows


def _chosen(rows: Rows, columns: Sequence[str], path: str) -> Rows:
    there = dict.fromkeys(name for row in rows for name in row)
    for column in columns:
        if rows and column not in there:
            close = nearest(str(column), there)
            hint = f"did you mean '{close}'?" if close else f"it has: {', '.join(there)}"
            raise NodeError(f"'{path}' has no column '{column}'", hint=hint)
    return [{column: row.get(column) for column in columns} for row in rows]


def table_offers(folders: Folders) -> tuple[Offer, ...]:
    """Offer ``table.read``, ``table.sql`` (where DuckDB is installed) and ``table.describe``."""
    tables = Tables(folders)
    missing = "" if find_spec("duckdb") else duck.MISSING
    return (
        offer("table.read", tables.read, capability="read_data", output=ValueType.TABLE, permissions=("files",)),
        offer("table.sql", tables.sql, capability="compute", output=ValueType.TABLE, missing=missing),
        offer("table.describe", tables.describe, capability="compute", output=ValueType.TABLE),
    )
