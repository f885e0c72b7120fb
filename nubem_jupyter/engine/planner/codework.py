"""Steps that write or run a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Code
from nubem_jupyter.engine.planner import programs
from nubem_jupyter.engine.planner.drawing import Drawing
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.prompts import write_prompt
from nubem_jupyter.engine.planner.sources import Source
from nubem_jupyter.engine.planner.stages import Stage
from nubem_jupyter.engine.planner.steps import Step

_VARIABLES = frozenset({ValueType.LIST, ValueType.TABLE, ValueType.ANY, ValueType.JSON})
"""Types that a program finds as variables; texts and code are shown to its writer instead."""


class CodeWriter:
    """Draws programs: written by a model or held by the plan, and what runs them."""

    def __init__(self, drawing: Drawing, lexicon: Lexicon, ask_table: Callable[[], Source]) -> None:
        self._drawing = drawing
        self._lexicon = lexicon
        self._ask_table = ask_table

    def draw(self, step: Step, sources: Sequence[Source], after: Stage) -> Source:
        """Add the step's node and those it cannot do without; give its result."""
        if step.capability == "write_code":
            return self._write(step, sources, after)
        if step.capability == "read_data":
            return self._held(programs.READ, "table", sources[-1], capability="read_data")
        if step.sifts:
            return self._held(programs.sift(step.sifts, step.wanted), "values", sources[-1], capability="run_code")
        program = self._program(step, sources)
        values = [source for source in sources if source.type in _VARIABLES]
        if self._lexicon.match("count", step.words, step.at) and values and not program:
            return self._held(programs.COUNT, "values", values[-1], capability="run_code")
        repaired = any(later.capability == "debug_code" for later in after)
        if program is None:
            program = self._write(_as_writing(step), sources, (step,))
        return self._run(program, values, report=repaired)

    def _program(self, step: Step, sources: Sequence[Source]) -> Source | None:
        """Find the program to run: what a step wrote, else the text that the words call code."""
        names_code = self._lexicon.match("run", step.words, step.at) and self._lexicon.has("code tests", step.said)
        kinds = (ValueType.CODE, ValueType.TEXT) if names_code else (ValueType.CODE,)
        return next((source for kind in kinds for source in sources if source.type is kind), None)

    def _run(self, program: Source, values: Sequence[Source], *, report: bool) -> Source:
        if program.record == ("sql",):
            table = self._ask_table()
            inputs = {"query": program.ref, "table": table.ref}
            return self._drawing.wire("run_code", Code(source=programs.QUERY), inputs, capability="run_code")
        inputs = {value.key: value.ref for value in values if value.key != "program"}
        work = Code(source_from="program", report=report)
        return self._drawing.wire("run_code", work, {"program": program.ref, **inputs}, capability="run_code")

    def _write(self, step: Step, sources: Sequence[Source], after: Stage) -> Source:
        """Add the model call that writes a program, told about the run that follows."""
        runs = [later for later in after if later.capability == "run_code"]
        if runs and self._lexicon.has("sql", step.words):
            return self._write_query(step)
        shown = [source for source in sources if source.type not in _VARIABLES]
        variables = [source.key for source in sources if source.type in _VARIABLES]
        hints = [later.text for later in runs if later is not step and later.text not in step.text]
        if runs:
            hints.append(self._lexicon.say["program"])
        if variables:
            hints.append(self._lexicon.say["variables"].format(names=", ".join(variables)))
        return self._call(step, shown, "\n".join(hints))

    def _write_query(self, step: Step) -> Source:
        table = self._ask_table()
        sample = self._held(programs.SAMPLE, "table", table, capability="read_data")
        prompt = write_prompt(step, [sample], self._lexicon, part=self._lexicon.say["sql"])
        prompt = msgspec.structs.replace(prompt, system=self._lexicon.say["system.sql"])
        query = self._drawing.add("write_code", prompt, [sample], capability="write_code")
        return query._replace(record=("sql",))

    def _call(self, step: Step, sources: Sequence[Source], hint: str) -> Source:
        prompt = write_prompt(step, sources, self._lexicon, part=hint)
        return self._drawing.add("write_code", prompt, sources, capability="write_code")

    def _held(self, source: str, name: str, value: Source, *, capability: str) -> Source:
        return self._drawing.wire(capability, Code(source=source), {name: value.ref}, capability=capability)


def _as_writing(step: Step) -> Step:
    return msgspec.structs.replace(step, capability="write_code")
