"""The rewrites, one a module; each takes a flow and gives a smaller one with what it did, or None."""

from __future__ import annotations

from collections.abc import Callable

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Rewrite
from nubem_jupyter.engine.optimizer.rules.dead import drop_dead
from nubem_jupyter.engine.optimizer.rules.duplicate import merge_duplicate
from nubem_jupyter.engine.optimizer.rules.identity import drop_identity

Rule = Callable[[Flow], tuple[Flow, Rewrite] | None]
"""A pure function with its invariant in its docstring."""

RULES: tuple[Rule, ...] = (drop_dead, merge_duplicate, drop_identity)
"""Dead nodes first: what nobody reads need not be compared."""
