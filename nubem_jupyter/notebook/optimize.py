"""``%optimize``: the same flow with less work, before and after."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from IPython.core.magic import Magics, magics_class

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.errors import UsageError
from nubem_jupyter.notebook.arguments import parse_words
from nubem_jupyter.notebook.declare import magic, parser_of
from nubem_jupyter.notebook.options import OPTIMIZE
from nubem_jupyter.notebook.targets import find_flow, flow_in
from nubem_jupyter.render.blocks import Page, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from IPython.core.interactiveshell import InteractiveShell

    from nubem_jupyter.core.plan import Rewrite
    from nubem_jupyter.notebook.workbench import Workbench

_EXAMPLES = """\
examples:
  %optimize
  %optimize my_flow --apply
  better = %optimize review --save review-lean
"""


@magics_class
class OptimizeMagic(Magics):
    """The magic ``%optimize``."""

    def __init__(self, shell: InteractiveShell, workbench: Workbench) -> None:
        super().__init__(shell)
        self._workbench = workbench

    @magic("line", "Take out what a flow does not need.", examples=_EXAMPLES, options=OPTIMIZE)
    def optimize(self, line: str) -> Flow:
        """Show the flow before, and what was changed; return the flow after."""
        options = parse_words(parser_of(self.optimize), line)
        before = self._find(options)
        after, rewrites = self._workbench.session.optimize(before)
        self._write(options, after)
        self._workbench.show(changes_page(before, after, rewrites))
        return after

    def _find(self, options: argparse.Namespace) -> Flow:
        if options.flow:
            return find_flow(self._workbench, options.flow)
        if options.apply:
            raise UsageError("--apply writes back to a flow that is named, and none is", hint="use --save NAME")
        if self._workbench.last_plan is None:
            raise UsageError("there is no flow yet", hint="run %%orchestrate first, or name a flow")
        return self._workbench.last_plan.flow

    def _write(self, options: argparse.Namespace, flow: Flow) -> None:
        if options.save:
            self._workbench.session.flows.save(flow, options.save)
        if not options.apply:
            return
        namespace = self._workbench.shell.user_ns
        if flow_in(namespace.get(options.flow)) is not None:
            namespace[options.flow] = flow
        else:
            self._workbench.session.flows.save(flow, options.flow)


def changes_page(before: Flow, after: Flow, rewrites: Sequence[Rewrite]) -> Page:
    """Show a flow as it was, with what went marked, and what the optimizer did, counted."""
    from nubem_jupyter.render.badges import rewrite_badges  # late: loading the extension shows nothing yet
    from nubem_jupyter.render.pages import picture
    from nubem_jupyter.render.tables import rewrites_table

    if not rewrites:
        return (Words(f"Nothing to change: flow {before.name} does no work twice or in vain.", "title"),)
    counted = f"{_count(before)} before, {_count(after)} after"
    return (
        Words("Before", "title"),
        picture(before, rewrite_badges(before, rewrites)),
        rewrites_table(rewrites),
        Words(f"After: {counted}", "title"),
    )


def _count(flow: Flow) -> str:
    nodes = [node for _, node in flow.walk()]
    calls = sum(isinstance(node.work, Prompt) for node in nodes)
    return f"{len(nodes)} steps with {calls} model call{'' if calls == 1 else 's'}"
