"""The formats that cases come in, each read into rows of plain values."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import EvaluationError

_YAML_START = re.compile(r"(?:#.*\n|---.*\n|\s)*(?:- |-\n|\w+:(?:\s|$))")

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""Only line feeds end lines: texts may hold other characters that Python takes for line ends."""


def read_rows(text: str, name: str, form: str = "") -> Iterable[Any]:
    """Read rows as ``yaml``, ``json``, ``jsonl`` or ``csv``; an empty ``form`` goes by the text's looks.

    Raises:
        EvaluationError: the format is unknown, or the text is not of it; names the line.
    """
    form = form or _sniff(text)
    if form not in _READERS:
        close = nearest(form, _READERS)
        hint = f"did you mean '{close}'?" if close else f"use one of: {' '.join(_READERS)}"
        raise EvaluationError(f"datasets have no format '{form}'", hint=hint)
    return _READERS[form](text, name)


def _sniff(text: str) -> str:
    start = text.lstrip()
    if start.startswith("["):
        return "json"
    if start.startswith("{"):
        return "jsonl" if _is_json(start.partition("\n")[0]) else "json"
    return "yaml" if _YAML_START.match(text) else "csv"


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True


def _from_json(text: str, name: str) -> Iterable[Any]:
    try:
        return _listed(msgspec.json.decode(text), name)
    except msgspec.DecodeError as error:
        raise EvaluationError(f"'{name}' is not JSON: {error}", hint="check where it may be cut off") from error


def _from_json_lines(text: str, name: str) -> Iterable[Any]:
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append(msgspec.json.decode(line))
        except msgspec.DecodeError as error:
            raise EvaluationError(
                f"line {number} of '{name}' is not JSON: {error}", hint="one object a line"
            ) from error
    # A single line may hold the whole dataset.
    return _listed(rows[0], name) if len(rows) == 1 and _holds_cases(rows[0]) else rows


def _from_yaml(text: str, name: str) -> Iterable[Any]:
    import yaml  # imported late: most datasets that programs write are not YAML

    try:
        return _listed(yaml.safe_load(text), name)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1} of '{name}'" if mark else f"'{name}'"
        raise EvaluationError(f"{where} is not YAML: {getattr(error, 'problem', error)}") from error


def _from_csv(text: str, name: str) -> Iterable[Any]:
    reader = csv.DictReader(_LINE.findall(text.lstrip("\ufeff\n")), strict=True)
    rows = []
    try:
        for row in reader:
            if None in row or None in row.values():
                raise EvaluationError(
                    f"line {reader.line_num} of '{name}' has another number of fields than the header",
                    hint="quote texts with commas",
                )
            rows.append(row)
    except csv.Error as error:
        raise EvaluationError(f"line {reader.reader.line_num} of '{name}' is not CSV: {error}") from error
    return rows


def _holds_cases(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("cases"), list)


def _listed(value: Any, name: str) -> Iterable[Any]:
    """Accept a list of rows, an object with ``cases``, or one row."""
    if _holds_cases(value):
        return list(value["cases"])
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [value]
    raise EvaluationError(f"'{name}' is not a list of cases", hint="give a list of objects with inputs and target")


_READERS: dict[str, Callable[[str, str], Iterable[Any]]] = {
    "yaml": _from_yaml,
    "json": _from_json,
    "jsonl": _from_json_lines,
    "csv": _from_csv,
}
