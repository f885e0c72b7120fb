"""Amounts as people write them; what is not known is called unknown, never zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from nubem_jupyter.core.event import BudgetWarning
from nubem_jupyter.core.plan import Candidate, Range
from nubem_jupyter.core.run import NodeRun

UNKNOWN = "unknown"

_LOCAL_PREFIX = "local/"


def dollars(amount: float) -> str:
    """Write US dollars to the cent, or to two significant digits below a tenth of a dollar."""
    if amount == 0:
        return "free"
    if amount >= 1:
        return f"${amount:,.2f}"
    exponent = int(f"{amount:.1e}".partition("e")[2])  # of the rounded amount: 0.0999 is 0.10
    return f"${amount:.{max(1 - exponent, 2)}f}"


def seconds(amount: float) -> str:
    """Write a duration with the two digits that matter."""
    if amount < 0.001:
        return "< 1 ms"
    if amount < 0.1:
        return f"{amount * 1000:.0f} ms"
    if amount < 10:
        return f"{amount:.1f} s"
    if amount < 60:
        return f"{amount:.0f} s"
    minutes, rest = divmod(round(amount), 60)
    return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"


def taken_s(nodes: Sequence[NodeRun]) -> float:
    """Return how long one run of a step took, or all of them; of several, without their waits for their turn.

    Items wait while others run, so that such waits are counted once for each that waits.
    """
    if len(nodes) == 1:
        return nodes[0].latency_s
    return sum(node.latency_s if node.call_s is None else node.call_s for node in nodes)


def together(nodes: Sequence[NodeRun]) -> str:
    """Write how long runs of a step took; of several, which may have run at once, the sum and that it is one."""
    return seconds(taken_s(nodes)) if len(nodes) == 1 else f"{seconds(taken_s(nodes))} in all"


def megabytes(amount_bytes: int) -> str:
    """Write a size in MB, small ones to a tenth."""
    amount = amount_bytes / 1e6
    return f"{amount:.1f} MB" if amount < 10 else f"{amount:,.0f} MB"


def share(amount: float) -> str:
    """Write a probability or a score from 0 to 1."""
    return f"{amount:.2f}"


def call_cost(amount_usd: float, model: str | None) -> str:
    """Write what a call cost; a model on this machine costs nothing and says so."""
    local = model is not None and model.startswith(_LOCAL_PREFIX)
    return "free (local)" if amount_usd == 0 and local else dollars(amount_usd)


def spent(amount_usd: float, unpriced: int, model: str | None = None) -> str:
    """Write what calls cost of which some, ``unpriced``, may have cost anything."""
    if not unpriced:
        return call_cost(amount_usd, model)
    return f"at least {dollars(amount_usd)}" if amount_usd else UNKNOWN


def nearly_spent(warning: BudgetWarning) -> str:
    """Say how much of a budget is gone, and how much of that only set aside."""
    told = f"{dollars(warning.spent_usd)} of {dollars(warning.limit_usd)} are spent or reserved"
    aside = warning.reserved_usd
    return f"{told}, {dollars(aside)} of it for calls under way" if aside else told


def spent_on(nodes: Sequence[NodeRun], model: str | None) -> str:
    """Write what the records of one step cost together."""
    return spent(sum(node.cost_usd for node in nodes), sum(node.unpriced for node in nodes), model)


def costs(nodes: Iterable[NodeRun]) -> bool:
    """Tell whether what these steps cost is worth a word: a model was asked, or something is or may be to be paid."""
    return any(node.model or node.cost_usd or node.unpriced for node in nodes)


def estimated(range_: Range | None, write: Callable[[float], str]) -> str:
    """Write an estimate, marked as one, with the ends of its range where they differ from it."""
    if range_ is None:
        return UNKNOWN
    value, low, high = write(range_.value), write(range_.low), write(range_.high)
    if low == high == value:
        return value if range_.low == range_.high else f"≈ {value}"
    return f"≈ {value} ({_span(low, high)})"


def estimated_cost(candidate: Candidate) -> str:
    """Write what a candidate is expected to cost for one step."""
    cost = candidate.cost_usd
    return call_cost(0, candidate.model) if cost and cost.high == 0 else estimated(cost, dollars)


def _span(low: str, high: str) -> str:
    """Join two amounts, with the unit once when both share it: ``0.8–2.0 s``."""
    number, _, unit = low.partition(" ")
    return f"{number}–{high}" if unit and high.endswith(f" {unit}") and " " not in unit else f"{low}–{high}"
