"""How figures and comparisons read in a reason."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from nubem_jupyter.core.plan import Candidate, Range
from nubem_jupyter.engine.estimator.prediction import pooled
from nubem_jupyter.engine.router import axes
from nubem_jupyter.engine.router.hopeless import is_hopeless

_LEAST_EXPONENT = -300
"""What is less than this power of ten is rounded to it, or to nothing: a float has no more room for its inverse."""


def because(candidate: Candidate, reason: str) -> Candidate:
    """Return the candidate with this reason."""
    return msgspec.structs.replace(candidate, reason=reason)


def score(candidate: Candidate) -> str:
    """Say what was measured: ``18 of 20 right``, or ``scored 0.64 in 12 cases`` where answers were partly right.

    Of a cascade nothing was counted; it is ``0.94 expected from replaying 12 cases``.

    Where like prompts tell something of this one, what is expected of it follows.
    """
    total, n = pooled(candidate.evidence)
    if any(entry.replayed for entry in candidate.evidence):
        told = f"{total / n:.2f} expected from replaying {n} cases"
    else:
        told = f"{total:.0f} of {n} right" if total == round(total) else f"scored {total / n:.2f} in {n} cases"
    expected = candidate.quality if candidate.like else None
    return f"{told}, {expected.value:.2f} expected of prompts like this" if expected else told


def known(candidate: Candidate) -> str:
    """Say what was measured, or that nothing was."""
    return score(candidate) if candidate.quality else "no evidence of its quality"


def compare(other: Candidate, first: Candidate) -> str:
    """Say what speaks for the first rather than the other."""
    if axes.cost(other) > axes.cost(first):
        return f"dearer ({_amount(other.cost_usd, '$', '')} against {_amount(first.cost_usd, '$', '')})"
    if axes.latency(other) > axes.latency(first):
        return f"slower ({_amount(other.latency_s, '', ' s')} against {_amount(first.latency_s, '', ' s')})"
    if other.tries > first.tries:
        return f"more of its calls fail ({other.tries:.2g} calls an answer against {first.tries:.2g})"
    return "not better"


def versus(after: Candidate, before: Candidate) -> str:
    """Say how one differs from another in what is predicted of both."""
    parts = (
        _differs(after.quality, before.quality, "surer to be right", "less sure to be right", "{:.2f}"),
        _differs(after.cost_usd, before.cost_usd, "dearer", "cheaper", "${:.2g}"),
        _differs(after.latency_s, before.latency_s, "slower", "faster", "{:.2g} s"),
    )
    differs = ", ".join(filter(None, parts)) or "no difference is known"
    return f"hardly ever right: {differs}" if is_hopeless(after.quality) else differs


def _differs(after: Range | None, before: Range | None, more: str, less: str, form: str) -> str:
    if after is None or before is None or after.value == before.value:
        return ""
    figures = f"{form.format(after.value)} against {form.format(before.value)}"
    return f"{more if after.value > before.value else less} ({figures})"


def rounded_up(amount: float) -> str:
    """Write an amount with two significant digits, so that a limit that is suggested is really enough."""
    # A little slack, so that 0.0042 as binary holds it does not become 0.0043, where 0.0042 is enough.
    text = _rounded(amount, lambda scaled: math.ceil(scaled * (1 - 1e-10)))
    return text if float(text) >= amount else _rounded(amount, lambda scaled: math.floor(scaled * (1 + 1e-10)) + 1)


def rounded_down(share: float) -> str:
    """Write a share with two significant digits, so that it is really reached."""
    text = _rounded(share, lambda scaled: math.floor(scaled * (1 + 1e-10)))
    return text if float(text) <= share else _rounded(share, lambda scaled: math.ceil(scaled * (1 - 1e-10)) - 1)


def _rounded(amount: float, whole: Callable[[float], int]) -> str:
    if amount <= 0:
        return "0"
    scale = 10.0 ** (1 - max(math.floor(math.log10(amount)), _LEAST_EXPONENT))
    return f"{whole(amount * scale) / scale:.12g}"


def _amount(figure: Range | None, before: str, after: str) -> str:
    return "unknown" if figure is None else f"{before}{figure.value:.2g}{after}"
