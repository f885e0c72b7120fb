"""``math.compute``."""

from __future__ import annotations

from typing import Annotated, Any

from nubem_jupyter.components.arithmetic import compute
from nubem_jupyter.components.offer import Offer, offer
from nubem_jupyter.components.stop import off_loop
from nubem_jupyter.core.value import ValueType

_LIMIT_S = 10.0


async def calculate(
    *,
    expression: Annotated[str, "arithmetic, such as (price - cost) / price * 100"],
    variables: Annotated[dict[str, Any] | None, "name -> number or list of numbers"] = None,
) -> int | float:
    """Work out an arithmetic expression of at most 1,000 characters, exactly where fractions allow it.

    It has + - * / // % **, rounding, roots, logarithms, angles in radians, sums, means, medians, and counting. What is
    written in decimals is exact (0.1 + 0.2 is 0.3); the value is rounded once, to a float, where it is not whole.
    Halves round to the even neighbour.

    Raises:
        UsageError: it is no such expression, or uses a name that is not given.
        NodeError: it has no value, or one that is too large.
    """
    return await off_loop(
        lambda stop: compute(expression, variables or {}, stop), limit_s=_LIMIT_S, what="the computation"
    )


def calculator_offers() -> tuple[Offer, ...]:
    """Offer ``math.compute``."""
    return (offer("math.compute", calculate, capability="compute", output=ValueType.NUMBER),)
