"""What is in a table's columns, in figures."""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nubem_jupyter.components.stop import Stop
from nubem_jupyter.core.value import ValueType, value_type_of

_MOST_COMMON = 3


def describe(rows: Sequence[Mapping[str, Any]], stop: Stop) -> list[dict[str, Any]]:
    """Give one row a column: its type, how many values are there, missing and distinct, and their range or commonest.

    A column that a row lacks is missing there. Quartiles are interpolated between the values, both ends included.
    """
    names = dict.fromkeys(name for row in stop.each(rows) for name in row)
    return [_column(name, [row.get(name) for row in rows]) for name in stop.each(names)]


def _column(name: str, values: Sequence[Any]) -> dict[str, Any]:
    there = [value for value in values if value is not None]
    kinds = {value_type_of(value) for value in there}
    counts = Counter(map(_key, there))
    described = {
        "column": name,
        "type": kinds.pop().value if len(kinds) == 1 else ValueType.ANY.value,
        "count": len(there),
        "missing": len(values) - len(there),
        "distinct": len(counts),
    }
    if there and described["type"] == ValueType.NUMBER.value:
        return described | _figures(there)
    return described | {
        "common": [{"value": json.loads(key), "count": n} for key, n in counts.most_common(_MOST_COMMON)]
    }


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _figures(numbers: Sequence[float]) -> dict[str, Any]:
    quarters = statistics.quantiles(numbers, n=4, method="inclusive") if len(numbers) > 1 else [numbers[0]] * 3
    return {
        "min": min(numbers),
        "max": max(numbers),
        "mean": _figure(statistics.fmean, numbers),
        "deviation": _figure(statistics.stdev, numbers) if len(numbers) > 1 else None,
        "quartiles": [quarter if math.isfinite(quarter) else None for quarter in quarters],
    }


def _figure(function: Callable[[Sequence[float]], float], numbers: Sequence[float]) -> float | None:
    try:
        figure = function(numbers)
    except OverflowError:
        return None
    return figure if math.isfinite(figure) else None
