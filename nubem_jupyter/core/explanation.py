"""What is predicted of a candidate and what that rests on, in a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nubem_jupyter.core.model import CallsChange, Evidence, ResultsChange
    from nubem_jupyter.core.plan import Candidate, Range

_MOST_SOURCES = 3


def figures(candidate: Candidate) -> str:
    """Write quality, cost and time, each with its 90 % range, and the evidence; empty where nothing is known."""
    named = (
        ("quality", candidate.quality, "{:.2f}"),
        ("cost", candidate.cost_usd, "${:.2g}"),
        ("time", candidate.latency_s, "{:.2g} s"),
    )
    known = [f"{name} {_range(range_, form)}" for name, range_, form in named if range_ is not None]
    unknown = [name for name, range_, _ in named if range_ is None]
    if not known:
        return expectation(candidate)
    told = [*known, *([f"{' and '.join(unknown)} unknown"] if unknown else [])]
    return "; ".join(filter(None, (", ".join(told), grounds(candidate))))


def grounds(candidate: Candidate) -> str:
    """Write what the quality rests on, and where that is other than it was."""
    told = like_prompts(candidate), expectation(candidate)
    changed = (f"changed around {one.since}: {_before_and_since(one)}" for one in candidate.changes)
    calls = map(calls_told, candidate.calls_changed)
    return "; ".join(filter(None, (*told, evidence(candidate.evidence), *changed, *calls)))


def calls_told(change: CallsChange) -> str:
    """Say how calls go since a change, and how they went before."""
    form = {"first text": "first text after {:.2g} s", "pace": "{:.2g} tokens a second"}.get(change.what)
    now, before = (
        f"{share:.0%} of calls fail" if form is None else form.format(share) for share in (change.now, change.before)
    )
    return f"{now} since {change.since}, before {before}"


def change_told(model: str, change: ResultsChange) -> str:
    """Say in a sentence that a model's results are others than they were."""
    told = f"Results of {model} at {change.capability} changed around {change.since}"
    return f"{told}: {_before_and_since(change)}, in {change.source}."


def expectation(candidate: Candidate) -> str:
    """Write what its size or price lets expect; empty where that is unknown, or counts for less than a case."""
    expected = candidate.expected
    if expected is None or (candidate.quality and expected.as_cases < 1):
        return ""
    told = f"{_range(expected.chance, '{:.2f}')} expected from its {expected.by}, as of {expected.n} other models"
    return f"{told} (worth {expected.as_cases:.0f} cases)" if candidate.quality else f"{told}; nothing is measured"


def like_prompts(candidate: Candidate) -> str:
    """Write what like prompts told; empty where they told nothing."""
    like = candidate.like
    if like is None:
        return ""
    apart = f"{abs(like.shift):.2f}"
    way = "about" if not float(apart) else f"{apart} {'above' if like.shift > 0 else 'below'}"
    return f"like prompts: {way} its mean (worth {like.as_cases:.0f} cases, learned from {like.n})"


def evidence(entries: tuple[Evidence, ...]) -> str:
    """Write how many cases were right, or are expected to be, of whom and when; of many sources the first."""
    told = list(_sources(entries[:_MOST_SOURCES]))
    more = len(entries) - len(told)
    return ", ".join([*told, *([f"and {more} more"] if more else [])])


def _before_and_since(change: ResultsChange) -> str:
    before, since = (_whole(score) for score in (change.score_before, change.score_since))
    return f"{before} of {change.n_before} right before, {since} of {change.n_since} since"


def _whole(score: float) -> str:
    return f"{score:.1f}".removesuffix(".0")


def _sources(entries: tuple[Evidence, ...]) -> Iterator[str]:
    for entry in entries:
        if entry.replayed:
            mean = f"{entry.score_sum / entry.n:.2f}"
            yield f"{mean} expected from replaying {entry.n} cases, and any of other capabilities, {entry.date[:10]}"
        else:
            yield f"{_whole(entry.score_sum)} of {entry.n} right in {entry.source}, {entry.date[:10]}"


def _range(range_: Range, form: str) -> str:
    value, low, high = (form.format(amount) for amount in (range_.value, range_.low, range_.high))
    return value if low == high == value else f"{value} ({low}–{high})"
