"""How likely each of some answers is right, from who gave it: what ``engine.cascade`` learned, without NumPy.

Votes have weights, and an answer's chance is its share of all odds, those that no answer is right included
(conditional logit, McFadden 1974).
"""

from __future__ import annotations

import math

from nubem_jupyter.core.cascade import CascadePlan, Verdict, Weights

NOTHING = "-"
"""In a pattern: no answer, or none that can be compared."""


def verdict_on(cascade: CascadePlan, pattern: str) -> Verdict | None:
    """Return whose answer is the likeliest; None where the cascade says nothing of so many answers."""
    known = cascade.verdicts.get(pattern)
    turn = len(pattern) - cascade.at_once
    if known is not None or not 0 <= turn < len(cascade.weights):
        return known
    chances = _chances(cascade.weights[turn], pattern)
    letter = max(chances, key=chances.__getitem__, default=NOTHING)
    # Where nothing can be compared the most skilled one is the best guess.
    agreeing = [place for place, other in enumerate(pattern) if other == letter]
    return Verdict(member=max(agreeing, key=cascade.skills.__getitem__), chance=chances.get(letter, 0.0))


def _chances(weights: Weights, pattern: str) -> dict[str, float]:
    """Return the chance of each answer, by its letter."""
    worth: dict[str, float] = {}
    for letter, vote in zip(pattern, weights.votes, strict=True):
        if letter != NOTHING:
            worth[letter] = worth.get(letter, 0.0) + vote
    for letter, told in zip(letters_of(len(weights.told)), weights.told, strict=True):
        if letter in worth:
            worth[letter] += told
    # Odds are taken beside the greatest, which keeps them in the range of floats.
    most = max((weights.against, *worth.values()))
    odds = {letter: math.exp(one - most) for letter, one in worth.items()}
    total = math.fsum(odds.values()) + math.exp(weights.against - most)
    return {letter: one / total for letter, one in odds.items()}


def letters_of(count: int) -> str:
    """Return the letters of so many answers that tell of themselves."""
    return "".join(chr(ord("A") + number) for number in range(count))
