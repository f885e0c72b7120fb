"""How a run is made, as callers say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UsageError

if TYPE_CHECKING:
    from nubem_jupyter.engine.budget import Ledger
    from nubem_jupyter.engine.retry import RetryPolicy


class RunOptions(TypedDict, total=False):
    """How a run is made, beside what is done in it."""

    replay: str | None
    """A run on record whose answers are given again; no model is asked then."""
    keep: bool
    """Whether it goes on record; it does where nothing is said."""
    cache: bool | None
    """Whether answers at hand are given again and new ones kept; None as the settings say."""
    events: bool
    """Whether what happens is told while it does; it is where nothing is said."""
    parallel: int | None
    """How many steps may be under way outside at once, the longest remaining path first; None as the settings say."""
    ledger: Ledger | None
    """A budget shared with other runs; None for the plan's own."""
    policy: RetryPolicy | None
    """When a failed try is made again; None for the usual."""


def check_options(options: Mapping[str, Any], *also: str) -> None:
    """Refuse an option of a run that there is not, since a limit with a mistake in its name would limit nothing.

    Args:
        options: What was given.
        also: What else is an option of what was called.

    Raises:
        UsageError: there is one; names the nearest that there is.
    """
    known = (*RunOptions.__annotations__, *also)
    for name in options:
        if name in known:
            continue
        limit = next((limit for limit in Constraints.__struct_fields__ if limit.startswith(name)), "")
        close = nearest(name, known)
        hint = f"did you mean '{close}'?" if close else f"there are: {', '.join(known)}"
        if limit or name == "constraints":
            hint = f"limits are the plan's: nj.plan(…, constraints=nj.Constraints({limit or 'max_cost_usd'}=…))"
        raise UsageError(f"a run has no option '{name}'", hint=hint)
