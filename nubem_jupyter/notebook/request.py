"""What a cell asks for, read from its options, its text and the notebook's variables."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NamedTuple

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.errors import PlanError
from nubem_jupyter.notebook.targets import find_flow
from nubem_jupyter.notebook.variables import check_name, named_inputs
from nubem_jupyter.session.open_input import with_text
from nubem_jupyter.session.options import constraints_from

if TYPE_CHECKING:
    from nubem_jupyter.notebook.workbench import Workbench


class Request(NamedTuple):
    """Everything that planning and running need."""

    wanted: str | Flow | Plan
    """A request in words, or the flow to run."""
    inputs: dict[str, Any]
    """Values for the flow's inputs."""
    constraints: Constraints | None
    """What the run must stay within; None takes those of the plan that is wanted."""
    replay: str | None
    """The run whose answers are given again."""
    cache: bool | None = None
    """Whether answers of equal calls may be given again; None leaves that to the settings."""


def read_request(workbench: Workbench, options: argparse.Namespace, text: str) -> Request:
    """Read everything before anything is planned, so that a mistake costs nothing.

    Raises:
        UsageError: a variable, flow or run does not exist, or a value cannot be given.
        ConstraintError: a constraint allows nothing.
        PlanError: there is nothing to do.
    """
    if options.output:
        check_name(options.output)
    constraints = constraints_from(vars(options))
    replay = workbench.recorded(options.replay).id if options.replay else None
    cache = False if options.no_cache else None
    shell = workbench.shell
    inputs = named_inputs(shell.user_ns, shell.ev, options.inputs, text)
    if options.flow:
        flow = find_flow(workbench, options.flow)
        return Request(flow, with_text(flow, inputs, text), constraints, replay, cache)
    if text:
        return Request(text, inputs, constraints, replay, cache)
    if options.replay:
        recorded = workbench.recorded(options.replay)
        return Request(recorded.plan, {**recorded.inputs, **inputs}, None, recorded.id)
    raise PlanError("there is no request", hint="write what you want done, in any language")
