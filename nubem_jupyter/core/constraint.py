"""What a run must stay within."""

from __future__ import annotations

import math
from enum import StrEnum

import msgspec

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


class Constraints(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a run must stay within, and what to prefer inside that.

    Raises:
        ConstraintError: a limit is zero, negative, not a number, or out of its range.
    """

    max_cost_usd: float | None = None
    """Ceiling for the whole run, in US dollars; None sets no ceiling."""
    max_latency_s: float | None = None
    """Ceiling for the whole run, in seconds; None sets no ceiling."""
    min_quality: float | None = None
    """Least predicted chance that a node's answer is right, 0 to 1; None asks for what is as good as the best."""
    security_level: SecurityLevel = SecurityLevel.LOW
    """How strictly code is isolated and where data may go."""
    local_only: bool = False
    """Keep all data on this machine."""
    models: tuple[str, ...] = ()
    """Only these models may be used; empty allows all."""
    prefer: Preference = Preference.BALANCED
    """What to optimise inside the limits."""
    require: tuple[str, ...] = ()
    """Features that every model must have, for example ``vision`` or ``json_schema``."""
    allow: tuple[str, ...] = ()
    """Permissions granted to tools and code, for example ``network``."""

    def __post_init__(self) -> None:
        _check_limit(
            "max_cost",
            self.max_cost_usd,
            "US dollars",
            "leave it out and add --local for models that cost nothing",
        )
        _check_limit("max_latency", self.max_latency_s, "seconds", "leave it out for no deadline")
        if self.min_quality is not None and not 0 <= self.min_quality <= 1:
            raise ConstraintError(
                f"min_quality is {self.min_quality}, which is not between 0 and 1",
                hint="0.8 asks for models expected to be right four times in five",
            )
        # Callers pass plain strings; a wrong word should be named here and not far away.
        for name, kind in (("security_level", SecurityLevel), ("prefer", Preference)):
            msgspec.structs.force_setattr(self, name, _member(kind, getattr(self, name), name))

    @property
    def keeps_data_local(self) -> bool:
        """Whether only models on this machine may see the data."""
        return self.local_only or self.security_level is SecurityLevel.HIGH


def _check_limit(name: str, value: float | None, unit: str, mend: str) -> None:
    if value is None or (value > 0 and math.isfinite(value)):
        return
    raise ConstraintError(
        f"{name} is {value:g}, which allows nothing" if value == 0 else f"{name} is {value}, which is not an amount",
        hint=f"give a number of {unit} above 0, or {mend}",
    )


def _member(kind: type[StrEnum], value: str, name: str) -> StrEnum:
    try:
        return kind(value)
    except ValueError:
        raise ConstraintError(
            f"{name} is '{value}', which is not one of {', '.join(kind)}",
            hint=f"use one of: {' '.join(kind)}",
        ) from None
