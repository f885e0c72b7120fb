"""An embedder of a few words, for tests of whoever uses one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy
    import numpy.typing

_WORD = re.compile(r"[^\W_]+")
_SIZE = 1024


class FakeEmbedder:
    """Texts are alike as far as they share words; words of one group of ``alike`` count as the same word."""

    def __init__(
        self,
        *alike: Sequence[str],
        name: str = "fake 1",
        missing: str = "",
        before: Callable[[Sequence[str]], None] | None = None,
    ) -> None:
        """Set one up.

        Args:
            alike: Groups of words in lower case that mean the same.
            name: What it is called.
            missing: What it says that has to be installed.
            before: Called with the texts each time: to wait, or to raise.
        """
        self.name = name
        self.missing = missing
        self.asked: list[str] = []
        """Every text that it was given."""
        self._meant = {word: group[0] for group in alike for word in group}
        self._before = before

    def embed(self, texts: Sequence[str]) -> numpy.typing.NDArray[numpy.float32]:
        """Return a row for each text; each word is a direction, drawn by its digest."""
        import numpy  # late: not every test of this room's fakes needs it

        if self._before is not None:
            self._before(texts)
        self.asked += texts
        sums = [self._sum(text) for text in texts]
        return numpy.array([each / numpy.linalg.norm(each) for each in sums]).reshape(len(sums), _SIZE)

    def _sum(self, text: str) -> numpy.typing.NDArray[numpy.float32]:
        first, *others = _WORD.findall(text.lower()) or [""]
        total = self._direction(first)
        for word in others:
            total += self._direction(word)
        return total

    def _direction(self, word: str) -> numpy.typing.NDArray[numpy.float32]:
        import numpy  # late, as above

        meant = self._meant.get(word, word)
        seed = int.from_bytes(hashlib.sha256(meant.encode("utf-8", "surrogatepass")).digest()[:8])
        return numpy.random.default_rng(seed).standard_normal(_SIZE, dtype=numpy.float32)
