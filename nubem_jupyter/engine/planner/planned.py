"""A plan in the simple form that a model writes, and the flow that it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Code, Join, JoinMode
from nubem_jupyter.engine.planner.branches import Choice, draw_choice, draw_text_loop
from nubem_jupyter.engine.planner.drawing import Drawing
from nubem_jupyter.engine.planner.language import detect_language
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.maps import draw_map
from nubem_jupyter.engine.planner.prompts import write_prompt
from nubem_jupyter.engine.planner.sources import Source
from nubem_jupyter.engine.planner.steps import Step
from nubem_jupyter.engine.planner.tokens import tokenize


class PlannedStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step as a model writes it."""

    id: str
    """Its name."""
    capability: str = ""
    """What it is for; a join has none."""
    kind: Literal["model", "code", "map", "join", "branch", "loop"]
    """How it is done."""
    task: str = ""
    """What is to be done, in words, or a program."""
    reads: tuple[str, ...] = ()
    """Inputs and earlier steps."""
    over: str = ""
    """For a map: the list."""
    mode: Literal["object", "list", "text", "vote"] = "object"
    """For a join: how."""
    on: str = ""
    """For a branch: the step whose result decides."""
    equals: str = ""
    """For a branch: the result that lets it be done."""
    until: str = ""
    """For a loop: what must hold at its end."""


class PlannedFlow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan as a model writes it."""

    steps: tuple[PlannedStep, ...]
    """In the order of doing."""
    output: tuple[str, ...] = ()
    """The steps whose results are wanted; empty takes the last."""


def draw_planned(plan: PlannedFlow, request: str, inputs: Mapping[str, ValueType]) -> Flow:
    """Draw a plan whose names have been checked.

    Raises:
        FlowError: an id is malformed, or a map runs over what is not a list.
    """
    drawer = _Drawer(detect_language(request), inputs)
    for step in plan.steps:
        drawer.draw(step)
    wanted = plan.output or (plan.steps[-1].id,)
    return drawer.drawing.finish([drawer.source(name) for name in wanted], "planned")


class _Drawer:
    """Holds the flow under way and what each name stands for."""

    def __init__(self, lexicon: Lexicon, inputs: Mapping[str, ValueType]) -> None:
        self.lexicon = lexicon
        self.drawing = Drawing()
        self.known = {name: self.drawing.input(Source(name, name, kind)) for name, kind in inputs.items()}

    def source(self, name: str) -> Source:
        node, dot, path = name.partition(".")
        found = self.known[node]
        part = Source(name.replace(".", "_"), found.ref + dot + path, ValueType.ANY)
        return part if dot else found._replace(name=node)

    def draw(self, planned: PlannedStep) -> None:
        sources = [self.source(name) for name in dict.fromkeys(planned.reads)]
        step = Step(
            capability=planned.capability,
            text=planned.task,
            words=tokenize(planned.task),
            until=planned.until,
        )
        self.known[planned.id] = self._node(planned, step, sources)

    def _node(self, planned: PlannedStep, step: Step, sources: list[Source]) -> Source:
        match planned.kind:
            case "map":
                over = self.source(planned.over)
                others = [source for source in sources if source.key != over.key]
                return draw_map(self.drawing, step, over, [*others, over], self.lexicon, (), name=planned.id)
            case "branch":
                return self._branch(planned, step, sources)
            case "loop":
                return draw_text_loop(self.drawing, step, sources, self.lexicon, name=planned.id)
            case "join":
                join = Join(mode=JoinMode(planned.mode))
                return self.drawing.add(planned.id, join, sources, capability="vote" * (planned.mode == "vote"))
            case "code":
                return self._code(planned, sources)
            case _:
                return self._call(planned, step, sources)

    def _branch(self, planned: PlannedStep, step: Step, sources: list[Source]) -> Source:
        value = self.source(planned.on)
        texts = [source for source in sources if source.ref != value.ref] or [value]
        choice = Choice(value=value, when=Condition(operator="equals", value=planned.equals), step=step)
        return draw_choice(self.drawing, choice, texts, self.lexicon, name=planned.id)

    def _code(self, planned: PlannedStep, sources: list[Source]) -> Source:
        if planned.task.strip():
            inputs = {source.key: source.ref for source in sources}
            return self.drawing.wire(planned.id, Code(source=planned.task), inputs, capability=planned.capability)
        program, *others = sources
        inputs = {"program": program.ref} | {source.key: source.ref for source in others if source.key != "program"}
        return self.drawing.wire(planned.id, Code(source_from="program"), inputs, capability=planned.capability)

    def _call(self, planned: PlannedStep, step: Step, sources: list[Source]) -> Source:
        prompt = write_prompt(step, sources, self.lexicon)
        path = "answer" if step.capability == "compute" else ""
        return self.drawing.add(planned.id, prompt, sources, capability=step.capability, path=path)
