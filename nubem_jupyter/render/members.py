"""Whom cascades asked, and what each of their members said."""

from __future__ import annotations

from nubem_jupyter.core.run import MemberRun, NodeRun, Run
from nubem_jupyter.core.template import as_text
from nubem_jupyter.core.text import shorten
from nubem_jupyter.render.amount import seconds, spent
from nubem_jupyter.render.blocks import Table

_CELL = 80
_MOST = 200
"""Calls that a table shows; a map of cascades makes very many."""


def has_members(run: Run) -> bool:
    """Tell whether a step of the run was done by a cascade."""
    return any(node.members for node in run.nodes)


def members_table(run: Run) -> Table:
    """List the calls of cascades, in the order of asking."""
    calls = [(node, member) for node in run.trace for member in node.members]
    title = f"The first {_MOST:,} of {len(calls):,} calls of cascades" if len(calls) > _MOST else "Calls of cascades"
    rows = tuple(_row(node, member) for node, member in calls[:_MOST])
    return Table(("step", "model", "said", "cost", "time", "agreed"), rows, title)


def _row(node: NodeRun, member: MemberRun) -> tuple[str, ...]:
    failure = member.failure
    said = as_text(member.value) if failure is None else failure.message
    cost = "cached" if member.cached else spent(member.cost_usd, member.unpriced, member.model)
    return (
        node.path,
        f"{member.model} (at {member.deployment})" if member.deployment else member.model,
        shorten(said, _CELL),
        cost,
        seconds(member.latency_s),
        "yes" if member.agreed else "",
    )
