"""Who may take a failing model's place: of all that may do the step, those with whom the run still keeps its budget.

A step may come to cost what the dearest of its chain does. Money that the chosen models leave is shared out: first each
step gets one that may stand in, then as many as there is money for.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice
from nubem_jupyter.engine.estimator import known_sizes, most_cost
from nubem_jupyter.engine.router.limits import Known
from nubem_jupyter.engine.router.words import because


def keep_chains(
    flow: Flow, route: Mapping[str, Choice], constraints: Constraints, known: Known
) -> Mapping[str, Choice]:
    """Return the route without those to stand in that could take the run over its budget; they are still listed."""
    if constraints.max_cost_usd is None:
        return route
    purse = _Purse(flow, route, constraints.max_cost_usd, known)
    for place, choice in route.items():
        purse.admit(place, choice, most=1)
    for place, choice in route.items():
        purse.admit(place, choice, most=len(choice.alternatives))
    why = f"to stand in for a model that fails it could take the run over max_cost ${constraints.max_cost_usd:g}"
    return {place: _chain(choice, purse.worst_usd[place], why) for place, choice in route.items()}


class _Purse:
    """What each step may come to cost, so far."""

    def __init__(self, flow: Flow, route: Mapping[str, Choice], most_usd: float, known: Known) -> None:
        self._flow = flow
        self._most_usd = most_usd
        self._uses_usd = known.uses_usd
        self._items = known_sizes(flow, known.inputs).items
        self.worst_usd = {place: _dearest(choice.chosen) for place, choice in route.items()}

    def admit(self, place: str, choice: Choice, most: int) -> None:
        """Let so many of those that may stand in raise what the step may cost, as far as the budget goes."""
        amounts = sorted({_dearest(one) for one in choice.in_turn[1 : 1 + most]})
        low, high = 0, len(amounts)
        while low < high:
            middle = (low + high) // 2
            if self._fits(place, amounts[middle]):
                low = middle + 1
            else:
                high = middle
        if low:
            self.worst_usd[place] = max(self.worst_usd[place], amounts[low - 1])

    def _fits(self, place: str, amount_usd: float) -> bool:
        amounts = {**self._uses_usd, **self.worst_usd, place: max(amount_usd, self.worst_usd[place])}
        return most_cost(self._flow, amounts, self._items) <= self._most_usd


def _dearest(one: Candidate) -> float:
    return one.cost_usd.high if one.cost_usd else float("inf")


def _chain(choice: Choice, worst_usd: float, why: str) -> Choice:
    over = [one for one in choice.alternatives if one.feasible and _dearest(one) > worst_usd]
    if not over:
        return choice
    kept = [one for one in choice.alternatives if one.feasible and one not in over]
    refused = [one for one in choice.alternatives if not one.feasible]
    told = [msgspec.structs.replace(because(one, f"{one.reason}; {why}"), feasible=False) for one in over]
    return msgspec.structs.replace(choice, alternatives=(*kept, *told, *refused))
