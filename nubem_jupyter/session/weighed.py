"""Plans weighed anew: what other limits would change, and what can be had for what; no model is called for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict, Unpack

import msgspec

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.plan import Choice, Plan
from nubem_jupyter.core.weighed import Change, Front, WhatIf
from nubem_jupyter.engine.estimator import estimate
from nubem_jupyter.engine.estimator.told import ToldOfSteps
from nubem_jupyter.engine.router.hopeless import remark
from nubem_jupyter.engine.router.limits import Known
from nubem_jupyter.engine.router.weighing import Weighing
from nubem_jupyter.engine.router.words import versus
from nubem_jupyter.errors import UsageError
from nubem_jupyter.session.checked_call import checked_methods
from nubem_jupyter.session.leave import Foreseen


class Limits(TypedDict, total=False):
    """What may be asked to be otherwise; None takes a limit away."""

    max_cost_usd: float | None
    max_latency_s: float | None
    min_quality: float | None
    prefer: str


@checked_methods
class WeighedPlan:
    """A plan whose limits can be turned like knobs; all that does not depend on them is kept."""

    def __init__(
        self,
        plan: Plan,
        routed: Callable[[Constraints], Mapping[str, Choice]],
        inputs: Mapping[str, Any] | None = None,
        foreseen: Foreseen | None = None,
        told: ToldOfSteps | None = None,
    ) -> None:
        """Take a plan, what routes its flow within given constraints, and what is known of its components.

        ``told`` is what scored cases tell of its steps, as ``routed`` was told.
        """
        self.plan = plan
        self._inputs = inputs or {}
        self._foreseen = foreseen or Foreseen()
        tools = {place: usd for place, usd in self._foreseen.uses_usd.items() if usd is not None}
        self._weighing = Weighing(
            plan.flow,
            lambda limits: routed(_limited(plan.constraints, limits)),
            Known(inputs=self._inputs, uses_usd=tools, told=told or {}),
        )

    def what_if(self, **limits: Unpack[Limits]) -> WhatIf:
        """Say what the plan would be within other limits; those that are not named stay as they are.

        Raises:
            UsageError: something else is to be otherwise.
            ConstraintError: a limit allows nothing, or the preference means nothing.
            BudgetError: there is to be a budget, and nobody knows what a use of a component costs.
            InfeasibleError: no choice of models keeps the limits; says which ones would be enough.
        """
        constraints = self._within(limits)
        chosen = self._weighing.choose(constraints)
        changes = tuple(
            Change(
                place=place,
                before=choice.chosen,
                after=chosen[place],
                reason=versus(chosen[place], choice.chosen),
            )
            for place, choice in self.plan.route.items()
            if chosen[place].model != choice.model
        )
        route = {place: Choice(chosen=one) for place, one in chosen.items()}
        expected = estimate(self.plan.flow, route, inputs=self._inputs, uses_usd=self._foreseen.uses_usd)
        return WhatIf(
            constraints=constraints,
            chosen=chosen,
            before=self.plan.estimate,
            estimate=expected,
            changes=changes,
            remark=remark(chosen, expected),
        )

    def front(self, **limits: Unpack[Limits]) -> Front:
        """Return what can be had for what: choices that no other beats in cost, time and quality at once.

        Within the plan's limits, or others; empty where nothing keeps them. Raises as ``what_if`` does for a limit
        that means nothing, and for a budget beside a component of unknown cost.
        """
        return self._weighing.front(self._within(limits))

    def _within(self, limits: Limits) -> Constraints:
        unknown = sorted(set(limits) - set(Limits.__annotations__))
        if unknown:
            raise UsageError(
                f"'{unknown[0]}' cannot be weighed",
                hint=f"there are: {' '.join(Limits.__annotations__)}; else plan anew",
            )
        constraints = msgspec.structs.replace(self.plan.constraints, **limits)
        self._foreseen.check_budget(constraints)
        return constraints


def _limited(constraints: Constraints, limits: Constraints) -> Constraints:
    """Return constraints with the limits and the preference of others."""
    return msgspec.structs.replace(
        constraints,
        max_cost_usd=limits.max_cost_usd,
        max_latency_s=limits.max_latency_s,
        min_quality=limits.min_quality,
        prefer=limits.prefer,
    )
