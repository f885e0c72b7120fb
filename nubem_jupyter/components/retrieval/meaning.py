"""Finding by meaning: vectors for passages that have none yet, and for the query."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nubem_jupyter.components.retrieval.index import open_index
from nubem_jupyter.components.retrieval.vectors import Waiting
from nubem_jupyter.components.stop import Stop
from nubem_jupyter.errors import UsageError
from nubem_jupyter.ports import Embedder

if TYPE_CHECKING:
    import numpy
    import numpy.typing

_BLOCK = 512
"""Texts that are looked up at once."""
_BATCH = 32
"""Texts between two looks at whether anybody waits; at most a second's work, as a rule."""
_LOOK_S = 0.2


class Wanted(NamedTuple):
    """What passages are compared with."""

    model: str
    """Name of the embedder; only its own vectors can be compared."""
    vector: numpy.typing.NDArray[numpy.float32]
    """The query's."""


class Meaning:
    """What an embedder adds to the indexes."""

    def __init__(self, embedder: Embedder, *, embedding_s: float) -> None:
        """Wire one; ``embedding_s`` bounds how long one use makes vectors of passages."""
        self._embedder = embedder
        self._embedding_s = embedding_s
        self._turn = threading.Lock()

    def is_wanted(self, asked: bool | None) -> bool:
        """Tell whether a use looks by meaning: where it asks for that, or says nothing and it can.

        Raises:
            UsageError: it asks, and something is missing.
        """
        if asked and self._embedder.missing:
            raise UsageError("passages cannot be found by meaning", hint=self._embedder.missing)
        return not self._embedder.missing if asked is None else asked

    def catch_up(self, path: Path, stop: Stop) -> None:
        """Give vectors to the index's passages that have none, as far as one use's time goes; a later one goes on.

        What is done is kept at once, so that a stop loses little, and others can use the index meanwhile.

        Raises:
            ModelUnavailableError: the embedder is broken.
            NodeError: the index cannot be read or written.
        """
        while not self._turn.acquire(timeout=_LOOK_S):  # the work of one, and not once for each that waits
            stop.check()
        try:
            self._make_vectors(path, stop)
        finally:
            self._turn.release()

    def _make_vectors(self, path: Path, stop: Stop) -> None:
        end_s = time.monotonic() + self._embedding_s
        while waiting := self._waiting(path, stop):
            for start in range(0, len(waiting), _BATCH):
                if time.monotonic() >= end_s:
                    return
                stop.check()
                batch = waiting[start : start + _BATCH]
                rows = self._embedder.embed([each.text for each in batch])
                with open_index(path, stop) as index:
                    index.vectors(self._embedder.name).put(batch, rows)

    def _waiting(self, path: Path, stop: Stop) -> tuple[Waiting, ...]:
        with open_index(path, stop) as index:
            return index.vectors(self._embedder.name).waiting(_BLOCK)

    def of(self, query: str) -> Wanted:
        """Return what the query means.

        Raises:
            ModelUnavailableError: the embedder is broken.
        """
        (row,) = self._embedder.embed([query])
        return Wanted(self._embedder.name, row)
