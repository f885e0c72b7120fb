"""What other packages and other people's functions give, as the plain JSON values that flows carry."""

from __future__ import annotations

import math
from typing import Any


def listed(value: Any) -> Any:
    """Turn what other packages make of tables, columns and numbers into lists and numbers of Python's own.

    They are known by what they can do, so none is imported. What cannot do that is returned as it is.
    """
    if hasattr(value, "to_dict") and hasattr(value, "notna"):
        present = value.astype(object).where(value.notna(), None)
        return present.to_dict(orient="records") if hasattr(value, "columns") else present.tolist()
    return value.tolist() if hasattr(value, "tolist") else value


def unlike(value: Any) -> Any:
    """Return the plain form of what is no plain value, for an encoder that asks.

    Raises:
        TypeError: there is none.
    """
    plain = listed(value)
    if plain is value:
        raise TypeError(f"flows cannot carry values of the type {type(value).__name__}")
    return plain


def without_nan(value: Any) -> Any:
    """Put None for each number that is none, as what is on record has it."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case list() | tuple():
            return [without_nan(item) for item in value]
        case dict():
            return {name: without_nan(item) for name, item in value.items()}
        case _:
            return value
