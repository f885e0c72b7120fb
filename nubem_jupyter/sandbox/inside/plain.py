"""From a program's values to plain JSON ones."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import json
import pathlib
import sys
from collections.abc import Callable, Iterator
from typing import Any


def plain(value: Any) -> Any:
    """Turn what JSON does not know into what it knows; tables become lists of row objects.

    Raises:
        TypeError: there is no plain form of it.
    """
    for kinds, turn in _plain_forms():
        if isinstance(value, kinds):
            return turn(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    msg = f"it holds a value of type {type(value).__name__}"
    raise TypeError(msg)


def _plain_forms() -> Iterator[tuple[type | tuple[type, ...], Callable[[Any], Any]]]:
    yield (set, frozenset), list
    yield (datetime.date, datetime.time), lambda value: value.isoformat()
    yield (decimal.Decimal,), float
    yield (pathlib.PurePath,), str
    # A program that made a table has imported its library; nobody else should wait for that.
    if pandas := sys.modules.get("pandas"):
        yield pandas.DataFrame, lambda table: json.loads(table.to_json(orient="records", date_format="iso"))
        yield pandas.Series, lambda column: json.loads(column.to_json(orient="values", date_format="iso"))
    if numpy := sys.modules.get("numpy"):
        yield numpy.generic, lambda number: number.item()
        yield numpy.ndarray, lambda array: array.tolist()
