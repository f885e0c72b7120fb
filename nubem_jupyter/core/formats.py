"""Every stored format, and the one JSON Schema of them all, published as ``docs/schema.json``."""

from __future__ import annotations

from typing import Any

from nubem_jupyter.core import wire
from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run

STORED: tuple[type, ...] = (Flow, Plan, Run, Evaluation)
"""The types that ``wire`` dumps and loads."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a document of any stored format, whichever modules were imported before."""
    return wire.schema(STORED)
