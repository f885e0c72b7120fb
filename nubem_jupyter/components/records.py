"""Texts as plain JSON: CSV, JSON, JSON lines, YAML."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from nubem_jupyter.components.columns import typed
from nubem_jupyter.components.offer import Rows
from nubem_jupyter.components.stop import Stop
from nubem_jupyter.errors import NodeError, UsageError

_DELIMITERS = ",;\t|"
_SAMPLE_CHARS = 8192
_MOST_YAML_CHARS = 4_000_000
_MOST_YAML_VALUES = 2_000_000
_SUFFIXES = {
    ".csv": "csv", ".tsv": "csv", ".json": "json", ".ipynb": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".yaml": "yaml", ".yml": "yaml",
}  # fmt: skip
_NOT_READ = {
    ".xlsx": "an Excel file", ".xls": "an Excel file", ".ods": "a spreadsheet", ".pdf": "a PDF file",
    ".docx": "a Word file", ".zip": "an archive", ".gz": "a compressed file",
}  # fmt: skip
FORMATS = ("text", "csv", "json", "jsonl", "yaml")
"""What a text can be read as."""


def format_of(path: str, told: str | None = None) -> str:
    """Name the format of a file: the one that is told, else by its suffix, else text.

    Raises:
        UsageError: it is told, and is none of ``FORMATS``.
        NodeError: the suffix is that of a format that is not read.
    """
    if told and told not in FORMATS:
        raise UsageError(f"'{told}' is no format that can be read", hint=f"use one of: {', '.join(FORMATS)}")
    suffix = PurePath(path).suffix.lower()
    if not told and suffix in _NOT_READ:
        raise NodeError(f"'{path}' is {_NOT_READ[suffix]}, which is not read here", hint="save it as CSV or as text")
    return told or _SUFFIXES.get(suffix, "text")


def parse(text: str, name: str, form: str, stop: Stop) -> Any:
    """Read the text as one of ``FORMATS``; ``name`` names it in errors.

    Raises:
        NodeError: it is not of that form.
    """
    readers: dict[str, Callable[[str, str, Stop], Any]] = {
        "csv": parse_csv,
        "json": _parse_json,
        "jsonl": _parse_lines,
        "yaml": _parse_yaml,
    }
    return readers[form](text, name, stop) if form in readers else text


def parse_csv(text: str, name: str, stop: Stop) -> Rows:
    """Read a table with one line of headings; numbers and true/false become such where a whole column is of them.

    Raises:
        NodeError: it has no headings, the same heading twice, or a line that is longer than they are.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        lines = [line for line in stop.each(reader) if line]
    except csv.Error as error:
        raise NodeError(f"'{name}' is no CSV at line {reader.line_num}: {error}", hint="mend that line") from error
    if not lines:
        raise NodeError(f"'{name}' is empty", hint="a table needs a line of headings at least")
    headings, *rows = lines
    _check_headings(headings, name)
    wide = next((number for number, row in enumerate(rows, 2) if len(row) > len(headings)), None)
    if wide is not None:
        raise NodeError(
            f"row {wide} of '{name}' has more fields than there are headings", hint="quote fields that hold a comma"
        )
    columns = [
        typed([row[place] if place < len(row) else "" for row in rows]) for place in stop.each(range(len(headings)))
    ]
    return [dict(zip(headings, values, strict=True)) for values in stop.each(zip(*columns, strict=True))]


def _check_headings(headings: list[str], name: str) -> None:
    twice = next((heading for place, heading in enumerate(headings) if heading in headings[:place]), None)
    if twice is not None:
        raise NodeError(f"'{name}' has two columns '{twice}'", hint="give each column a name of its own")


def _delimiter(text: str) -> str:
    first = text[:_SAMPLE_CHARS].partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _parse_json(text: str, name: str, _stop: Stop) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise NodeError(f"'{name}' is no JSON: {error}", hint="mend the file, or read it as text") from error


def _parse_lines(text: str, name: str, stop: Stop) -> list[Any]:
    lines = enumerate(text.split("\n"), 1)  # not splitlines: JSON may hold other line separators in its texts
    return [_parse_json(line, f"line {number} of {name}", stop) for number, line in stop.each(lines) if line.strip()]


def _parse_yaml(text: str, name: str, _stop: Stop) -> Any:
    import yaml

    if len(text) > _MOST_YAML_CHARS:
        raise NodeError(
            f"'{name}' is more YAML than 4 million characters", hint="save it as JSON, which is read faster"
        )
    try:
        value = yaml.safe_load(text)
        _check_size(value, name)
        # By JSON, so that dates become text as everywhere else.
        return json.loads(json.dumps(value, default=str, allow_nan=False))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        place = f" at line {where.line + 1}" if where else ""
        raise NodeError(f"'{name}' is no YAML{place}", hint="mend the file, or read it as text") from error


def _check_size(value: Any, name: str) -> None:
    """Refuse a few lines that refer to each other and stand for billions of values."""
    waiting, count = [value], 0
    while waiting:
        count += 1
        match waiting.pop():
            case dict() as mapping:
                waiting.extend(mapping.values())
            case list() | tuple() | set() as items:
                waiting.extend(items)
        if count + len(waiting) > _MOST_YAML_VALUES:
            raise NodeError(f"'{name}' stands for more than 2 million values", hint="write out what it refers to")


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(f"{literal} is too large a number")
    return number


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON value")
