"""Python programs that plans hold; each runs in the sandbox and leaves its answer in ``result``."""

from __future__ import annotations

COUNT = """\
from collections import Counter

labels = [list(value.values())[-1] if isinstance(value, dict) else value for value in values]
result = dict(Counter(str(label) for label in labels).most_common())
"""
"""Counts equal items of ``values``; of a record its last field."""

_PAIRS = """\
ends = [list(value.values()) if isinstance(value, dict) else [value] for value in values]
pairs = [(end[0], end[-1]) for end in ends]
"""
"""Takes item and label of each of ``values``."""
_SIFTED = {
    "count": "result = sum(label == wanted for _, label in pairs)\n",
    "keep": "result = [item for item, label in pairs if label == wanted]\n",
    "drop": "result = [item for item, label in pairs if label != wanted]\n",
}


def sift(how: str, wanted: str) -> str:
    """Write a program that counts, keeps or drops those ``values`` whose label is the wanted one."""
    return f"wanted = {wanted!r}\n{_PAIRS}{_SIFTED[how]}"


SAMPLE = """\
result = [dict(row) for row in table[:3]]
"""
"""The first rows of ``table``, for a model that has to know its columns."""

READ = """\
import csv
import io

if isinstance(table, str):
    result = list(csv.DictReader(io.StringIO(table.strip())))
else:
    result = table
"""
"""Turns comma-separated text into rows; rows stay as they are."""

QUERY = """\
import sqlite3

query = query.strip().removesuffix("```").strip()
query = query.removeprefix("```sql").removeprefix("```").strip()
columns = list(dict.fromkeys(name for row in table for name in row))
base = sqlite3.connect(":memory:")
base.row_factory = sqlite3.Row
names = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
base.execute(f"create table data ({names})")
marks = ", ".join("?" for _ in columns)
base.executemany(f"insert into data values ({marks})", [[row.get(name) for name in columns] for row in table])
result = [dict(row) for row in base.execute(query)]
"""
"""Runs the SQL in ``query`` on the rows of ``table``."""
