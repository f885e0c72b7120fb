"""How right an answer is: ``exact``, ``contains``, ``number``, ``regex`` and ``json``.

A scorer is named by a word, with options after a colon: ``json:partial,tolerance=0.01``. Text is compared without
regard to case and outer or repeated spaces, unless the option ``case`` is set.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from nubem_jupyter.core.evaluation import EvalCase, Score
from nubem_jupyter.core.template import as_text
from nubem_jupyter.core.text import nearest, shorten
from nubem_jupyter.engine.evaluator.json_score import compare_json
from nubem_jupyter.engine.evaluator.options import parse_options
from nubem_jupyter.errors import EvaluationError
from nubem_jupyter.ports import Scorer

_RIGHT = Score(value=1.0)
_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")


class _Setup(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    """The scorer with its options, as it was asked for."""


class Exact(_Setup, frozen=True, kw_only=True):
    """Right when the answer is the target, or one of the targets where they are a list and the answer is not."""

    case: bool = False

    def score(self, answer: Any, case: EvalCase) -> Score:
        """Compare; see ``Scorer``."""
        alone = isinstance(case.target, list) and not isinstance(answer, list)
        wanted = case.target if alone else [case.target]
        given = _plain(answer, self.case)
        if any(given == _plain(one, self.case) for one in wanted):
            return _RIGHT
        return Score(value=0.0, explanation=f"{_shown(answer)} is not {_any_of(wanted)}")


class Contains(_Setup, frozen=True, kw_only=True):
    """Right when the answer contains the target, or every item of a list; an item that is a list means any of its own.

    With ``share`` the score is the share of items that are there; with ``max_words`` a longer answer scores 0.
    """

    case: bool = False
    share: bool = False
    max_words: float | None = None

    def score(self, answer: Any, case: EvalCase) -> Score:
        """Look for the target; see ``Scorer``."""
        text = _plain(as_text(answer), self.case)
        words = len(text.split())
        if self.max_words is not None and words > self.max_words:
            return Score(value=0.0, explanation=f"{words} words, more than {self.max_words:g}")
        items = _ways(case.target)
        missing = [item for item in items if not self._found(text, item)]
        if not missing:
            return _RIGHT
        value = 1 - len(missing) / len(items) if self.share else 0.0
        return Score(value=value, explanation=f"lacks {', '.join(_any_of(_ways(item)) for item in missing)}")

    def _found(self, text: str, item: Any) -> bool:
        return any(_plain(as_text(way), self.case) in text for way in _ways(item))


class Number(_Setup, frozen=True, kw_only=True):
    """Right when the last number in the answer is the target, give or take ``tolerance``."""

    tolerance: float = 0.0

    def score(self, answer: Any, case: EvalCase) -> Score:
        """Compare the numbers; see ``Scorer``.

        Raises:
            EvaluationError: the target is no number.
        """
        wanted = _last_number(case.target)
        if wanted is None:
            raise EvaluationError(f"the target of case '{case.id}' is not a number: {_shown(case.target)}")
        given = _last_number(answer)
        if given is not None and abs(given - wanted) <= self.tolerance:
            return _RIGHT
        return Score(value=0.0, explanation=f"{_shown(answer)} does not end in {wanted:g}")


class Regex(_Setup, frozen=True, kw_only=True):
    """Right when a regular expression is found in the answer: the one of the scorer, else the case's target."""

    pattern: str = ""

    def score(self, answer: Any, case: EvalCase) -> Score:
        """Search; see ``Scorer``.

        Raises:
            EvaluationError: the target is not a regular expression.
        """
        pattern = _compile(self.pattern or as_text(case.target), f"case '{case.id}'")
        if pattern.search(as_text(answer)):
            return _RIGHT
        return Score(value=0.0, explanation=f"{_shown(answer)} does not match {pattern.pattern}")


class Json(_Setup, frozen=True, kw_only=True):
    """Right when the answer, read as JSON, has the target's structure and values; numbers may differ by ``tolerance``.

    With ``partial`` the score is the share of fields that are right, of those that either of the two has.
    """

    case: bool = False
    partial: bool = False
    tolerance: float = 0.0

    def score(self, answer: Any, case: EvalCase) -> Score:
        """Compare field by field; see ``Scorer``."""
        share, wrong = compare_json(answer, case.target, tolerance=self.tolerance, case=self.case)
        if not wrong:
            return _RIGHT
        return Score(value=share if self.partial else 0.0, explanation=f"wrong: {shorten(', '.join(wrong), 200)}")


_OPTIONS: dict[str, tuple[Callable[..., Scorer], dict[str, bool]]] = {
    "exact": (Exact, {"case": False}),
    "contains": (Contains, {"case": False, "share": False, "max_words": True}),
    "number": (Number, {"tolerance": True}),
    "json": (Json, {"case": False, "partial": False, "tolerance": True}),
}
"""Name -> what makes it, and its options, each with whether it takes a number."""


def scorer_names() -> tuple[str, ...]:
    """Return the words that a specification may begin with."""
    return (*_OPTIONS, "regex")


def scorer(spec: str) -> Scorer:
    """Make the scorer that a specification names: ``exact``, ``json:partial,tolerance=0.01``, ``regex:^\\d+$``, …

    Raises:
        EvaluationError: the name, an option or the regular expression is wrong.
    """
    name, _, rest = (part.strip() for part in spec.partition(":"))
    if name == "regex":
        _compile(rest, "the scorer")
        return Regex(name=spec, pattern=rest)
    if name not in _OPTIONS:
        names = scorer_names()
        close = nearest(name, names)
        hint = f"did you mean '{close}'?" if close else f"use one of: {' '.join(names)}"
        raise EvaluationError(f"there is no scorer '{name}'", hint=hint)
    make, known = _OPTIONS[name]
    found = parse_options(rest, name, known)
    flags = {option: value if known[option] else True for option, value in found.items()}
    return make(name=spec, **flags)


def _ways(item: Any) -> list[Any]:
    return item if isinstance(item, list) else [item]


def _any_of(ways: list[Any]) -> str:
    return " or ".join(_shown(way) for way in ways)


def _plain(value: Any, case: bool) -> Any:
    if not isinstance(value, str):
        return value
    flat = " ".join(value.split())
    return flat if case else flat.casefold()


def _last_number(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    found = _NUMBER.findall(as_text(value))
    return float(found[-1].replace(",", "")) if found else None


def _compile(pattern: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise EvaluationError(f"'{pattern}' of {where} is not a regular expression: {error}") from error


def _shown(value: Any) -> str:
    return f"'{shorten(as_text(value), 60)}'"
