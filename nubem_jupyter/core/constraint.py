"""What a run must stay within."""

from __future__ import annotations

import math
from enum import StrEnum
from numbers import Real
from typing import Any

import msgspec

from nubem_jupyter.core.by_name import ByName
from nubem_jupyter.core.component import PERMISSIONS
from nubem_jupyter.core.frozen import settle
from nubem_jupyter.core.region import NAME
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import ConstraintError


class SecurityLevel(StrEnum):
    """How strictly code is isolated and where data may go."""

    LOW = "low"
    """Code runs in a process of its own with limits; data may go to any offered model."""
    MEDIUM = "medium"
    """As low, behind a sandbox that holds against hostile code."""
    HIGH = "high"
    """As medium, and data does not leave this machine."""


class Preference(StrEnum):
    """What the router minimises or maximises among the models that satisfy the constraints."""

    BALANCED = "balanced"
    """The cheapest, then fastest, of the models that evidence cannot tell from the best."""
    COST = "cost"
    LATENCY = "latency"
    QUALITY = "quality"


class Constraints(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, metaclass=ByName
):
    """What a run must stay within, and what to prefer inside that.

    Raises:
        ConstraintError: a limit is zero, negative, not a number, or out of its range; a word is unknown; a text stands
            where several belong, or a permission is granted that nobody knows.
    """

    max_cost_usd: float | None = None
    """Ceiling for the whole run, in US dollars; None sets no ceiling."""
    max_latency_s: float | None = None
    """Ceiling for the whole run, in seconds; None sets no ceiling."""
    min_quality: float | None = None
    """Least predicted chance that every answer of the whole run is right, whichever way a branch goes, 0 to 1; None
    asks for what is as good as the best."""
    security_level: SecurityLevel = SecurityLevel.LOW
    """How strictly code is isolated and where data may go."""
    local_only: bool = False
    """Keep all data on this machine."""
    region: str = ""
    """Where models must run that are not on this machine, such as ``eu`` or ``us-east-1``; empty allows any place."""
    models: tuple[str, ...] = ()
    """Only these models may be used; empty allows all."""
    prefer: Preference = Preference.BALANCED
    """What to optimise inside the limits."""
    require: tuple[str, ...] = ()
    """Features that every model must have, for example ``vision`` or ``json_schema``."""
    allow: tuple[str, ...] = ()
    """Permissions granted to components, of ``core.component.PERMISSIONS``."""

    def __post_init__(self) -> None:
        set_field = msgspec.structs.force_setattr
        cheaper = "leave it out and add --local for models that cost nothing"
        set_field(self, "max_cost_usd", _limit("max_cost", self.max_cost_usd, "US dollars", cheaper))
        slower = "leave it out for no deadline"
        set_field(self, "max_latency_s", _limit("max_latency", self.max_latency_s, "seconds", slower))
        set_field(self, "min_quality", _share("min_quality", self.min_quality))
        # Callers pass plain strings; a wrong word should be named here and not far away.
        for name, kind in (("security_level", SecurityLevel), ("prefer", Preference)):
            set_field(self, name, _member(kind, getattr(self, name), name))
        set_field(self, "region", _region(self.region))
        for name in ("models", "require", "allow"):
            set_field(self, name, _several(name, getattr(self, name)))
        for word in self.allow:
            _check_permission(word)
        settle(self)

    @property
    def keeps_data_local(self) -> bool:
        """Whether only models on this machine may see the data."""
        return self.local_only or self.security_level is SecurityLevel.HIGH


def _limit(name: str, value: Any, unit: str, mend: str) -> float | None:
    if value is None:
        return None
    amount = _number(name, value)
    if amount > 0 and math.isfinite(amount):
        return amount
    raise ConstraintError(
        f"{name} is {amount:g}, which allows nothing" if amount == 0 else f"{name} is {value}, which is not an amount",
        hint=f"give a number of {unit} above 0, or {mend}",
    )


def _share(name: str, value: Any) -> float | None:
    if value is None:
        return None
    share = _number(name, value)
    if 0 <= share <= 1:
        return share
    raise ConstraintError(
        f"{name} is {value}, which is not between 0 and 1",
        hint="0.8 asks for models expected to be right four times in five",
    )


def _number(name: str, value: Any) -> float:
    if isinstance(value, Real) and not isinstance(value, bool):
        return float(value)
    raise ConstraintError(f"{name} is {value!r}, which is not a number", hint="give a plain number, without a unit")


def _region(value: Any) -> str:
    told = value.strip().lower() if isinstance(value, str) else value
    if told == "" or (isinstance(told, str) and NAME.fullmatch(told)):
        return told
    raise ConstraintError(
        f"region cannot be {value!r}", hint="name one region as a cloud does, for example eu, us or eu-central-1"
    )


def _several(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise ConstraintError(
            f"{name} is the single text '{value}', where several may stand", hint=f"write {name}=['{value}']"
        )
    return tuple(value)


def _check_permission(word: str) -> None:
    if word not in PERMISSIONS:
        close = nearest(str(word), PERMISSIONS)
        raise ConstraintError(
            f"allow cannot grant '{word}'",
            hint=f"did you mean '{close}'?" if close else f"use: {' '.join(PERMISSIONS)}",
        )


def _member(kind: type[StrEnum], value: str, name: str) -> StrEnum:
    try:
        return kind(value)
    except ValueError:
        close = nearest(str(value), kind)
        raise ConstraintError(
            f"{name} cannot be '{value}'",
            hint=f"did you mean '{close}'?" if close else f"use one of: {' '.join(kind)}",
        ) from None
