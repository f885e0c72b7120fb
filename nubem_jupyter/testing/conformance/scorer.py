"""What a scorer must do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nubem_jupyter.core.evaluation import EvalCase
from nubem_jupyter.ports import Scorer

ODD_ANSWERS: tuple[Any, ...] = (None, "", " ", 0, -1.5, True, [], {}, [None], {"a": [1]}, "é" * 5000, "{not json")
"""Answers that models and flows really give when they go wrong."""


class ScorerConformance:
    """Promises of ``Scorer``.

    Hooks: ``make`` gives the scorer; ``right`` and ``wrong`` give answers with their cases.
    """

    def make(self) -> Scorer:
        """Give the scorer."""
        raise NotImplementedError("a conformance suite needs make()")

    def right(self) -> Sequence[tuple[Any, EvalCase]]:
        """Give answers that deserve the full score, at least one."""
        raise NotImplementedError("a conformance suite needs right()")

    def wrong(self) -> Sequence[tuple[Any, EvalCase]]:
        """Give answers that do not deserve it, at least one."""
        raise NotImplementedError("a conformance suite needs wrong()")

    def test_right_answers_score_one(self) -> None:
        """A right answer gets all there is to get."""
        assert [self.make().score(answer, case).value for answer, case in self.right()] == [1.0] * len(self.right())

    def test_wrong_answers_score_less(self) -> None:
        """A wrong answer gets less than a right one, and never less than nothing."""
        assert all(0 <= self.make().score(answer, case).value < 1 for answer, case in self.wrong())

    def test_scoring_is_pure(self) -> None:
        """The same answer gets the same score, whatever was scored before."""
        scorer = self.make()
        pairs = [*self.right(), *self.wrong()]
        forward = [scorer.score(answer, case) for answer, case in pairs]
        backward = [scorer.score(answer, case) for answer, case in reversed(pairs)]
        assert forward == backward[::-1]

    def test_odd_answers_get_a_score(self) -> None:
        """No answer of any type breaks an evaluation."""
        scorer, (_, case) = self.make(), self.right()[0]
        assert all(0 <= scorer.score(answer, case).value <= 1 for answer in ODD_ANSWERS)

    def test_the_name_stays(self) -> None:
        """Results are filed under the scorer's name."""
        assert self.make().name
        assert self.make().name == self.make().name
