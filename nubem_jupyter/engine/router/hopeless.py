"""Choices that are hardly ever right: they may be cheap and fast, and are still no way to have something cheaply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nubem_jupyter.core.plan import Candidate, Estimate, Range

_HARDLY_EVER = 0.1
"""What is expected to be right less often than this share of the time is hardly ever right."""
_MOST_NAMED = 3


def is_hopeless(chance: Range | None) -> bool:
    """Tell whether measurements say that it is hardly ever right; what nothing is known of may well be."""
    return chance is not None and chance.value < _HARDLY_EVER


def hopeful(ranked: Mapping[str, Sequence[Candidate]]) -> dict[str, Sequence[Candidate]]:
    """Leave out candidates that are hardly ever right, at each step that somebody else may do."""
    kept = {place: [one for one in order if not is_hopeless(one.quality)] for place, order in ranked.items()}
    return {place: those or ranked[place] for place, those in kept.items()}


def remark(chosen: Mapping[str, Candidate], whole: Estimate) -> str:
    """Say which steps of a choice, or else that all of them together, are hardly ever right; empty where none are."""
    places = [place for place, one in chosen.items() if is_hopeless(one.quality)]
    if places:
        more = f" and {len(places) - _MOST_NAMED} more" if len(places) > _MOST_NAMED else ""
        return f"hardly ever right at {', '.join(places[:_MOST_NAMED])}{more}"
    return "hardly ever right in all steps" if is_hopeless(whole.quality) else ""
