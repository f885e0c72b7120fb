"""Where prompts lie among others: by meaning where the local encoder is there, else by their words and letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.core.outcome import PromptVector
from nubem_jupyter.errors import ModelUnavailableError

if TYPE_CHECKING:
    from nubem_jupyter.engine.cascade.records import Floats
    from nubem_jupyter.ports import Embedder

WORDS = "hashed words 1"
"""The space of words and letters; the number rises when vectors change."""
_AT_ONCE = 64
"""Texts that are read together, so that the encoder's memory stays small."""


class PromptPlaces:
    """Gives texts their vectors; nothing leaves the machine. The encoder is loaded when it is first needed."""

    def __init__(self, embedder: Callable[[], Embedder]) -> None:
        self._embedder = embedder

    @property
    def spaces(self) -> tuple[str, ...]:
        """The spaces that can be read in now, the best first."""
        embedder = self._embedder()
        return (WORDS,) if embedder.missing else (embedder.name, WORDS)

    def read(self, texts: Sequence[str], space: str) -> Floats:
        """Return a row for each text (one or more), of length 1; takes milliseconds a text.

        Raises:
            ModelUnavailableError: the encoder is broken.
        """
        # Late: it imports NumPy.
        from nubem_jupyter.engine.success import read_texts, vectors

        return read_texts(texts, vectors if space == WORDS else self._embed)

    def of(self, prompts: Mapping[str, str]) -> list[PromptVector]:
        """Return the packed vectors of queries' prompts, all of one space."""
        if not prompts:
            return []
        space = self.spaces[0]
        texts = list(prompts.values())
        try:
            rows = self.read(texts, space)
        except ModelUnavailableError:
            space = WORDS
            rows = self.read(texts, space)
        from nubem_jupyter.engine.success import packed

        places = zip(prompts, rows, strict=True)
        return [PromptVector(query=query, space=space, packed=packed(row)) for query, row in places]

    def _embed(self, texts: Sequence[str]) -> Floats:
        import numpy as np

        embedder = self._embedder()
        return np.vstack([embedder.embed(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)])
