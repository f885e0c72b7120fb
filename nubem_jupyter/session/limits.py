"""The limits that a run is begun or gone on with, beside those that its plan was made for."""

from __future__ import annotations

from typing import Any

import msgspec

from nubem_jupyter.core.constraint import Constraints, SecurityLevel
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.region import lies_in
from nubem_jupyter.core.run import Run
from nubem_jupyter.errors import UsageError

_FREE = ("max_cost_usd", "max_latency_s")
"""What may be raised as well as lowered."""
_CHOSEN_BY = ("min_quality", "models", "prefer", "require", "allow")
"""What models and components were chosen by: nothing is chosen anew where a run goes on."""


def with_region(constraints: Constraints, region: str) -> Constraints:
    """Return the constraints with a region where they name none."""
    if constraints.region or not region:
        return constraints
    return msgspec.structs.replace(constraints, region=region)


def plan_in(plan: Plan, region: str) -> Plan:
    """Return the plan kept in a region where it names none; the very same plan where nothing changes."""
    constraints = with_region(plan.constraints, region)
    return plan if constraints is plan.constraints else msgspec.structs.replace(plan, constraints=constraints)


def with_limits(run: Run, given: Constraints) -> Run:
    """Return the run with the limits that are given for going on with it.

    Budget and deadline take the place of the run's own; where the data may go, and how code is isolated, can only
    become stricter.

    Raises:
        UsageError: a limit would loosen what the run was to keep, or would need models to be chosen anew.
    """
    held = run.plan.constraints
    changes: dict[str, Any] = {name: getattr(given, name) for name in _FREE if getattr(given, name) is not None}
    _check_chosen(held, given)
    if given.local_only:
        changes["local_only"] = True
    if given.region:
        changes["region"] = _region(held.region, given.region)
    if given.security_level is not SecurityLevel.LOW:
        changes["security_level"] = _level(held.security_level, given.security_level)
    plan = msgspec.structs.replace(run.plan, constraints=msgspec.structs.replace(held, **changes))
    return msgspec.structs.replace(run, plan=plan)


def _check_chosen(held: Constraints, given: Constraints) -> None:
    unset = Constraints()
    for name in _CHOSEN_BY:
        if getattr(given, name) not in (getattr(unset, name), getattr(held, name)):
            raise UsageError(
                f"a run goes on with what was chosen for it, and {name} would need that to be chosen anew",
                hint=f"leave {name} out, or plan and run the request again with it",
            )


def _region(held: str, given: str) -> str:
    if held and not lies_in(given, held):
        raise UsageError(
            f"the run keeps its data in region {held}, and region {given} does not lie in it",
            hint="leave the region out, or plan and run the request again with it",
        )
    return given


def _level(held: SecurityLevel, given: SecurityLevel) -> SecurityLevel:
    order = list(SecurityLevel)
    if order.index(given) < order.index(held):
        raise UsageError(
            f"the run was to keep security {held}, and {given} is less strict",
            hint="leave security out, or plan and run the request again with it",
        )
    return given
