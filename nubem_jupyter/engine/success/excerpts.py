"""What of a text counts where it is long: how it begins, and how it ends.

What is asked stands at one of the two; what lies between are examples and documents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from nubem_jupyter.engine.cascade.records import Floats

LONGEST = 2000
"""Characters that count."""


def excerpts(text: str) -> tuple[str, ...]:
    """Return the text, or of a long one its two ends."""
    end = LONGEST // 2
    return (text,) if len(text) <= LONGEST else (text[:end], text[-end:])


def read_texts(texts: Sequence[str], read: Callable[[Sequence[str]], Any]) -> Floats:
    """Return a row for each text (one or more), of length 1 or 0; both ends of a long one count the same.

    ``read`` gives a row for each text that it is given.
    """
    parts = [excerpts(text) for text in texts]
    rows = iter(np.asarray(read([part for those in parts for part in those]), dtype=np.float64))
    return of_length_one(np.array([np.mean(list(islice(rows, len(those))), axis=0) for those in parts]))


def of_length_one(rows: Floats) -> Floats:
    """Return the rows with length 1; one of zeros stays."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1.0))
