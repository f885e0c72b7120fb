"""What is said of values that were at hand from equal or similar calls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from nubem_jupyter.core.cache import CacheStats
from nubem_jupyter.core.run import NodeRun, Rest, Run
from nubem_jupyter.core.similar import FalseHits, SimilarStep
from nubem_jupyter.render.amount import dollars, megabytes, share

WHEN_GIVEN_AGAIN = (
    "An answer is given again only where all of this is the same: the model's name, every message, the ceiling of"
    " tokens, the temperature, the seed, the schema and the security level; a component's value, where it may be"
    " kept, for the same name, version, arguments and security level. What is drawn by chance is asked anew. Only a"
    " step that allows it by its field 'similar' is also given the answer of a call that is worded otherwise."
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


def similar_rows(steps: Iterable[SimilarStep]) -> tuple[tuple[str, ...], ...]:
    """Say of each step that takes answers of similar calls how many are kept and how often one was wrong."""
    return tuple(
        (step.place or "not named", f"{step.entries:,}", wrong(step.false_hits), step.trouble or "given")
        for step in steps
    )


SIMILAR_COLUMNS = ("step", "similar calls", "checks", "answers")
"""What stands above ``similar_rows``."""


def wrong(found: FalseHits) -> str:
    """Say how often a similar call's answer was wrong, with the interval that so few checks leave."""
    if not found.checked:
        return "not checked yet"
    checks = "1 check" if found.checked == 1 else f"{found.checked:,} checks"
    low, high = (round(100 * end) for end in (found.rate.low, found.rate.high))
    return f"wrong in {found.wrong:,} of {checks} ({low}–{high} %)"


def similar_note(nodes: Iterable[NodeRun]) -> str:
    """Say how alike the calls were whose answers one step was given, and how far to trust that; empty for none."""
    given = [node for node in nodes if node.similarity is not None]
    if not given:
        return ""
    least = share(min(node.similarity or 0.0 for node in given))
    calls = f"a similar call, {least}" if len(given) == 1 else f"{len(given)} similar calls, {least} or more"
    found = max((node.false_hits for node in given if node.false_hits), key=lambda found: found.checked, default=None)
    return f"at hand from {calls}" + (f"; {wrong(found)}" if found else "")


def at_hand(similarity: float | None, saved_usd: float) -> str:
    """Say where a step's value came from when no call was made, and what that saved."""
    whence = "" if similarity is None else f" from a similar call ({share(similarity)})"
    return f"cached{whence}{saved(saved_usd)}"


def forgotten(count: int) -> str:
    """Say how many entries were forgotten."""
    return "1 entry was forgotten." if count == 1 else f"{count:,} entries were forgotten."


def cached_note(nodes: Sequence[NodeRun]) -> str:
    """Say how many of one step's values were at hand and what that saved; empty for none."""
    count = _count(nodes)
    if not count:
        return ""
    return ("cached" if count == len(nodes) else f"{count:,} of {len(nodes):,} cached") + saved(_saved_usd(nodes))


def cached_summary(run: Run) -> str:
    """Say how many steps of a run were at hand and what that saved; empty for none."""
    rest = run.rest or Rest()
    count = _count(run.nodes) + rest.cached
    if not count:
        return ""
    saved_usd = _saved_usd(run.nodes) + rest.saved_usd
    return ("1 step cached" if count == 1 else f"{count:,} steps cached") + saved(saved_usd)


def saved(amount_usd: float) -> str:
    """Go on with what was saved, where it was something."""
    return f", {dollars(amount_usd)} saved" if amount_usd > 0 else ""


def _count(nodes: Sequence[NodeRun]) -> int:
    return sum(node.cached for node in nodes)


def _saved_usd(nodes: Sequence[NodeRun]) -> float:
    return math.fsum(node.saved_usd for node in nodes)
