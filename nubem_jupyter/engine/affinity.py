"""Which deployment has read the beginning of a prompt lately, so that it need not be read, and paid, anew elsewhere."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

BLOCK_CHARS = 1024
"""Beginnings are told apart at every so many characters; a shorter prompt has none."""
_MOST_MARKS = 8192
"""Beginnings remembered; those met longest ago go."""
_REMEMBERED_S = 600.0
"""After so long without a call nobody is expected to have it still."""
_ENOUGH_MISSES = 5
"""Beginnings of a length that were read anew so often in a row are not kept there, whatever is listed."""
_MOST_SHARE = 1.25
"""How many times its share of the calls under way a deployment may have for the sake of what it has read."""

Marks = tuple[int, ...]
"""A mark for each beginning of a text, the shortest first."""


def marks_of(texts: Iterable[str]) -> Marks:
    """Mark the beginnings of a prompt, whose texts follow each other; equal beginnings have equal marks."""
    whole = "\0".join(texts)
    mark, marks = 0, []
    for end in range(BLOCK_CHARS, len(whole) + 1, BLOCK_CHARS):
        mark = hash((mark, whole[end - BLOCK_CHARS : end]))
        marks.append(mark)
    return tuple(marks)


def within_share(name: str, under_way: Mapping[str, int], weights: Mapping[str, float]) -> bool:
    """Tell whether one more call leaves a deployment near its share of the calls under way.

    This is the bound of consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam 2018): calls one
    after the other all go to one, and of many at once each gets about what its weight says.
    """
    total = sum(under_way.get(other, 0) for other in weights) + 1
    whole = sum(weights.values())
    most = math.ceil(_MOST_SHARE * total * weights[name] / whole) if whole else 0
    return under_way.get(name, 0) < most


class Known(NamedTuple):
    """A deployment that was sent a beginning."""

    name: str
    """Which one."""
    blocks: int
    """How long the beginning is, in blocks."""
    is_read: bool
    """Whether a call that begins so was answered there: before that nothing can have been kept."""


class Affinity:
    """What the deployments of one model were sent lately."""

    def __init__(self) -> None:
        self._seen: OrderedDict[int, dict[str, tuple[float, bool]]] = OrderedDict()
        self._misses: dict[tuple[str, int], int] = {}

    def known(self, marks: Marks, now_s: float) -> tuple[Known, ...]:
        """Return who was sent the longest beginning that anybody was, the first one first; nobody where none was."""
        for place in range(len(marks), 0, -1):
            held = self._seen.get(marks[place - 1], {})
            found = [Known(name, place, is_read) for name, (at_s, is_read) in held.items() if _is_fresh(at_s, now_s)]
            if found:
                return tuple(found)
        return ()

    def pays(self, known: Known) -> bool:
        """Tell whether it may be expected that the beginning need not be read anew; True until calls told otherwise."""
        return self._misses.get((known.name, known.blocks.bit_length()), 0) < _ENOUGH_MISSES

    def sent(self, name: str, marks: Marks, now_s: float) -> None:
        """Take in that a deployment is sent a prompt."""
        self._note(name, marks, now_s, is_read=False)

    def answered(self, name: str, marks: Marks, now_s: float, before: Known | None, cached_tokens: int) -> None:
        """Take in that it answered; ``before`` is what was known of the beginning there when it was sent."""
        self._note(name, marks, now_s, is_read=True)
        if before is not None and before.is_read:
            key = before.name, before.blocks.bit_length()
            self._misses[key] = 0 if cached_tokens else self._misses.get(key, 0) + 1

    def _note(self, name: str, marks: Marks, now_s: float, *, is_read: bool) -> None:
        for mark in marks:
            held = self._seen.setdefault(mark, {})
            was_read = name in held and held[name][1] and _is_fresh(held[name][0], now_s)
            held[name] = now_s, is_read or was_read
            self._seen.move_to_end(mark)
        while len(self._seen) > _MOST_MARKS:
            self._seen.popitem(last=False)


def _is_fresh(at_s: float, now_s: float) -> bool:
    return now_s - at_s < _REMEMBERED_S
