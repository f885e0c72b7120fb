"""One ranking from two: what the words say, and what the meaning says."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS = 1.5
"""What a query's words count, beside its meaning: the least that lets meaning take no place from a name or a code that
stands in the passage, by ``benchmarks/bench_retrieval.py``."""
_LEAST_SHARE = 0.25
"""Of the best passage's score; what has less has nothing to do with the query, as a rule."""


def blend(words: Mapping[int, float], meaning: Mapping[int, float]) -> list[tuple[int, float]]:
    """Return the passages with their scores, best first; of equal ones the earlier.

    Args:
        words: Passage -> share of what the query's words can score at most, 0 to 1.
        meaning: Passage -> cosine to the query; where a passage has none, its words alone count.
    """
    scores = {piece: _WORDS * words.get(piece, 0.0) + near for piece, near in meaning.items()}
    scores.update((piece, _WORDS * share) for piece, share in words.items() if piece not in meaning)
    least = _LEAST_SHARE * max(scores.values(), default=0.0) if meaning else 0.0
    return sorted(
        ((piece, score) for piece, score in scores.items() if score >= least and score > 0),
        key=lambda scored: (-scored[1], scored[0]),
    )
