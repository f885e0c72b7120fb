"""What somebody should know of a run that its outcome does not say."""

from __future__ import annotations

from collections.abc import Collection

from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import NodeRun, Outcome, Run
from nubem_jupyter.core.text import shorten
from nubem_jupyter.render.places import by_place

_FIRST = 3
_SHORT = 200
_RAISES = {Outcome.OVER_BUDGET: "--max-cost USD", Outcome.OVER_TIME: "--max-latency S"}
"""Outcome -> the option that allows more."""


def notices(run: Run) -> list[str]:
    """Say which items failed, and which answers were cut off."""
    return [*failed_items(run), *cut_off(run)]


def ending(run: Run, under_way: Collection[RunId]) -> str:
    """Say in a word or two how a run ended, for lists; one that says running and that nobody has was interrupted."""
    if run.outcome is Outcome.RUNNING and run.id not in under_way:
        return "interrupted"
    return ", ".join(filter(None, (str(run.outcome), failed_share(run))))


def going_on(run: Run, command: str) -> str:
    """Say how a run that its own limit stopped goes on with a higher one; empty for a run that ended otherwise.

    ``command`` is what goes on with it where somebody reads this, without its options.
    """
    raised = _RAISES.get(run.outcome)
    return f"go on with: {command} {run.id} {raised}" if raised else ""


def failed_items(run: Run) -> list[str]:
    """Say of each map that went on without items how many, why the first of them failed, and how to see the others."""
    return [_failed(node) for node in run.nodes if node.item_failures]


def failed_share(run: Run) -> str:
    """Say for the line about the outcome how many items failed; empty where none did."""
    maps = [node for node in run.nodes if node.item_failures]
    if not run.failed_count:
        return ""
    return _share(maps[0]) if len(maps) == 1 else f"{run.failed_count:,} items failed"


def cut_off(run: Run) -> list[str]:
    """Say which answers met their ceiling of tokens; their text ends where the model was stopped."""
    cut = by_place(run.plan.flow, (node for node in run.nodes if node.finish_reason == "length"))
    return [_cut(place, nodes) for place, nodes in cut.items()]


def left_out(run: Run) -> str:
    """Say that tables are about some of the steps, where there were too many to hold; empty where all are at hand."""
    if run.rest is None:
        return ""
    return (
        f"The run had {run.steps:,} steps. The picture's notes and the tables are about {len(run.nodes):,} of them; "
        "cost and tokens are those of all."
    )


def _failed(node: NodeRun) -> str:
    whys = [f"item {item}: {shorten(why.message, _SHORT)}" for item, why in sorted(node.item_failures.items())[:_FIRST]]
    others = len(node.item_failures) - len(whys)
    told = "; ".join([*whys, f"and {others:,} more"] if others else whys)
    return (
        f"{_share(node)} at step '{node.path}', and their results are null ({told}). "
        "In Python, run.failed_items lists them, counted from 0."
    )


def _share(node: NodeRun) -> str:
    items = len(node.value) if isinstance(node.value, list | tuple) else 0
    return f"{len(node.item_failures):,} of {items:,} items failed"


def _cut(place: str, nodes: list[NodeRun]) -> str:
    if len(nodes) > 1:
        return f"The text of step '{place}' was cut off {len(nodes):,} times."
    return f"The text of step '{nodes[0].path}' was cut off at {nodes[0].usage.output_tokens:,} tokens."
