"""Flows by name: a notebook variable, or a flow saved in the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UsageError

if TYPE_CHECKING:
    from nubem_jupyter.notebook.workbench import Workbench


def find_flow(workbench: Workbench, name: str) -> Flow:
    """Return the flow in a variable (a flow, plan or run), or else the saved one of this name.

    Raises:
        UsageError: neither exists.
        FormatError: the saved file is damaged.
    """
    held = flow_in(workbench.shell.user_ns.get(name))
    if held is not None:
        return held
    saved = workbench.session.flows.names()
    if name in saved:
        loaded: Flow = workbench.session.flows.load(name)
        return loaded
    held_names = [known for known, value in list(workbench.shell.user_ns.items()) if flow_in(value) is not None]
    close = nearest(name, [*saved, *(known for known in held_names if not known.startswith("_"))])
    hint = f"did you mean '{close}'?" if close else "%nubem flows lists the saved ones; --save NAME saves one"
    raise UsageError(f"there is no flow '{name}', neither saved nor in a variable", hint=hint)


def flow_in(value: object) -> Flow | None:
    """Return the flow of a flow, plan or run; None for anything else."""
    match value:
        case Flow():
            return value
        case Plan():
            return value.flow
        case Run():
            return value.plan.flow
        case _:
            return None
