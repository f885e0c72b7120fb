"""What the picture of a plan or run says on each node."""

from __future__ import annotations

from collections.abc import Sequence

from nubem_jupyter.core.dot import Badge
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Plan, Rewrite
from nubem_jupyter.core.run import NodeRun, NodeState, Run
from nubem_jupyter.core.work import NodeKind
from nubem_jupyter.render.amount import call_cost, costs, dollars, seconds, spent_on, taken_s, together
from nubem_jupyter.render.cached import cached_note, similar_note
from nubem_jupyter.render.places import by_place

_NOTICEABLE_S = 0.001
_ENDS = frozenset({NodeKind.INPUT, NodeKind.OUTPUT})


def plan_badges(plan: Plan) -> dict[str, Badge]:
    """Note the chosen model with its expected cost and time on every model call."""
    return {place: Badge(lines=_expected(choice.chosen)) for place, choice in plan.route.items()}


def run_badges(run: Run) -> dict[str, Badge]:
    """Note model, cost and time on every step that ran; the others are drawn as idle."""
    groups = by_place(run.plan.flow, run.nodes)
    badges = {}
    for place, node in run.plan.flow.walk():
        if node.kind in _ENDS:
            badges[place] = Badge(state="edge")
        else:
            badges[place] = _done(groups.get(place, ()))
    return badges


def rewrite_badges(flow: Flow, rewrites: Sequence[Rewrite]) -> dict[str, Badge]:
    """Mark the nodes that rewrites take away."""
    gone = {name for rewrite in rewrites for name in rewrite.removed}
    return {place: Badge(state="changed") for place, node in flow.walk() if {place, node.id} & gone}


def _expected(chosen: Candidate) -> tuple[str, ...]:
    cost = chosen.cost_usd
    parts = []
    if cost:
        # Without the range, which would make the node wider than its name; the table has it.
        parts.append(call_cost(cost.value, chosen.model) if cost.high == 0 else f"≈ {dollars(cost.value)}")
    if chosen.latency_s:
        parts.append(f"≈ {seconds(chosen.latency_s.value)}")
    return tuple(filter(None, (chosen.model, " · ".join(parts))))


def _done(nodes: Sequence[NodeRun]) -> Badge:
    if not nodes:
        return Badge(state="idle")
    models = dict.fromkeys(node.model for node in nodes if node.model)
    figures = [together(nodes)] if taken_s(nodes) >= _NOTICEABLE_S else []
    if costs(nodes):
        figures.insert(0, spent_on(nodes, next(iter(models), None)))
    if len(nodes) > 1:
        figures.append(f"{len(nodes):,} times")
    figures.append(cached_note(nodes))
    lines = (*models, " · ".join(filter(None, figures)), similar_note(nodes))
    return Badge(lines=tuple(filter(None, lines)), state=_state(nodes))


def _state(nodes: Sequence[NodeRun]) -> str:
    states = {node.state for node in nodes}
    if NodeState.FAILED in states:
        return "failed"
    return "done" if NodeState.FINISHED in states else "idle"
