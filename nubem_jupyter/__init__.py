"""LLM orchestration for notebooks: plan, route by measured evidence, run, show."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from nubem_jupyter.core.condition import Condition
    from nubem_jupyter.core.constraint import Constraints
    from nubem_jupyter.core.evaluation import Dataset, EvalCase, Evaluation
    from nubem_jupyter.core.flow import Flow, Node
    from nubem_jupyter.core.plan import Plan
    from nubem_jupyter.core.run import Outcome, Run
    from nubem_jupyter.errors import NubemError
    from nubem_jupyter.notebook.extension import load_ipython_extension, unload_ipython_extension
    from nubem_jupyter.session.default import (
        default_session,
        front,
        open_session,
        orchestrate,
        plan,
        resume,
        run,
        weigh,
        what_if,
    )
    from nubem_jupyter.session.session import Session
    from nubem_jupyter.session.settings import Settings

__all__ = [
    "Condition",
    "Constraints",
    "Dataset",
    "EvalCase",
    "Evaluation",
    "Flow",
    "Node",
    "NubemError",
    "Outcome",
    "Plan",
    "Run",
    "Session",
    "Settings",
    "default_session",
    "front",
    "load_ipython_extension",
    "open_session",
    "orchestrate",
    "plan",
    "resume",
    "run",
    "unload_ipython_extension",
    "weigh",
    "what_if",
]

# Names come from their rooms when first asked for, so that importing the package costs next to nothing.
_HOMES = {
    "Condition": "core.condition",
    "Constraints": "core.constraint",
    "Dataset": "core.evaluation",
    "EvalCase": "core.evaluation",
    "Evaluation": "core.evaluation",
    "Flow": "core.flow",
    "Node": "core.flow",
    "NubemError": "errors",
    "Outcome": "core.run",
    "Plan": "core.plan",
    "Run": "core.run",
    "Session": "session.session",
    "Settings": "session.settings",
    "default_session": "session.default",
    "front": "session.default",
    "load_ipython_extension": "notebook.extension",
    "open_session": "session.default",
    "orchestrate": "session.default",
    "plan": "session.default",
    "resume": "session.default",
    "run": "session.default",
    "unload_ipython_extension": "notebook.extension",
    "weigh": "session.default",
    "what_if": "session.default",
}


def __getattr__(name: str) -> Any:
    """Import a public name's module when the name is first used."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    """List the public names too."""
    return sorted({*globals(), *__all__})
