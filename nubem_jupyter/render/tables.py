"""Tables: which model does each step and why, what is expected, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Estimate, Plan, Rewrite
from nubem_jupyter.core.run import NodeRun, NodeState, Run
from nubem_jupyter.core.template import as_text
from nubem_jupyter.core.text import shorten
from nubem_jupyter.core.work import NodeKind
from nubem_jupyter.render.amount import (
    call_cost,
    costs,
    dollars,
    estimated,
    estimated_cost,
    seconds,
    share,
    spent_on,
    together,
)
from nubem_jupyter.render.blocks import Table
from nubem_jupyter.render.cached import cached_note, similar_note
from nubem_jupyter.render.places import by_place

_CELL = 160
_MOST_VALUES = 200
_OF_MODELS = frozenset({"model", "quality", "why"})
"""Columns that have no place in a table where no model was asked."""
_WORKERS = frozenset({NodeKind.MODEL, NodeKind.CODE, NodeKind.COMPONENT})


def decision_table(plan: Plan) -> Table:
    """Say for each model call who does it, why, and what that is expected to take."""
    rows = tuple((place, *_predicted(choice.chosen)) for place, choice in plan.route.items())
    return Table(("step", "model", "quality", "cost", "time", "why"), rows, title="Who does what, and why")


def alternatives_table(plan: Plan) -> Table:
    """List the models that were not chosen, with the reason."""
    rows = tuple(
        (place, *_predicted(candidate)) for place, choice in plan.route.items() for candidate in choice.alternatives
    )
    return Table(("step", "model", "quality", "cost", "time", "why not"), rows)


def estimate_table(estimate: Estimate) -> Table:
    """Say what the whole plan is expected to take, with the ends of each range."""
    cells = (
        estimated(estimate.cost_usd, dollars),
        estimated(estimate.latency_s, seconds),
        estimated(estimate.quality, share),
    )
    return Table(("cost", "time", "chance that all is right"), (cells,), title="Expected")


def steps_table(run: Run) -> Table:
    """Say for each step that ran who did it, why, and what it took; a step done many times is one row."""
    groups = by_place(run.plan.flow, run.nodes)
    order = [place for place, _ in run.plan.flow.walk() if place in groups]
    strays = [place for place in groups if place not in order]
    found = (_step(place, groups[place], run.plan.route.get(place)) for place in [*order, *strays])
    rows = tuple(row for row in found if row)
    columns = ("step", "model", "quality", "cost", "time", "state", "why")
    told = [number for number, name in enumerate(columns) if name not in _OF_MODELS or any(row[number] for row in rows)]
    return Table(
        tuple(columns[number] for number in told),
        tuple(tuple(row[number] for number in told) for row in rows),
        title="What was done, by whom, and why",
    )


def values_table(run: Run) -> Table:
    """Show the beginning of what each step gave, item by item; of very many steps the first."""
    nodes = [node for node in run.trace if node.kind not in {"input", "output"}]
    rows = tuple(
        (node.path, node.state, _start(node.value) if node.failure is None else shorten(node.failure.message, _CELL))
        for node in nodes[:_MOST_VALUES]
    )
    title = f"What the first {_MOST_VALUES:,} of {run.steps:,} steps gave" if len(nodes) > _MOST_VALUES else ""
    return Table(("step", "state", "gave"), rows, title)


def nodes_table(flow: Flow) -> Table:
    """List a flow's steps with what each is asked to do."""
    rows = tuple(
        (
            place,
            str(node.kind),
            node.capability,
            ", ".join(dict.fromkeys(node.inputs.values())),
            shorten(node.prompt or node.code or node.component or "", _CELL),
        )
        for place, node in flow.walk()
    )
    return Table(("step", "kind", "capability", "reads", "asks"), rows)


def rewrites_table(rewrites: Sequence[Rewrite]) -> Table:
    """List what the optimizer changed."""
    rows = tuple((rewrite.rule, rewrite.description, ", ".join(rewrite.removed)) for rewrite in rewrites)
    return Table(("rule", "what changed", "removed"), rows, title="Changed by the optimizer")


def means_table(evaluation: Evaluation) -> Table:
    """List each target's mean score with its standard error, best first."""
    rows = tuple(
        (
            mean.target,
            share(mean.mean) if mean.standard_error is None else f"{share(mean.mean)} ± {mean.standard_error:.3f}",
            f"{share(mean.low)}–{share(mean.high)}",
            str(mean.n),
            str(mean.errors),
            call_cost(mean.cost_usd, mean.target),
            seconds(mean.latency_s),
        )
        for mean in evaluation.means
    )
    columns = ("target", "mean ± standard error", "95 % interval", "cases", "errors", "cost", "time a case")
    return Table(columns, rows)


def samples_table(evaluation: Evaluation) -> Table:
    """List every scored answer."""
    rows = tuple(
        (
            sample.target,
            sample.case,
            "none" if sample.score is None else share(sample.score),
            shorten(as_text(sample.answer), _CELL),
            shorten(sample.explanation, _CELL),
        )
        for sample in evaluation.samples
    )
    return Table(("target", "case", "score", "answer", "note"), rows)


def _start(value: Any) -> str:
    """Write the beginning of a value; no more of a long list is written out than can be shown."""
    return shorten(as_text(value[:_CELL] if isinstance(value, list | tuple) else value), _CELL)


def _predicted(candidate: Candidate) -> tuple[str, ...]:
    return (
        candidate.model,
        estimated(candidate.quality, share),
        estimated_cost(candidate),
        estimated(candidate.latency_s, seconds),
        candidate.reason,
    )


def _step(place: str, nodes: Sequence[NodeRun], choice: Choice | None) -> tuple[str, ...]:
    """Make one row, or none for what only passes values on; the picture has those."""
    models = _models(nodes)
    failed = any(node.failure for node in nodes)
    if not (models or failed or nodes[0].kind in _WORKERS):
        return ()
    quality = estimated(choice.chosen.quality, share) if choice else ""
    cost = spent_on(nodes, nodes[0].model) if costs(nodes) else ""
    name = place if len(nodes) == 1 else f"{place} × {len(nodes):,}"
    reason = nodes[0].reason or (choice.reason if choice else "")
    return name, models, quality, cost, together(nodes), _states(nodes), reason


def _models(nodes: Sequence[NodeRun]) -> str:
    """Name the models that answered, each with those of its deployments that did, where it has several."""
    found: dict[str, dict[str, None]] = {}
    for node in nodes:
        if node.model:
            places = found.setdefault(node.model, {})
            places.update({node.deployment: None} if node.deployment else {})
    return ", ".join(f"{model} (at {', '.join(places)})" if places else model for model, places in found.items())


def _states(nodes: Sequence[NodeRun]) -> str:
    counts = {state: sum(node.state is state for node in nodes) for state in NodeState}
    present = [(state, count) for state, count in counts.items() if count]
    alone = len(present) == 1
    told = ", ".join(str(state) if alone else f"{count:,} {state}" for state, count in present)
    notes = "; ".join(filter(None, (cached_note(nodes), similar_note(nodes))))
    return f"{told} ({notes})" if notes else told
