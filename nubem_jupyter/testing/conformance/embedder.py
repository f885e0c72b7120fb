"""What an embedder must do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from nubem_jupyter.ports import Embedder

ODD_TEXTS = ("", " ", "\n\n", "?!", "é\x00🙂", "half \ud800 a character", "word " * 5000, "字" * 3000, "1234567890")
"""Texts that files and tables really have when they are odd."""
_ROUNDING = 1e-3


class EmbedderConformance:
    """Promises of ``Embedder``.

    Hooks: ``make`` gives one that can be used; ``pairs`` gives texts that mean alike, each with one that does not.
    """

    def make(self) -> Embedder:
        """Give the embedder."""
        raise NotImplementedError("a conformance suite needs make()")

    def pairs(self) -> Sequence[tuple[str, str, str]]:
        """Give a text, one that means the same, and one that means something else, at least once."""
        raise NotImplementedError("a conformance suite needs pairs()")

    def test_it_can_be_used(self) -> None:
        """Nothing is missing, and the name that vectors are kept under stays."""
        embedder = self.make()
        assert embedder.missing == ""
        assert embedder.name
        assert embedder.name == self.make().name

    def test_each_text_has_a_row_of_length_one(self) -> None:
        """In the order of the texts, odd ones included; no texts have no rows."""
        embedder = self.make()
        rows = embedder.embed(ODD_TEXTS)
        assert len(rows) == len(ODD_TEXTS)
        assert [float(row @ row) for row in rows] == pytest.approx([1.0] * len(ODD_TEXTS), abs=_ROUNDING)
        assert len(embedder.embed([])) == 0

    def test_a_row_is_the_text_s_own(self) -> None:
        """A text has the same vector alone and among others, now and later."""
        embedder = self.make()
        texts = [text for pair in self.pairs() for text in pair]
        together = embedder.embed(texts)
        for text, row in reversed(list(zip(texts, together, strict=True))):
            (alone,) = embedder.embed([text])
            assert float(alone @ row) == pytest.approx(1.0, abs=_ROUNDING)

    def test_what_means_the_same_is_nearer(self) -> None:
        """Of two texts the one that means the same has the greater cosine."""
        embedder = self.make()
        for text, same, other in self.pairs():
            asked, near, far = embedder.embed([text, same, other])
            assert asked @ near > asked @ far
