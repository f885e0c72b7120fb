"""Vectors on disk: a byte a number, since only their direction counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nubem_jupyter.engine.cascade.records import Floats
from nubem_jupyter.engine.success.excerpts import of_length_one

_STEPS = 127.0


def packed(row: Floats) -> bytes:
    """Write a vector down; its length is lost, and its cosine with another one moves by a thousandth or so."""
    most = float(np.abs(row).max(initial=0.0))
    return np.rint(row * (_STEPS / most if most > 0 else 0.0)).astype(np.int8).tobytes()


def unpacked(rows: Sequence[bytes]) -> Floats:
    """Return vectors (one or more, equally long) as rows of length 1; of zeros alone stays what it is."""
    numbers = np.frombuffer(b"".join(rows), dtype=np.int8).astype(np.float64)
    return of_length_one(numbers.reshape(len(rows), -1))
