"""How alike two texts are by their letters and words, and whether two answers say the same.

The method is lexical: it finds a text again that is written a little otherwise, in any language, and knows nothing of
meaning. A text's words, pairs of words and letters in threes are counted, and a *signature* keeps of the counts on
which side of 1,024 random planes they lie (SimHash: Charikar 2002, "Similarity estimation techniques from rounding
algorithms"); the share of sides that differ tells the angle between two texts. Its cosine is the similarity: at 0.9 it
is right to about 0.02 (one standard error). Texts whose *marks* differ (``engine.similar_marks``: numbers, names,
negations and the like) are not alike at all.

In a long text the one word that decides is a small part of the whole, so texts above ``LONGEST`` have no signature.

A signature does not give a text back, but whoever has one can tell whether a text that they guess is the one behind
it; short texts can be guessed.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.digest import digest
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.template import filled_in
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.similar_marks import fold, read

VERSION = 1
"""Rises when signatures change; those kept before are then never found."""
LONGEST = 2000
"""Characters of the longest text that has a signature."""
BITS = 1024

_BETWEEN = "\x1e"
_FIELDS = tuple(name for name in Prompt.__struct_fields__)


class Signature(NamedTuple):
    """What is kept of a text to find those like it."""

    marks: bytes
    """A digest of all its marks together: alike are only texts of the same."""
    sides: int
    """On which side of each random plane its words lie, one bit each."""


def scope_of(prompt: Prompt, model: ModelId, level: SecurityLevel) -> str:
    """Name all that must be equal for an answer to be given again: everything but what the inputs fill in.

    The least likeness counts too, because how often answers are wrong is measured for one of them.
    """
    values = [getattr(prompt, name) for name in _FIELDS]
    return digest(("similar", VERSION, model, level, _FIELDS, values))


def filled(prompt: Prompt, values: Mapping[str, Any]) -> str:
    """Return what the inputs fill in, which is the text whose signature is compared.

    Raises:
        FlowError: a placeholder has no value.
    """
    return _BETWEEN.join((*filled_in(prompt.system, values), _BETWEEN, *filled_in(prompt.prompt, values)))


def signature(text: str) -> Signature | None:
    """Return a text's signature; None for one that is too long."""
    if len(text) > LONGEST:
        return None
    marks: list[str] = []
    counts: Counter[str] = Counter()
    for number, part in enumerate(text.split(_BETWEEN)):
        reading = read(part)
        marks += (*reading.marks, _BETWEEN)
        counts.update(f"{number}{feature}" for feature in _features(reading.words))
    return Signature(hashlib.blake2b(_bytes("\n".join(marks)), digest_size=16).digest(), _sides(counts))


def similarity(first: Signature, second: Signature) -> float:
    """Return how alike two texts are: 1 for equal ones, 0 for those that may not share an answer."""
    if first.marks != second.marks:
        return 0.0
    return likeness((first.sides ^ second.sides).bit_count())


def likeness(differing: int) -> float:
    """Return the similarity of two signatures with so many differing bits."""
    return max(0.0, math.cos(math.pi * differing / BITS))


def agree(first: Any, second: Any) -> bool:
    """Tell whether two values that a node gave say the same.

    Numbers, yes and no, lists and objects must be equal. Texts may differ in case, spaces and punctuation: enough for
    labels and fields, while two free texts are almost never the same, so that checking them says little.
    """
    match first, second:
        case str(), str():
            return fold(first) == fold(second)
        case Mapping(), Mapping():
            return first.keys() == second.keys() and all(agree(first[name], second[name]) for name in first)
        case (list() | tuple(), list() | tuple()):
            return len(first) == len(second) and all(map(agree, first, second))
        case _:
            return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)


def _features(words: list[str]) -> Iterator[str]:
    """Yield what is counted of a text: words, those beside each other, and letters in threes.

    A word that is written otherwise still shares most of its threes. Pairs count twice, so that the order does; one
    letter alone counts little, since in scripts that set no spaces each is a word.
    """
    before = ""
    for word in words:
        yield from (f"+{before} {word}", f"+{before} {word}")
        before = word
        if len(word) > 1:
            yield from (f"={word}", f"={word}")
            framed = f"^{word}$"
            yield from (f"~{framed[at : at + 3]}" for at in range(len(framed) - 2))
        elif word:
            yield f"={word}"


def _sides(counts: Mapping[str, int]) -> int:
    """Add the features' random vectors of ones and minus ones, and return the signs of the sum.

    All components are added at once: the bits of whole numbers are the columns of 1,024 binary counters.
    """
    weights = {feature: count.bit_length() for feature, count in counts.items()}  # a repeated word is no new one
    total = sum(weights.values())
    if total % 2 == 0:  # so that no sum is zero
        weights["".join(sorted(weights))] = 1
        total += 1
    columns = [0] * total.bit_length()
    for feature, weight in weights.items():
        vector = _vector(feature)
        for place in range(weight.bit_length()):
            if weight >> place & 1:
                _add(columns, vector, place)
    return _above(columns, total // 2)


def _add(columns: list[int], vector: int, place: int) -> None:
    """Add a vector of bits times two to the power of ``place`` to the counters."""
    carry = vector
    while carry:
        columns[place], carry = columns[place] ^ carry, columns[place] & carry
        place += 1


def _above(columns: list[int], limit: int) -> int:
    """Return a one for each counter above the limit, comparing all from the highest digit down."""
    above, level = 0, (1 << BITS) - 1
    for place in range(len(columns) - 1, -1, -1):
        if limit >> place & 1:
            level &= columns[place]
        else:
            above |= level & columns[place]
            level &= ~columns[place]
    return above


@lru_cache(maxsize=1 << 14)
def _vector(feature: str) -> int:
    return int.from_bytes(hashlib.shake_128(_bytes(feature)).digest(BITS // 8), "big")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
