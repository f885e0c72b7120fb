"""What is said of values that were at hand from equal calls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from nubem_jupyter.core.cache import CacheStats
from nubem_jupyter.core.run import NodeRun
from nubem_jupyter.render.amount import dollars, megabytes

WHEN_GIVEN_AGAIN = (
    "An answer is given again only where all of this is the same: the model's name, every message, the ceiling of"
    " tokens, the temperature, the seed, the schema and the security level; a component's value, where it may be"
    " kept, for the same name, version, arguments and security level. What is drawn by chance is asked anew."
)
"""What the key of an entry holds, for those who wonder whether an answer can be out of date."""


def cache_rows(stats: CacheStats, trouble: str) -> tuple[tuple[str, str], ...]:
    """Say where answers are kept, how many and how much of the room they take, and what is wrong, if anything is."""
    room = "" if stats.limit_bytes is None else f" of {megabytes(stats.limit_bytes)}"
    rows = (
        ("kept in", stats.place),
        ("entries", f"{stats.entries:,}"),
        ("size", megabytes(stats.bytes) + room),
    )
    return (*rows, ("trouble", trouble)) if trouble else rows


def forgotten(count: int) -> str:
    """Say how many entries were forgotten."""
    return "1 entry was forgotten." if count == 1 else f"{count:,} entries were forgotten."


def cached_note(nodes: Sequence[NodeRun]) -> str:
    """Say how many of one step's values were at hand and what that saved; empty for none."""
    count = _count(nodes)
    if not count:
        return ""
    return ("cached" if count == len(nodes) else f"{count} of {len(nodes)} cached") + saved(_saved_usd(nodes))


def cached_summary(nodes: Iterable[NodeRun]) -> str:
    """Say how many steps of a run were at hand and what that saved; empty for none."""
    nodes = tuple(nodes)
    count = _count(nodes)
    if not count:
        return ""
    return ("1 step cached" if count == 1 else f"{count} steps cached") + saved(_saved_usd(nodes))


def saved(amount_usd: float) -> str:
    """Go on with what was saved, where it was something."""
    return f", {dollars(amount_usd)} saved" if amount_usd > 0 else ""


def _count(nodes: Sequence[NodeRun]) -> int:
    return sum(node.cached for node in nodes)


def _saved_usd(nodes: Sequence[NodeRun]) -> float:
    return math.fsum(node.saved_usd for node in nodes)
