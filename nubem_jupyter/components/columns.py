"""Columns of texts as numbers and truth values, where every one of them is such."""

from __future__ import annotations

import math
import re
from typing import Any

_WHOLE = re.compile(r"[+-]?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"[+-]?(0|[1-9]\d{0,17})?(\.\d+)?([eE][+-]?\d{1,3})?")
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def typed(texts: list[str]) -> list[Any]:
    """Give a column its narrowest type; an empty field of a column that is not text is None.

    A column with a leading zero somewhere stays text, since postal codes and telephone numbers are no amounts.
    """
    filled = [text for text in texts if text]
    if not filled:
        return list(texts)
    if all(text in _TRUTH for text in filled):
        return [_TRUTH.get(text) for text in texts]
    if all(map(_WHOLE.fullmatch, filled)):
        return [int(text) if text else None for text in texts]
    if all(map(_is_decimal, filled)):
        return [float(text) if text else None for text in texts]
    return list(texts)


def _is_decimal(text: str) -> bool:
    digits = any(character.isdigit() for character in text.lower().partition("e")[0])
    return digits and _DECIMAL.fullmatch(text) is not None and math.isfinite(float(text))
