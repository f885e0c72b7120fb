"""Steps that are done under a condition, or again until something holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Branch, Case, Flow, Loop, Node
from nubem_jupyter.core.ids import NodeId
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Code, Input, Join, Output
from nubem_jupyter.engine.planner.drawing import Drawing
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.maps import free_name
from nubem_jupyter.engine.planner.prompts import write_check, write_prompt
from nubem_jupyter.engine.planner.sources import Source
from nubem_jupyter.engine.planner.steps import Step, join_words
from nubem_jupyter.engine.planner.tokens import Token, fold

MOST_ROUNDS = 3
"""Bound of the rounds of a loop."""


class Choice(NamedTuple):
    """What decides, and what is done then."""

    value: Source
    """What the condition looks at."""
    when: Condition
    """When the step is done."""
    step: Step
    """What is done."""
    other: Step | None = None
    """What is done instead; None hands the text on as it is."""


def draw_branch(
    drawing: Drawing, step: Step, other: Step | None, sources: Sequence[Source], lexicon: Lexicon, labels: Sequence[str]
) -> Source:
    """Add a branch on the label before it, else on a yes or no that a model gives."""
    texts = [source for source in sources if source.type is not ValueType.LABEL] or list(sources)
    named = _named_label(step.condition, labels)
    if named:
        value, when = sources[-1], Condition(operator=_operator(step, lexicon), value=named)
    else:
        check = write_check(join_words(step.condition), texts, lexicon)
        value = drawing.add("classify", check, texts, capability="classify", label="check")
        when = Condition(operator="equals", value=lexicon.labels["yes_no"][int(step.unless)])
    return draw_choice(drawing, Choice(value, when, step, other), texts, lexicon)


def draw_choice(
    drawing: Drawing, choice: Choice, texts: Sequence[Source], lexicon: Lexicon, *, name: str = ""
) -> Source:
    """Add a branch; where nothing is done instead, the last text goes on as it is."""
    step = choice.step
    reader = free_name("value", {source.key for source in texts})
    work = Branch(
        on=reader,
        cases=(Case(when=choice.when, body=_body(step, texts, lexicon)),),
        otherwise=_body(choice.other, texts, lexicon) if choice.other else _identity(texts[-1].key),
    )
    inputs = {reader: choice.value.ref, **{source.key: source.ref for source in texts}}
    source = drawing.wire(name or step.capability, work, inputs, capability=step.capability)
    return source._replace(type=ValueType.TEXT)


def _named_label(words: Sequence[Token], labels: Sequence[str]) -> str:
    folded = " ".join(token.word for token in words)
    return next((label for label in labels if fold(label) in folded), "")


def _operator(step: Step, lexicon: Lexicon) -> str:
    negated = lexicon.has("negation", step.condition) != step.unless
    return "not_equals" if negated else "equals"


def _body(step: Step, sources: Sequence[Source], lexicon: Lexicon) -> Flow:
    prompt = write_prompt(msgspec.structs.replace(step, copies=1), sources, lexicon)
    inside = Drawing()
    known = [inside.input(source._replace(type=ValueType.ANY)) for source in sources if source.key in prompt.uses]
    return inside.finish([inside.add(step.capability, prompt, known, capability=step.capability)], step.capability)


def _identity(key: str) -> Flow:
    inside = Drawing()
    return inside.finish([inside.input(Source(key, key, ValueType.ANY))], "unchanged")


def draw_code_loop(drawing: Drawing, step: Step, sources: Sequence[Source], lexicon: Lexicon) -> Source:
    """Add a repair loop: run the program, and while it fails let a model mend it and run it again."""
    report = next((source for source in reversed(sources) if source.type is ValueType.JSON), None)
    if report is None:
        report = _first_run(drawing, step, sources, lexicon)
    loop = Node(
        id=NodeId("repair"),
        capability="debug_code",
        inputs={"previous": "report"},
        work=Loop(body=_repair(step, lexicon), until=Condition(path="ok"), max_rounds=MOST_ROUNDS),
    )
    given = Node(id=NodeId("report"), work=Input())
    repairing = Flow(
        name="repair", nodes=(given, loop, Node(id=NodeId("output"), inputs={"repair": "repair"}, work=Output()))
    )
    cases = (Case(when=Condition(path="ok"), body=_identity("report")),)
    work = Branch(on="report", cases=cases, otherwise=repairing)
    return drawing.wire("debug_code", work, {"report": report.ref}, capability="debug_code")


def _first_run(drawing: Drawing, step: Step, sources: Sequence[Source], lexicon: Lexicon) -> Source:
    program = next((source for source in reversed(sources) if source.type is ValueType.CODE), None)
    if program is None:
        writing = msgspec.structs.replace(step, capability="write_code")
        prompt = write_prompt(writing, sources, lexicon, part=lexicon.say["program"])
        program = drawing.add("write_code", prompt, sources, capability="write_code")
    work = Code(source_from="program", report=True)
    return drawing.wire("run_code", work, {"program": program.ref}, capability="run_code")


def _repair(step: Step, lexicon: Lexicon) -> Flow:
    inside = Drawing()
    inside.input(Source("previous", "previous", ValueType.ANY))
    parts = [Source(name, "previous", ValueType.ANY, path=name, reader="previous") for name in ("code", "error")]
    mending = msgspec.structs.replace(step, capability="debug_code", text=step.until)
    fixed = inside.add("debug_code", write_prompt(mending, parts, lexicon), parts[:1], capability="debug_code")
    run = Code(source_from="program", report=True)
    return inside.finish([inside.wire("run_code", run, {"program": fixed.ref}, capability="run_code")], "repair")


def draw_text_loop(
    drawing: Drawing, step: Step, sources: Sequence[Source], lexicon: Lexicon, *, name: str = ""
) -> Source:
    """Add a loop that does the step again until a model says that the wish is met."""
    carry = free_name("previous", {source.key for source in sources})
    inputs = {source.key: source.ref for source in sources[:-1]}
    for last in sources[-1:]:
        inputs[carry] = drawing.wire("start", Join(), {"text": last.ref}).ref
    work = Loop(
        body=_round(step, sources, carry, lexicon),
        until=Condition(operator="equals", value=lexicon.labels["yes_no"][0], path="verdict"),
        max_rounds=MOST_ROUNDS,
        carry=carry,
    )
    return drawing.wire(name or step.capability, work, inputs, capability=step.capability, path="text")


def _round(step: Step, sources: Sequence[Source], carry: str, lexicon: Lexicon) -> Flow:
    """Write one round: do the step on the last text, then ask whether the wish is met."""
    inside = Drawing()
    last = inside.input(Source(carry, carry, ValueType.ANY), optional=True)
    text = last._replace(path="text")
    known = [inside.input(source._replace(type=ValueType.ANY)) for source in sources[:-1]]
    prompt = write_prompt(step, [*known, text], lexicon)
    made = inside.add(step.capability, prompt, [*known, text], capability=step.capability)
    check = inside.add("judge", write_check(step.until, [made], lexicon), [made], capability="judge")
    return inside.finish(
        [Source("text", made.ref, ValueType.TEXT), Source("verdict", check.ref, ValueType.LABEL)], "round"
    )
