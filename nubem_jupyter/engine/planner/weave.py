"""Stages become the nodes of a flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Question
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Join, JoinMode
from nubem_jupyter.engine.planner.branches import draw_branch, draw_code_loop, draw_text_loop
from nubem_jupyter.engine.planner.codework import CodeWriter
from nubem_jupyter.engine.planner.details import find_count, find_labels, find_targets
from nubem_jupyter.engine.planner.drawing import Drawing
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.maps import draw_map, list_source
from nubem_jupyter.engine.planner.needs import missing_inputs, wants_question
from nubem_jupyter.engine.planner.prompts import write_prompt
from nubem_jupyter.engine.planner.sources import Source
from nubem_jupyter.engine.planner.stages import Stage
from nubem_jupyter.engine.planner.steps import Step
from nubem_jupyter.engine.planner.tokens import tokenize

_CARRYING = frozenset({"classify", "critique", "judge", "review_code", "memory", "clarify"})
"""Capabilities whose result alone is too little for the next step: what they looked at goes on beside it."""
_CODE = frozenset({"read_data", "run_code", "write_code"})
_DEFAULT_ITEMS = 3


class Woven(msgspec.Struct, frozen=True, kw_only=True):
    """The flow, and what it leaves open."""

    flow: Flow
    """The steps."""
    questions: tuple[Question, ...] = ()
    """About inputs that nobody gave."""


def weave(
    stages: Sequence[Stage], lexicon: Lexicon, inputs: Mapping[str, ValueType], material: str | list[str] | None
) -> Woven:
    """Draw every stage after the other; each reads what the one before gave."""
    weaver = _Weaver(lexicon, inputs, material)
    for place, stage in enumerate(stages):
        weaver.draw(stage, stages[place - 1] if place else (), stages[place + 1] if place + 1 < len(stages) else ())
    name = "-".join(dict.fromkeys(step.capability for stage in stages for step in stage))
    return Woven(flow=weaver.drawing.finish(weaver.front, name[:60]), questions=tuple(weaver.questions))


class _Weaver:
    """Holds the flow under way and the values that the next stage will read."""

    def __init__(self, lexicon: Lexicon, inputs: Mapping[str, ValueType], material: str | list[str] | None) -> None:
        self.lexicon = lexicon
        self.drawing = Drawing()
        self.questions: list[Question] = []
        self.given = [self.drawing.input(Source(name, name, kind)) for name, kind in inputs.items()]
        if material:
            kind = ValueType.LIST if isinstance(material, list) else ValueType.TEXT
            name = self.drawing.fresh("items" if isinstance(material, list) else "text")
            self.given.append(self.drawing.input(Source(name, name, kind), optional=True, default=material))
        self.has_material = bool(self.given)
        self.base: list[Source] = list(self.given)
        self.front: list[Source] = []
        self.skip = False
        self.code = CodeWriter(self.drawing, lexicon, self._asked_table)

    def draw(self, stage: Stage, before: Stage, after: Stage) -> None:
        if self.skip:
            self.skip = False
            return
        previous = before[-1].capability if before else ""
        results: list[Source] = []
        kept: list[Source] = []
        base = list(self.base)
        for step in stage:
            sources = self._with_own(step, base, previous, first=not before)
            results += self._step(step, sources, before, after)
            kept += [source for source in sources if source not in kept]
        carried = [source for source in kept if source.type is not ValueType.LIST]
        carries = any(step.capability in _CARRYING for step in stage)
        self.front = results
        self.base = [*(carried if carries else ()), *results] if not self._is_loose(stage) else [*base, *results]

    def _is_loose(self, stage: Stage) -> bool:
        """Tell whether the stage looked things up in one input, so that the others are still to be read."""
        return stage[-1].capability in {"retrieve", "read_data"} and len(self.given) > 1

    def _with_own(self, step: Step, base: list[Source], previous: str, *, first: bool) -> list[Source]:
        sources = list(base)
        known = {source.key for source in sources}
        sources += [source for source in self.given if source.key not in known and _names(step, source)]
        if self.has_material:
            return sources
        wanted = missing_inputs(step, self.lexicon, first=first)
        if wants_question(step, self.lexicon, previous) and not wanted:
            wanted = {"question": ValueType.TEXT}
        if step.capability == "memory":
            history = Source("history", "history", ValueType.TEXT)
            return [*sources, self._ask_once(history, optional=True)]
        if step.capability == "clarify":
            self.questions.append(Question(text=self.lexicon.say["ask.details"], name="details"))
            sources.append(self._ask_once(Source("details", "details", ValueType.TEXT), optional=True))
        asked = [self._ask_once(Source(name, name, kind)) for name, kind in wanted.items()]
        return sources + [source for source in asked if source not in sources]

    def _ask_once(self, source: Source, *, optional: bool = False) -> Source:
        for given in self.given:
            if given.key == source.key:
                return given
        added = self.drawing.input(source, optional=optional)
        self.given.append(added)
        if not optional:
            self.questions.append(Question(text=self.lexicon.say[f"ask.{source.name}"], name=source.name))
        return added

    def _step(self, step: Step, sources: list[Source], before: Stage, after: Stage) -> list[Source]:
        if step.condition:
            return self._conditional(step, sources, before, after)
        if step.until:
            return self._repeated(step, sources)
        targets = find_targets(step, self.lexicon) if step.capability == "translate" else ()
        if len(targets) > 1:
            narrowed = [_towards(step, target) for target in targets]
            return [source for one in narrowed for source in self._step(one, sources, before, after)]
        if step.capability == "vote" and sources:
            return [self._vote(sources)]
        return self._work(step, sources, before, after)

    def _work(self, step: Step, sources: list[Source], before: Stage, after: Stage) -> list[Source]:
        if step.capability in _CODE:
            return [self.code.draw(step, sources, after)]
        over = list_source(step, sources)
        if over and not _is_shared(step, before):
            return [draw_map(self.drawing, step, over, sources, self.lexicon, after)]
        return self._calls(step, sources, before, after)

    def _conditional(self, step: Step, sources: list[Source], before: Stage, after: Stage) -> list[Source]:
        plain = msgspec.structs.replace(step, condition=())
        if not sources:
            condition = " ".join(token.text for token in step.condition)
            return self._step(msgspec.structs.replace(plain, text=f"{condition}: {step.text}"), sources, before, after)
        other = after[0] if after and after[0].otherwise else None
        self.skip = other is not None
        labels = find_labels(before[-1], self.lexicon) if before and before[-1].capability == "classify" else ()
        return [draw_branch(self.drawing, step, other, sources, self.lexicon, labels)]

    def _repeated(self, step: Step, sources: list[Source]) -> list[Source]:
        if step.capability in {"write_code", "run_code", "debug_code"}:
            return [draw_code_loop(self.drawing, step, sources, self.lexicon)]
        return [draw_text_loop(self.drawing, step, sources, self.lexicon)]

    def _vote(self, sources: Sequence[Source]) -> Source:
        found = [source for source in sources if source not in self.given] or list(sources)
        return self.drawing.add("vote", Join(mode=JoinMode.VOTE), found, capability="vote")

    def _asked_table(self) -> Source:
        """Return the rows to work on: the first table given, else one that is asked for."""
        tables = (ValueType.TABLE, ValueType.LIST, ValueType.ANY)
        found = next((source for kind in tables for source in self.given if source.type is kind), None)
        return found or self._ask_once(Source("table", "table", ValueType.TABLE))

    def _calls(self, step: Step, sources: list[Source], before: Stage, after: Stage) -> list[Source]:
        """Draw the step's model calls: one, or several side by side."""
        votes = bool(after) and after[0].capability == "vote" and step.copies == 1
        step = msgspec.structs.replace(step, copies=_DEFAULT_ITEMS) if votes else step
        if step.parts:
            return [self._call(step, sources, after, part=part) for part in step.parts]
        if _is_shared(step, before):
            return self._shares(step, sources, after)
        return [self._call(step, sources, after) for _ in range(step.copies)]

    def _shares(self, step: Step, sources: list[Source], after: Stage) -> list[Source]:
        """Draw one call for each item of the plan, whose number is fixed beforehand."""
        plan = sources[-1]
        return [
            self._call(step, [plan._replace(name=f"part{index + 1}", ref=f"{plan.ref}.{index}")], after)
            for index in range(_DEFAULT_ITEMS)
        ]

    def _call(self, step: Step, sources: Sequence[Source], after: Stage, part: str = "") -> Source:
        prompt = write_prompt(step, sources, self.lexicon, items=self._items(step, after), part=part)
        used = [source for source in sources if source.key in prompt.uses]
        path = "answer" if step.capability == "compute" and not self._items(step, after) else ""
        return self.drawing.add(step.capability, prompt, used, capability=step.capability, path=path)

    def _items(self, step: Step, after: Stage) -> int:
        """Return how many items a step must give: what is told, or a few where the next step goes over each."""
        if step.capability not in {"generate", "plan", "search", "retrieve", "rewrite", "answer"}:
            return 0
        count = find_count(step, self.lexicon) if step.capability == "generate" else 0
        listed = count and not {"generate", "list"}.isdisjoint(self.lexicon.verbs_at(step.words, step.at))
        followed = bool(after) and (any(later.each for later in after) or step.text.endswith("each"))
        return count if listed else (count or _DEFAULT_ITEMS) if followed else 0


def _is_shared(step: Step, before: Stage) -> bool:
    """Tell whether the items of a plan are to be worked on in parallel, by a number of calls fixed beforehand."""
    return step.apart and step.each and bool(before) and before[-1].capability == "plan"


def _names(step: Step, source: Source) -> bool:
    placeholder = f"{{{source.key}}}"
    return placeholder in step.text or any(token.text == placeholder for token in step.frame)


def _towards(step: Step, target: str) -> Step:
    """Narrow a translation down to one of its languages."""
    words = (*step.words[: step.at + 1], *tokenize(target))
    return msgspec.structs.replace(step, words=words, text=f"{step.words[step.at].text} {target}")
