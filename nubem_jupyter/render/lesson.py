"""What an evaluation changed for routing, in a sentence or two."""

from __future__ import annotations

from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.render.blocks import Words

_MOST = 6
"""Models that are named; the others are in the table above."""


def lesson_words(evaluation: Evaluation) -> tuple[Words, ...]:
    """Say what counts in routing now, or why nothing does, and which cascades there are, or why there is none."""
    lesson, about = evaluation.lesson, evaluation.capability
    if lesson is None:
        return ()
    named = [f"{model} ({_cases(count)})" for model, count in lesson.cases.items()]
    more = f" and {len(named) - _MOST} more" if len(named) > _MOST else ""
    counted = f"Counts in routing from now on, as evidence for {about}: {', '.join(named[:_MOST])}{more}."
    told = [counted if named else f"Counts as evidence of no model: {lesson.uncounted}."]
    if lesson.cascades:
        told.append(f"Plans may now choose a cascade for such steps: {'; '.join(lesson.cascades)}.")
    elif lesson.no_cascade:
        told.append(f"No cascade is offered for such steps: {lesson.no_cascade}.")
    return tuple(Words(sentence) for sentence in told)


def _cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count:,} cases"
