"""Texts as vectors, with no model: their words, pairs of words and letters in threes and fours, hashed.

The method is lexical (Weinberger et al. 2009, "Feature hashing for large scale multitask learning"). Case, spaces
and line breaks count nothing, and a typo changes only the pieces that it touches. Of a long text the end counts:
there stands the question, after examples and documents.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from nubem_jupyter.engine.cascade.records import Floats

WIDTH = 1024
LONGEST = 4000
"""Characters of a text's end that count."""

_PIECE = re.compile(r"\w+|[^\w\s]")


def vectors(texts: Sequence[str]) -> Floats:
    """Return texts x ``WIDTH``, each of length 1 (0 for an empty text)."""
    found = np.zeros((len(texts), WIDTH))
    for row, text in enumerate(texts):
        for feature, count in Counter(_features(text)).items():
            mark = zlib.crc32(feature.encode("utf-8", "surrogatepass"))
            found[row, mark % WIDTH] += (1.0 if mark >> 20 & 1 else -1.0) * (1.0 + np.log(count))
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.where(length > 0, length, 1.0))


def _features(text: str) -> Iterator[str]:
    plain = " ".join(text.casefold().split())[-LONGEST:]
    words = _PIECE.findall(plain)
    yield from (f"w{word}" for word in words)
    yield from (f"p{first} {second}" for first, second in pairwise(words))
    for size in (3, 4):
        yield from (plain[at : at + size] for at in range(len(plain) - size + 1))
