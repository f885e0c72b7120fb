"""Trying models in a session: how much of it there is, what it may cost, and what it did."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.catalog.days import day_of
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId, RunId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.plan import Choice, Plan
from nubem_jupyter.core.run import NodeState, Run
from nubem_jupyter.engine.estimator import estimate, known_sizes, predict
from nubem_jupyter.engine.router.limits import Known
from nubem_jupyter.engine.transform import SEEDS
from nubem_jupyter.errors import StorageError

if TYPE_CHECKING:
    from nubem_jupyter.session.settings import Settings
    from nubem_jupyter.storage.explorations import ExplorationStore

Explore = Callable[[Flow, Mapping[str, Choice], Constraints, Known], Mapping[str, Choice]]
"""Gives some steps of a route to models that are tried."""

_SPENT = "what trying models may cost a day is spent"


class Explorer:
    """Keeps the share of steps and the day's money that a session gives to trying models.

    A store in trouble leaves what costs nothing to be tried.
    """

    def __init__(
        self,
        store: ExplorationStore,
        settings: Settings,
        wall_clock: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self._store = store
        self._settings = settings
        self._wall_clock = wall_clock
        self._rng = rng

    @property
    def spent_usd(self) -> float:
        """What was spent or set aside today.

        Raises:
            StorageError: the store cannot be read.
        """
        return self._store.spent_usd(self._day())

    def for_plan(self, models: Sequence[ModelInfo], seed: int | None) -> Explore:
        """Return what tries models in the steps of a plan; for a thread that may wait."""
        from nubem_jupyter.engine.router.exploring import Terms, explore

        terms = Terms(
            share=self._settings.explore,
            seed=self._rng.randrange(SEEDS) if seed is None else seed,
            left_usd=self._left_usd(),
            calls={info.id: info.error_rate.n for info in models if info.error_rate is not None},
        )
        return partial(explore, terms=terms)

    def admitted(
        self,
        plan: Plan,
        run: RunId,
        inputs: Mapping[str, Any],
        models: Mapping[ModelId, ModelInfo],
        done: Collection[str] = (),
    ) -> Plan:
        """Return the plan with no model tried where the day's money is not enough; else set aside what that may cost.

        Args:
            plan: What is about to be run.
            run: The run's name.
            inputs: What it is given, by which prompts are longer than the plan could know.
            models: What is listed of the models that may be asked.
            done: Places of steps that are not done again.
        """
        tried = {
            place: most_usd
            for place, choice in plan.route.items()
            if choice.explored is not None
            and place not in done
            and (most_usd := _most_usd(plan, place, inputs, models)) > 0
        }
        if not tried or self._set_aside(run, tried):
            return plan
        return _with(plan, {place: _given_up(plan.route[place]) for place in tried})

    def settle(self, run: Run) -> None:
        """Put down what the calls to tried models did cost; those to others, asked after them, were due anyway.

        Where the run has not got a step's record at hand, what was set aside stays: it may have cost that.
        """
        nodes = {str(node.path): node for node in run.nodes}
        spent = {
            place: max(nodes[place].cost_usd - nodes[place].others_usd, 0.0) if place in nodes else 0.0
            for place, choice in run.plan.route.items()
            if choice.explored is not None and (place in nodes or run.rest is None)
        }
        known = {place: usd for place, usd in spent.items() if place not in nodes or not nodes[place].unpriced}
        with contextlib.suppress(StorageError):  # what was set aside then counts
            if known:
                self._store.settle(run.id, known)

    def _set_aside(self, run: RunId, amounts_usd: Mapping[str, float]) -> bool:
        try:
            return self._store.set_aside(run, self._day(), amounts_usd, self._settings.explore_daily_usd)
        except StorageError:
            return False

    def _left_usd(self) -> float:
        limit_usd = self._settings.explore_daily_usd
        try:
            return max(limit_usd - self.spent_usd, 0.0) if limit_usd else 0.0
        except StorageError:
            return 0.0

    def _day(self) -> str:
        return day_of(self._wall_clock())


def _with(plan: Plan, choices: Mapping[str, Choice]) -> Plan:
    """Return the plan with these choices, by place, in place of its own; what the whole takes is as it was."""
    return msgspec.structs.replace(plan, route={**plan.route, **choices}) if choices else plan


def without_trying(
    plan: Plan, inputs: Mapping[str, Any] | None = None, uses_usd: Mapping[str, float | None] | None = None
) -> Plan:
    """Return the plan as it would be were no model tried; itself where none is. For the rest see ``estimate``."""
    tried = {place: choice.unexplored for place, choice in plan.route.items() if choice.explored is not None}
    if not tried:
        return plan
    kept = _with(plan, tried)
    expected = estimate(plan.flow, kept.route, inputs=inputs, uses_usd=uses_usd)
    return msgspec.structs.replace(kept, estimate=expected)


def as_tried_in(plan: Plan, recorded: Plan) -> Plan:
    """Return the plan with what another tried and nothing else, so that its run asks whom that one's did."""
    decided = {
        place: recorded.route.get(place, choice)
        for place, choice in plan.route.items()
        if choice.explored is not None or (place in recorded.route and recorded.route[place].explored is not None)
    }
    return _with(plan, decided)


def done_in(run: Run) -> frozenset[str]:
    """Return the places of the steps that a run which goes on does not do again."""
    return frozenset(str(node.path) for node in run.nodes if node.state is NodeState.FINISHED)


def _given_up(choice: Choice) -> Choice:
    kept = choice.unexplored
    told = f"{kept.chosen.reason}; {choice.model} was to be tried, but {_SPENT}"
    return msgspec.structs.replace(kept, chosen=msgspec.structs.replace(kept.chosen, reason=told))


def _most_usd(plan: Plan, place: str, inputs: Mapping[str, Any], models: Mapping[ModelId, ModelInfo]) -> float:
    """Return what the model that is tried at a step may cost: as planned, or as the inputs tell where that is more."""
    planned = plan.route[place].chosen
    found = [planned]
    if planned.model in models:
        node = dict(plan.flow.walk())[place]
        chars = known_sizes(plan.flow, inputs).chars[place]
        found.append(predict(node, models[planned.model], filled_chars=chars))
    return max(one.cost_usd.high if one.cost_usd else 0.0 for one in found)
