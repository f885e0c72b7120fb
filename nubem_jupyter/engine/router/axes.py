"""What candidates are compared by; an unknown amount counts as the worst.

Of equals the one whose calls fail less goes first, and ties end at the model's id.
"""

from __future__ import annotations

from collections.abc import Mapping

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.plan import Candidate

Key = tuple[float | str, ...]


def surest(one: Candidate) -> float:
    """Return the low end of its quality, so that three right of three do not beat 23 of 24."""
    return one.quality.low if one.quality else 0.0


def cost(one: Candidate) -> float:
    """Return the US dollars it is expected to take."""
    return one.cost_usd.value if one.cost_usd else float("inf")


def latency(one: Candidate) -> float:
    """Return the seconds it is expected to take."""
    return one.latency_s.value if one.latency_s else float("inf")


def by_price(one: Candidate) -> Key:
    """Order the cheapest first, then the fastest."""
    return (cost(one), latency(one), -surest(one), one.tries, one.model)


def by_time(one: Candidate) -> Key:
    """Order the fastest first, then the surest."""
    return (latency(one), -surest(one), cost(one), one.tries, one.model)


def by_quality(one: Candidate) -> Key:
    """Order the surest to be right first, then the cheapest."""
    return (-surest(one), cost(one), latency(one), one.tries, one.model)


def by_price_then_quality(one: Candidate) -> Key:
    """Order the cheapest first, then the surest to be right."""
    return (cost(one), -surest(one), latency(one), one.tries, one.model)


def by_size(one: Candidate, parameters: Mapping[ModelId, float]) -> Key:
    """Order the largest first; nothing speaks for a model of unpublished size, so it comes last."""
    return (-parameters.get(one.model, 0.0), cost(one), latency(one), one.tries, one.model)
