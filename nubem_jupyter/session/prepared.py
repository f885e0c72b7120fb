"""What running a plan needs and is the same each time: worked out once a plan, so that each run begins at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nubem_jupyter.core.flow import Node
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import STANDS_IN, ModelInfo
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.work import Component, Prompt
from nubem_jupyter.engine.checked import checked_steps
from nubem_jupyter.engine.wiring import Wirings
from nubem_jupyter.ports import Provider
from nubem_jupyter.session.turns import Turns, turns_of

_MOST_KEPT = 32
"""Plans remembered; those run longest ago are forgotten."""


class Prepared(NamedTuple):
    """One plan, ready to be run."""

    plan: Plan
    """The plan, held so that its identity stays its own."""
    wirings: Wirings
    """The edges of its flows."""
    turns: Turns
    """Who may be asked where."""
    listed: Mapping[str, Sequence[ModelInfo]]
    """Provider -> what it listed then, of those that are asked; the same object while nothing has changed."""
    models: Mapping[str, int]
    """Place -> how many models may be asked there."""
    seconds: Mapping[str, float]
    """Place -> how long its call is expected to take."""
    drawn: frozenset[str]
    """Places that draw by chance without a seed of their own: each run draws one for them, and is a plan of its own."""
    has_similar: bool
    """Whether a step takes answers of similar calls."""
    stand_ins: frozenset[ModelId]
    """Models that only stand in for others: their calls tell nothing of a deployment."""
    components: Mapping[str, Node]
    """Place -> step, of those that use a component."""
    has_code: bool
    """Whether code is run."""
    has_cascades: bool
    """Whether a cascade may be asked."""
    tasks: Mapping[str, str]
    """Path of each step with a check, without item and round numbers -> the step's digest."""
    has_tried: bool
    """Whether a model is tried in some step."""


def prepare(plan: Plan, models: Mapping[ModelId, ModelInfo], providers: Mapping[str, Provider]) -> Prepared:
    """Work a plan out."""
    turns = turns_of(plan.route, models, providers, plan.constraints)
    asked = [one for some in turns.values() for turn in some for one in turn.members or (turn,)]
    names = {one.info.caller if one.info else "" for one in asked}
    nodes = dict(plan.flow.walk())
    works = {place: node.work for place, node in nodes.items()}
    latencies = {place: choice.chosen.latency_s for place, choice in plan.route.items()}
    return Prepared(
        plan=plan,
        wirings=Wirings(),
        turns=turns,
        # One that nobody lists may be listed by anybody later.
        listed={name: provider.models() for name, provider in providers.items() if name in names or "" in names},
        models={place: len(some) for place, some in turns.items()},
        seconds={place: latency.value for place, latency in latencies.items() if latency},
        drawn=frozenset(
            place
            for place, work in works.items()
            if isinstance(work, Prompt) and work.temperature > 0 and work.seed is None
        ),
        has_similar=any(isinstance(work, Prompt) and work.similar is not None for work in works.values()),
        stand_ins=frozenset(info.id for info in models.values() if STANDS_IN in info.features),
        components={place: node for place, node in nodes.items() if isinstance(node.work, Component)},
        has_code=any(work.runs_code for work in works.values()),
        has_cascades=any(turn.members for some in turns.values() for turn in some),
        tasks=checked_steps(plan.flow),
        has_tried=any(choice.explored for choice in plan.route.values()),
    )


def is_current(prepared: Prepared, providers: Mapping[str, Provider]) -> bool:
    """Tell whether those who are asked still list what they did."""
    return all(providers[name].models() is listed for name, listed in prepared.listed.items())


class PreparedPlans:
    """The plans run lately, by identity."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, Prepared] = OrderedDict()

    def get(self, plan: Plan) -> Prepared | None:
        """Return what was worked out for this very plan; who is asked, and at which price, may have changed since."""
        return self._known.get(id(plan))

    def keep(self, prepared: Prepared) -> Prepared:
        """Remember it; return it."""
        self._known[id(prepared.plan)] = prepared
        if len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        return prepared
