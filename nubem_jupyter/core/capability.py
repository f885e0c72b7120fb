"""What a node is for: the words that planner, router and evidence share."""

from __future__ import annotations

import re

from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UnknownCapabilityError

CAPABILITIES: tuple[str, ...] = (
    "answer", "summarize", "translate", "classify", "extract", "rewrite", "generate", "compare",
    "critique", "judge", "vote", "plan", "compute", "write_code", "run_code", "debug_code",
    "review_code", "search", "retrieve", "read_data", "memory", "clarify",
)  # fmt: skip
"""The capabilities that the product itself defines; components add theirs as ``vendor.name``."""

_COMPONENT_CAPABILITY = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_.]*")


def check_capability(name: str, *, node: str) -> None:
    """Accept a known capability or a component's ``vendor.name``.

    Raises:
        UnknownCapabilityError: the name is neither.
    """
    if name in CAPABILITIES or _COMPONENT_CAPABILITY.fullmatch(name):
        return
    close = nearest(name, CAPABILITIES)
    hint = f"did you mean '{close}'?" if close else f"use one of: {' '.join(CAPABILITIES)}"
    fault = f"the unknown capability '{name}'" if name else "no capability"
    raise UnknownCapabilityError(f"node '{node}' has {fault}", hint=hint)
