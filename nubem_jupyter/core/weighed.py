"""What other constraints would make of a plan; nothing of it was run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.frozen import freeze_fields
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.plan import Candidate, Estimate, Range

if TYPE_CHECKING:
    import pandas as pd


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A step that another model would do."""

    place: str
    """Place of the model call."""
    before: Candidate
    """Who does it in the plan."""
    after: Candidate
    """Who would do it."""
    reason: str
    """How the two differ, in a few words."""


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan would be within other constraints."""

    constraints: Constraints
    """All constraints, the changed ones included."""
    chosen: Mapping[str, Candidate]
    """Place of each model call -> who would do it."""
    before: Estimate
    """What the plan is expected to take as it is."""
    estimate: Estimate
    """What it would be expected to take."""
    changes: tuple[Change, ...] = ()
    """The steps that change hands, in the flow's order."""
    remark: str = ""
    """Where it is hardly ever right; empty where it is not known to be."""

    def __post_init__(self) -> None:
        freeze_fields(self, "chosen")

    @property
    def frame(self) -> pd.DataFrame:
        """One row a step that changes hands, with what each of the two models is expected to take."""
        import pandas as pd  # imported late: it is slow

        rows = [
            {
                "step": change.place,
                "before": change.before.model,
                "after": change.after.model,
                **_both("quality", change.before.quality, change.after.quality),
                **_both("cost_usd", change.before.cost_usd, change.after.cost_usd),
                **_both("latency_s", change.before.latency_s, change.after.latency_s),
            }
            for change in self.changes
        ]
        names = [f"{name}_{when}" for name in ("quality", "cost_usd", "latency_s") for when in ("before", "after")]
        return pd.DataFrame(rows, columns=["step", "before", "after", *names])


class FrontPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One choice of models that no other beats in cost, time and quality at once."""

    models: Mapping[str, ModelId]
    """Place of each model call -> its model."""
    estimate: Estimate
    """What the whole is expected to take."""
    gap: float = 0.0
    """By how much its doubts could be less at most; 0 where it is proved that they cannot."""
    remark: str = ""
    """Where it is hardly ever right; empty where it is not known to be."""

    def __post_init__(self) -> None:
        freeze_fields(self, "models")


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """What can be had for what: choices between the cheapest, the fastest and the best, cheapest first."""

    points: tuple[FrontPoint, ...]
    """Choices, none of which another beats in everything."""

    @property
    def frame(self) -> pd.DataFrame:
        """One row a choice: the whole's cost, time and quality, with their ranges, a remark, and each step's model."""
        import pandas as pd  # imported late: it is slow

        return pd.DataFrame(
            [
                {
                    **_ends("cost_usd", point.estimate.cost_usd),
                    **_ends("latency_s", point.estimate.latency_s),
                    **_ends("quality", point.estimate.quality),
                    "remark": point.remark,
                    **point.models,
                }
                for point in self.points
            ]
        )


def _both(name: str, before: Range | None, after: Range | None) -> dict[str, Any]:
    return {f"{name}_before": before and before.value, f"{name}_after": after and after.value}


def _ends(name: str, range_: Range | None) -> dict[str, Any]:
    found = range_ and (range_.value, range_.low, range_.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), found or (None,) * 3, strict=True))
