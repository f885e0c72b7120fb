"""Steps become stages: those of one stage do not wait for each other, a later stage reads the one before."""

from __future__ import annotations

from collections.abc import Sequence

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.steps import Step

Stage = tuple[Step, ...]

_ANALYTIC = frozenset({"classify", "extract", "summarize", "translate"})
"""Capabilities that look at a text and leave it as it is: two of them in a row look at the same text."""
_GATHERING = frozenset({"summarize", "compare", "critique", "judge"})
"""Capabilities that make one text of a list."""
_ALONE = frozenset({"generate", "write_code", "plan"})
"""Capabilities that make something of their own: two of a kind side by side do not read each other."""


def arrange(steps: Sequence[Step], lexicon: Lexicon, *, has_list: bool = False) -> tuple[Stage, ...]:
    """Decide which steps wait for which; ``has_list`` says that a list is there for steps to go over."""
    stages: list[list[Step]] = []
    for step in steps:
        beside = stages and (
            (has_list and len(stages) == 1 and _goes_over_the_list(step, stages[0], lexicon))
            or _is_beside(step, stages[-1], lexicon)
        )
        if beside:
            stages[-1].append(step)
        else:
            stages.append([step])
    return tuple(tuple(stage) for stage in stages)


def _goes_over_the_list(step: Step, stage: Sequence[Step], lexicon: Lexicon) -> bool:
    """Tell whether *each* means an item of the list given: what came before made one text of it all."""
    if not step.each or step.condition or any(last.each or last.capability not in _GATHERING for last in stage):
        return False
    each = lexicon.find("each", step.words)
    return not lexicon.has("subject", step.words[each : each + 3])


def _is_beside(step: Step, stage: Sequence[Step], lexicon: Lexicon) -> bool:
    last = stage[-1]
    if step.link == "sibling":
        return True
    if step.otherwise or step.condition or last.condition or step.link == "then":
        return False
    if _refers(step, last, lexicon):
        return False
    if step.capability == last.capability and (step.capability in _ALONE or (step.apart and last.apart)):
        return True
    both_look = step.capability in _ANALYTIC and all(before.capability in _ANALYTIC for before in stage)
    return both_look and (last.capability == "classify" or not _has_no_object(step, lexicon))


def _refers(step: Step, last: Step, lexicon: Lexicon) -> bool:
    """Tell whether the step speaks of an earlier result.

    Nobody means a label by *it*, and labels fit an original as well.
    """
    if last.capability == "classify" and step.capability in _ANALYTIC:
        return False
    if last.capability == "translate" and step.capability == "classify" and not lexicon.has("translation", step.words):
        return False
    if lexicon.has("refer" if last.each else "refer each", step.frame):
        return True
    rest = step.words[step.at + 1 :]
    if lexicon.has("each", rest) and last.each:
        rest = tuple(token for token in rest if not lexicon.match("each", [token], 0))
    own = next((at for at in range(len(rest)) if lexicon.match("from", rest, at)), len(rest))
    return lexicon.has("refer", rest[: max(own, 3)]) or _has_clitic(step, lexicon)


def _has_clitic(step: Step, lexicon: Lexicon) -> bool:
    """Tell whether a pronoun hangs on the verb (*résume-la en trois mots*); before a noun it is an article."""
    if step.words[step.at].word.endswith(lexicon.enclitics or ("\n",)):
        return True
    rest = step.words[step.at + 1 :]
    if not lexicon.match("clitic", rest, 0):
        return False
    return len(rest) == 1 or not rest[1].is_word or lexicon.has("as of from and then", rest[1:2])


def _has_no_object(step: Step, lexicon: Lexicon) -> bool:
    """Tell whether nothing is named that the deed is done to (*… and translate into French*)."""
    if step.capability not in {"translate", "summarize"}:
        return False
    rest = step.words[step.at + 1 :]
    named = dict(lexicon.find_languages(rest))
    small = ("as", "of", "from", "filler", "article", "and", "or")
    plain = [
        token
        for token in rest
        if token.is_word
        and not any(lexicon.match(group, [token], 0) for group in small)
        and not _names(token.text, named)
    ]
    return not plain


def _names(text: str, named: dict[str, str]) -> bool:
    return any(text.casefold().startswith(name.casefold()[:4]) for name in named)
