"""From the options of a cell or a command to constraints: one translation for the notebook and the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.errors import UsageError

if TYPE_CHECKING:
    from nubem_jupyter.session.weighed import Limits


def constraints_from(options: Mapping[str, Any]) -> Constraints:
    """Translate the options that limit a run: ``max_cost``, ``max_latency``, ``min_quality``, ``security``, ``local``,
    ``region``, ``models``, ``prefer``, ``require``, ``allow``. Missing or None sets nothing, others are left alone.

    Raises:
        UsageError: a number is not one.
        ConstraintError: a value allows nothing, or is a word that means nothing here.
    """
    given = {
        field: read(option, options[option])
        for option, (field, read) in _FIELDS.items()
        if options.get(option) is not None
    }
    return Constraints(**given)


def limits_from(options: Mapping[str, Any]) -> Limits:
    """Translate the options that a plan is weighed by: ``max_cost``, ``max_latency``, ``min_quality``, ``prefer``.

    Raises:
        UsageError: a number is not one.
    """
    given: Limits = {}
    for option in ("max_cost", "max_latency", "min_quality", "prefer"):
        if options.get(option) is not None:
            field, read = _FIELDS[option]
            given[field] = read(option, options[option])  # type: ignore[literal-required]
    return given


def names_in(value: str | Iterable[str]) -> tuple[str, ...]:
    """Split comma lists, also where the option was given several times; each name once, in order."""
    texts = [value] if isinstance(value, str) else list(value)
    parts = [part.strip() for text in texts for part in text.split(",")]
    return tuple(dict.fromkeys(part for part in parts if part))


def whole(option: str) -> Callable[[str], int]:
    """Make the reader of an option that takes a whole number; it raises UsageError for anything else."""

    def read(text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise UsageError(f"{option} is '{text}', which is not a whole number", hint=f"write {option} 7") from None

    return read


def decimal(option: str) -> Callable[[str], float]:
    """Make the reader of an option that takes a number; it raises UsageError for anything else."""

    def read(text: str) -> float:
        return _number(option.removeprefix("--"), text)

    return read


def _number(option: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        flag = option.replace("_", "-")
        raise UsageError(f"--{flag} is '{value}', which is not a number", hint=f"write --{flag} 0.5") from error


def _names(_option: str, value: Any) -> tuple[str, ...]:
    return names_in(value)


def _word(_option: str, value: Any) -> str:
    return str(value)


def _flag(_option: str, value: Any) -> bool:
    return bool(value)


_FIELDS: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    "max_cost": ("max_cost_usd", _number),
    "max_latency": ("max_latency_s", _number),
    "min_quality": ("min_quality", _number),
    "security": ("security_level", _word),
    "local": ("local_only", _flag),
    "region": ("region", _word),
    "models": ("models", _names),
    "prefer": ("prefer", _word),
    "require": ("require", _names),
    "allow": ("allow", _names),
}
"""Option -> the field of ``Constraints`` and how its value is read."""
