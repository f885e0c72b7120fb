"""Reading cases: YAML, JSON, JSON lines or CSV, told apart by their looks.

A row has ``target``, ``id`` and ``cluster`` where wanted; its ``inputs`` are an object, or every other column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nubem_jupyter.core.evaluation import Dataset, EvalCase
from nubem_jupyter.engine.evaluator.formats import read_rows
from nubem_jupyter.errors import EvaluationError


def parse_cases(text: str, name: str, format: str = "") -> Dataset:
    """Read the cases of a dataset; ``format`` is ``yaml``, ``json``, ``jsonl`` or ``csv``, empty sniffs.

    Raises:
        EvaluationError: the text cannot be read, or a row is no case; names the row.
    """
    if not text.strip():
        raise EvaluationError(f"the dataset '{name}' is empty", hint="give cases as YAML, CSV or JSON lines")
    return dataset_of(read_rows(text, name, format), name)


def dataset_of(rows: Iterable[Any], name: str) -> Dataset:
    """Make a dataset of rows that are plain objects; a case without an id gets its number.

    Raises:
        EvaluationError: a row is no case, two have one id, or there is none; names the row.
    """
    cases: list[EvalCase] = []
    first_with: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        case = _case(row, number, name)
        if case.id in first_with:
            raise EvaluationError(
                f"rows {first_with[case.id]} and {number} of '{name}' have the id '{case.id}'",
                hint="rename one of them",
            )
        first_with[case.id] = number
        cases.append(case)
    if not cases:
        raise EvaluationError(
            f"the dataset '{name}' has no cases",
            hint="the first line of CSV names the columns, such as input,target; in YAML a case is a line: "
            "- {input: …, target: …}",
        )
    return Dataset(name=name, cases=tuple(cases))


def _case(row: Any, number: int, name: str) -> EvalCase:
    if not isinstance(row, Mapping):
        raise EvaluationError(
            f"row {number} of '{name}' is not an object but {row!r}",
            hint="a case is, for example, {input: …, target: …}",
        )
    fields = {str(key).strip(): value for key, value in row.items()}
    own = {key: fields.pop(key) for key in ("target", "id", "cluster") if key in fields}
    inputs = fields.pop("inputs", None)
    if inputs is not None and fields:
        raise EvaluationError(f"row {number} of '{name}' has inputs and, beside them, {', '.join(fields)}")
    inputs = fields if inputs is None else inputs
    if not isinstance(inputs, Mapping):
        inputs = {"input": inputs}
    if not inputs:
        raise EvaluationError(f"row {number} of '{name}' has no input", hint="add one under 'input'")
    return EvalCase(
        inputs={str(key): value for key, value in inputs.items()},
        target=own.get("target"),
        id=str(own.get("id") or number),
        cluster=str(own.get("cluster") or ""),
    )
