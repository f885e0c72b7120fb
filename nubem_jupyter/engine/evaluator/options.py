"""The options of a scorer: ``partial,tolerance=0.01``."""

from __future__ import annotations

from collections.abc import Mapping

from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import EvaluationError


def parse_options(text: str, scorer: str, known: Mapping[str, bool]) -> dict[str, float]:
    """Return the options that are set, 1.0 for those without a value; ``known`` tells which of them take a number.

    Raises:
        EvaluationError: an option is unknown, or its number is missing or no number.
    """
    found = {}
    for word in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (part.strip() for part in word.partition("="))
        if name not in known:
            close = nearest(name, known)
            hint = f"did you mean '{close}'?" if close else f"it has: {', '.join(known) or 'none'}"
            raise EvaluationError(f"the scorer '{scorer}' has no option '{name}'", hint=hint)
        if bool(equals) != known[name]:
            form = f"{name}=NUMBER" if known[name] else name
            raise EvaluationError(f"the option '{name}' of '{scorer}' is written wrongly", hint=f"write {form}")
        found[name] = _number(value, name) if equals else 1.0
    return found


def _number(text: str, name: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    # Written so that nan is refused too.
    if not number >= 0:
        raise EvaluationError(f"{name} is '{text}', which is not a number of 0 or more")
    return number
