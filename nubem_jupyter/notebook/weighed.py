"""``%nubem why``, ``%nubem what-if`` and ``%nubem front``: the newest plan, or a run's, weighed; no model is called."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nubem_jupyter.core.plan import Plan
from nubem_jupyter.errors import UsageError
from nubem_jupyter.render.blocks import Page
from nubem_jupyter.session.options import limits_from

if TYPE_CHECKING:
    from nubem_jupyter.notebook.workbench import Workbench
    from nubem_jupyter.session.weighed import WeighedPlan

EXAMPLES = """
  %nubem why                             why each model was chosen
  %nubem why reply last                  why for one step, of the newest run
  %nubem what-if --max-cost 0.01         who would do what for a cent at most
  %nubem front                           what can be had for what
"""


def why_command(workbench: Workbench, _: argparse.Namespace, names: Sequence[str]) -> Page:
    """Say why each model was chosen, or for one step; of the newest plan, or of the run that is named second."""
    from nubem_jupyter.render.weighed import why_page

    node, *runs = names or (None,)
    _check_one("why", runs)
    plan, _inputs = _target(workbench, runs)
    return why_page(plan, node)


def what_if_command(workbench: Workbench, options: argparse.Namespace, names: Sequence[str]) -> Page:
    """Say what other limits would change."""
    from nubem_jupyter.render.weighed import what_if_page

    return what_if_page(_weighed(workbench, "what-if", names).what_if(**limits_from(vars(options))))


def front_command(workbench: Workbench, options: argparse.Namespace, names: Sequence[str]) -> Page:
    """Say what can be had for what."""
    from nubem_jupyter.render.weighed import front_page

    weighed = _weighed(workbench, "front", names)
    return front_page(weighed.front(**limits_from(vars(options))), weighed.plan)


def _weighed(workbench: Workbench, command: str, names: Sequence[str]) -> WeighedPlan:
    _check_one(command, names)
    plan, inputs = _target(workbench, names)
    return workbench.call(workbench.session.weigh(plan, inputs=inputs))


def _target(workbench: Workbench, runs: Sequence[str]) -> tuple[Plan, Mapping[str, Any]]:
    if not runs and workbench.last_plan is not None:
        return workbench.last_plan, workbench.last_inputs
    run = workbench.recorded(runs[0] if runs else "last")
    return run.plan, run.inputs


def _check_one(command: str, names: Sequence[str]) -> None:
    if len(names) > 1:
        raise UsageError(f"%nubem {command} takes one run at most", hint=f"leave '{names[-1]}' out")
