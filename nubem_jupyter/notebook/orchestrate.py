"""``%%orchestrate``: a request becomes a flow that runs and is shown."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from IPython.core.magic import Magics, magics_class

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run
from nubem_jupyter.errors import CancelledRunError, InfeasibleError, UsageError
from nubem_jupyter.notebook.arguments import parse_options_and_text
from nubem_jupyter.notebook.declare import magic, parser_of
from nubem_jupyter.notebook.live import LiveView, is_whole_cell
from nubem_jupyter.notebook.options import ORCHESTRATE
from nubem_jupyter.notebook.request import Request, read_request
from nubem_jupyter.notebook.running import run_shown
from nubem_jupyter.notebook.variables import check_items, check_name
from nubem_jupyter.render.bundle import bundle

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nubem_jupyter.notebook.workbench import Workbench
    from nubem_jupyter.session.handle import RunHandle

_EXAMPLES = """\
examples:
  %orchestrate What is the capital of Portugal?

  %%orchestrate -i text -o summary --local
  Summarise {text} in two sentences and translate the summary to Spanish

  %%orchestrate --plan --max-cost 0.10 --prefer quality
  Analyse this Python code and suggest improvements: {code}

  %orchestrate --flow summary -i text
  %orchestrate --replay last

The run is the cell's value (_) unless --quiet is set, and %nubem run shows the newest one again.
Without a text below, write %orchestrate with one %%: IPython wants a body under two.
"""

_FLAGS = frozenset(flag for option in ORCHESTRATE for flag in option.flags)


@magics_class
class OrchestrateMagic(Magics):
    """The magic ``%orchestrate`` in its line and cell forms."""

    def __init__(self, shell: InteractiveShell, workbench: Workbench) -> None:
        super().__init__(shell)
        self._workbench = workbench

    @magic(
        "line_cell",
        "Do what the text asks: plan, choose models, run, show.",
        examples=_EXAMPLES,
        options=ORCHESTRATE,
    )
    def orchestrate(self, line: str, cell: str | None = None) -> Plan | Run | None:
        """Do what the text asks; return the run, or the plan with ``--plan``."""
        options, text = parse_options_and_text(parser_of(self.orchestrate), line)
        check_items(options.inputs, text)
        request = read_request(self._workbench, options, _text_of(text, cell))
        plan = self._plan(request, options)
        self._save(plan.flow, options)
        if options.plan:
            return None if options.quiet else plan
        shell = self._workbench.shell
        alone = cell is not None or is_whole_cell(shell, line)
        run = self._run(request, plan, LiveView(shell, shown=not options.quiet, alone=alone))
        if options.output:
            self._workbench.shell.user_ns[check_name(options.output)] = run.result
        return None if options.quiet else run

    def _plan(self, request: Request, options: argparse.Namespace) -> Plan:
        work = self._workbench.session.plan(
            request.wanted,
            inputs=request.inputs,
            constraints=request.constraints,
            optimize=not options.no_optimize,
            may_spend=not options.plan,
            temperature=options.temperature,
            seed=options.seed,
        )
        try:
            plan = self._workbench.call(work)
        except KeyboardInterrupt:
            raise CancelledRunError("planning was stopped; no step was run") from None
        except InfeasibleError as error:
            if isinstance(error.flow, Flow):
                self._save(error.flow, options)
                if options.plan and not options.quiet:
                    self._workbench.shell.display_pub.publish(bundle(error.flow))
            raise
        self._workbench.keep_plan(plan, request.inputs)
        return plan

    def _save(self, flow: Flow, options: argparse.Namespace) -> None:
        if options.save:
            self._workbench.session.flows.save(flow, options.save)

    def _run(self, request: Request, plan: Plan, view: LiveView) -> Run:
        session = self._workbench.session

        async def begin() -> RunHandle:
            return await session.begin(plan, request.inputs, replay=request.replay, cache=request.cache)

        return run_shown(self._workbench, begin, view)


def _text_of(text: str, cell: str | None) -> str:
    if cell is None:
        return text
    if text:
        raise UsageError(
            f"'{text}' stands on the first line of the cell, where only options stand",
            hint="write the request on the lines below",
        )
    body = cell.strip()
    if (word := body.partition("\n")[0].partition(" ")[0]) in _FLAGS:
        raise UsageError(
            f"{word} stands in the cell's text, where it would limit nothing",
            hint="write options on the first line, after %%orchestrate",
        )
    return body
