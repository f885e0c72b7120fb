"""Why each model was chosen, what other limits would change, and what can be had for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from nubem_jupyter.core.explanation import grounds
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.plan import Candidate, Choice, Estimate, Plan
from nubem_jupyter.core.weighed import Change, Front, FrontPoint, WhatIf
from nubem_jupyter.render.amount import UNKNOWN, dollars, estimated, estimated_cost, seconds, share
from nubem_jupyter.render.blocks import Block, Page, Table, Words

_MOST = 25
"""Candidates of one step that a page shows; ``plan.explain()`` has all."""
_MOST_MODELS = 6
_EXPECTED = ("cost", "time", "chance that all is right")
_NOTHING_RUN = "No model was called for this."


def why_page(plan: Plan, node: str | None = None) -> Page:
    """Say for each step, or for one, why its model was chosen and why the others were not.

    Raises:
        UsageError: no model call stands at that place.
    """
    if node is not None:
        plan.explain(node)  # names what is near where there is no such step
        return _step(node, plan.route[node])
    told: list[Block] = [Words(plan.explanation)] if plan.explanation else []
    return (*told, *(block for place, choice in plan.route.items() for block in _step(place, choice)))


def _step(place: str, choice: Choice) -> Page:
    shown = (choice.chosen, *choice.alternatives)
    rows = tuple(
        _candidate(one, "✓" if one is choice.chosen else "·" if one.feasible else "✗") for one in shown[:_MOST]
    )
    columns = ("", "model", "quality", "cost", "time", "evidence", "why, or why not")
    more = len(shown) - len(rows)
    left = (Words(f"{more} more candidates are in plan.explain('{place}').", "quiet"),) if more else ()
    return (Words(f"{place}: {choice.model}, {choice.reason}"), Table(columns, rows), *left)


def _candidate(one: Candidate, mark: str) -> tuple[str, ...]:
    return (
        mark,
        one.model,
        estimated(one.quality, share),
        estimated_cost(one),
        estimated(one.latency_s, seconds),
        grounds(one) or "none",
        one.reason,
    )


def what_if_page(found: WhatIf) -> Page:
    """Say what a plan would take within other limits, and which steps would change hands."""
    count = len(found.changes)
    title = f"{count} of {len(found.chosen)} steps would change hands" if count else "No step would change hands"
    rows = (("as planned", *_whole(found.before)), ("then", *_whole(found.estimate)))
    blocks: list[Block] = [Words(title, "title"), Table(("", *_EXPECTED), rows)]
    if found.remark:
        blocks.append(Words(f"It would be {found.remark}.", "warning"))
    if count:
        changes = tuple(_change(change) for change in found.changes)
        blocks.append(Table(("step", "as planned", "then", "which is"), changes))
    return (*blocks, Words(_NOTHING_RUN, "quiet"))


def _change(change: Change) -> tuple[str, ...]:
    return (change.place, change.before.model, change.after.model, change.reason)


def front_page(found: Front, plan: Plan | None = None) -> Page:
    """List what can be had for what, cheapest first, and mark what the plan takes."""
    if not found.points:
        return (Words("Nothing can be had within these limits."),)
    planned = {place: choice.model for place, choice in plan.route.items()} if plan else None
    is_marked = any(point.remark for point in found.points)
    rows = tuple(
        (
            "✓" if dict(point.models) == planned else "",
            *_whole(point.estimate),
            _models(point.models),
            *([_mark(point)] if is_marked else []),
        )
        for point in found.points
    )
    columns = ("", *_EXPECTED, "models", *([""] if is_marked else []))
    mark = "✓ is what the plan takes. " if any(row[0] for row in rows) else ""
    return (Table(columns, rows, "What can be had for what"), Words(mark + _NOTHING_RUN, "quiet"))


def _mark(point: FrontPoint) -> str:
    return f"⚠ {point.remark}" if point.remark else ""


def _models(models: Mapping[str, ModelId]) -> str:
    counts = Counter(models.values()).most_common()
    told = [name if count == 1 else f"{name} × {count}" for name, count in counts[:_MOST_MODELS]]
    return ", ".join(told) + (f" and {len(counts) - len(told)} more" if len(counts) > len(told) else "")


def _whole(estimate: Estimate) -> tuple[str, ...]:
    cost = estimate.cost_usd
    return (
        dollars(0) if cost and cost.high == 0 else estimated(cost, dollars),
        estimated(estimate.latency_s, seconds),
        estimated(estimate.quality, share) if estimate.quality else UNKNOWN,
    )
