"""Notebook variables on their way into a flow: as plain JSON values, or refused by name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nubem_jupyter.core.template import placeholders
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UsageError

_PART = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_SLIP = 0.8
"""How like a variable a ``{NAME}`` must be to be taken for a slip of the pen; texts hold other braces too."""
_TAKEN = "text, numbers, lists, dicts, data frames and paths can be given"


def named_inputs(namespace: Mapping[str, Any], evaluate: Any, given: Sequence[str], text: str) -> dict[str, Any]:
    """Collect what ``-i`` names and what the text mentions as ``{NAME}``, as plain values.

    ``evaluate`` works out an expression of the notebook. A ``{NAME}`` that is like no variable stays text.

    Raises:
        UsageError: a variable does not exist, a ``{NAME}`` is nearly one, an expression fails, or a value cannot be
            given.
    """
    inputs = dict(_one(namespace, evaluate, item) for item in given)
    for name in placeholders(text):
        if name in inputs or not name.isidentifier():
            continue
        if name in namespace:
            inputs[name] = to_plain(name, namespace[name])
        else:
            _refuse_slip(name, _givable(namespace, inputs))
    return inputs


def check_items(given: Sequence[str], text: str) -> None:
    """Refuse a comma list, and a part of a variable without a name, with what to write in its place.

    Raises:
        UsageError: one is written so.
    """
    for item in given:
        if "=" in item:
            continue
        if "," in item:
            # After "review, reviews" the second name has become the beginning of the text.
            names = [
                name for name in (item + text.partition(" ")[0] if item.endswith(",") else item).split(",") if name
            ]
            raise UsageError(
                f"-i takes one variable at a time, and '{item}' has a comma",
                hint=f"write {' '.join(f'-i {name}' for name in names)}",
            )
        if _PART.fullmatch(item):
            raise UsageError(
                f"'{item}' is part of a variable, and has no name of its own in the flow",
                hint=f"give it one: -i {item.rpartition('.')[2]}={item}",
            )


def variable(namespace: Mapping[str, Any], name: str) -> Any:
    """Return a variable's value.

    Raises:
        UsageError: there is none of this name.
    """
    if name in namespace:
        return namespace[name]
    close = nearest(name, _givable(namespace, ()))
    hint = f"did you mean '{close}'?" if close else "run the cell that defines it first"
    raise UsageError(f"there is no variable '{name}'", hint=hint)


def check_name(name: str) -> str:
    """Return the name if a variable can have it.

    Raises:
        UsageError: it cannot.
    """
    if not name.isidentifier():
        raise UsageError(f"'{name}' cannot name a variable", hint="use letters, digits and _, as in Python")
    return name


def to_plain(name: str, value: Any) -> Any:
    """Turn a notebook's value into plain JSON: a data frame becomes its rows, a series or array a list, a path the
    text of its file; what is not a number becomes None.

    Raises:
        UsageError: the value, or something in it, has no plain form; ``name`` tells which.
    """
    match value:
        case None | str() | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Path():
            return _file_text(name, value)
        case Mapping():
            return {str(key): to_plain(f"{name}[{key!r}]", item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [to_plain(f"{name}[{index}]", item) for index, item in enumerate(value)]
        case _:
            return _foreign(name, value)


def _givable(namespace: Mapping[str, Any], inputs: Iterable[str]) -> list[str]:
    """Name what could be meant; IPython keeps open, exit and the like among the variables, which cannot be given."""
    return [known for known, value in namespace.items() if known[0] != "_" and not callable(value)] + list(inputs)


def _refuse_slip(name: str, known: Iterable[str]) -> None:
    close = nearest(name, known, likeness=_SLIP)
    if close is not None:
        raise UsageError(
            f"there is no variable '{name}' for {{{name}}}",
            hint=f"did you mean {{{close}}}? For braces that stay text write {{{{{name}}}}}",
        )


def _one(namespace: Mapping[str, Any], evaluate: Any, item: str) -> tuple[str, Any]:
    name, equals, expression = item.partition("=")
    check_name(name)
    if not equals:
        return name, to_plain(name, variable(namespace, name))
    try:
        value = evaluate(expression)
    except Exception as error:  # noqa: BLE001  # the user's own expression may raise anything; the cell says what
        raise UsageError(
            f"-i {item} cannot be worked out: {type(error).__name__}: {error}", hint="test the expression in a cell"
        ) from None
    return name, to_plain(name, value)


def _foreign(name: str, value: Any) -> Any:
    """Turn values of other packages, known by what they can do, so that none of them is imported here."""
    if type(value).__name__ == "DataFrame" and hasattr(value, "to_dict"):
        kept = value.astype(object).where(value.notna(), None)
        return to_plain(name, kept.to_dict(orient="records"))
    if hasattr(value, "tolist"):  # numpy arrays and scalars, pandas series and indexes
        return to_plain(name, value.tolist())
    if type(value).__name__ in {"NAType", "NaTType"}:  # what pandas puts for missing values and dates
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise UsageError(f"'{name}' is a {type(value).__name__}, which a flow cannot take", hint=_TAKEN)


def _file_text(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"'{name}' is the file {path}, which is not text", hint=_TAKEN) from None
    except OSError as error:
        raise UsageError(f"'{name}' is the path {path}, which cannot be read: {error.strerror}") from None
