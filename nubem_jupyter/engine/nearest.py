"""Which of many signatures is most like a given one."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import NamedTuple

from nubem_jupyter.engine.similarity import BITS, Signature, likeness

_ROUNDING = 1e-6
"""Bits; so that the likeness of a number of bits allows that number."""


class Match(NamedTuple):
    """A call that is like another one."""

    key: str
    """The key of its answer in the cache."""
    similarity: float
    """How alike the two are, up to 1."""


class Nearest:
    """Keys by signature, at most ``most`` of them; the oldest go first.

    Looked at are only signatures of the same marks, since no other may match: often one or none, at worst all.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._ages: OrderedDict[Signature, str] = OrderedDict()
        self._by_marks: dict[bytes, dict[int, str]] = {}

    def __len__(self) -> int:
        return len(self._ages)

    def put(self, signature: Signature, key: str) -> None:
        """Keep a key in place of an earlier one of the same signature."""
        self._ages.pop(signature, None)
        self._ages[signature] = key
        self._by_marks.setdefault(signature.marks, {})[signature.sides] = key
        if len(self._ages) > self._most:
            self._leave(*self._ages.popitem(last=False)[0])

    def drop(self, key: str) -> None:
        """Forget a key wherever it is kept."""
        for signature in [kept for kept, its in self._ages.items() if its == key]:
            del self._ages[signature]
            self._leave(*signature)

    def find(self, signature: Signature, least: float) -> Match | None:
        """Return the most similar one, if it is at least so similar."""
        alike = self._by_marks.get(signature.marks)
        if not alike:
            return None
        sides = signature.sides
        nearest = min(alike, key=lambda others: (sides ^ others).bit_count())
        differing = (sides ^ nearest).bit_count()
        return Match(alike[nearest], likeness(differing)) if differing <= most_differing(least) else None

    def _leave(self, marks: bytes, sides: int) -> None:
        alike = self._by_marks[marks]
        del alike[sides]
        if not alike:
            del self._by_marks[marks]


def most_differing(least: float) -> int:
    """Return how many bits of two signatures may differ where they are at least so similar."""
    return math.floor(math.acos(least) * BITS / math.pi + _ROUNDING)
