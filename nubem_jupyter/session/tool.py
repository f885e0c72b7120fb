"""A component as runs use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from nubem_jupyter.core.value import ValueType

ComponentFunction = Callable[..., Any]
"""A component: keyword arguments in, plain JSON out; plain functions run in a thread, async ones on the loop."""


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A component as it is offered."""

    function: ComponentFunction | None = None
    """What it does; None before it is loaded."""
    load: Callable[[], ComponentFunction] | None = None
    """Loads it, for a thread that may wait; what was loaded before is given at once."""
    version: str = ""
    """Which version this is; without one nobody knows what an earlier value stands for, and nothing is kept."""
    ttl_s: float | None = None
    """Seconds for which its value may be given again, where the flow does not say; None or 0 never."""
    cost_usd: float | None = 0.0
    """US dollars a use; None where nobody knows."""
    output: ValueType = ValueType.ANY
    """What its author says that it gives, where a use is held to that."""
    warning: str = ""
    """What whoever uses it should know; empty where that is nothing."""

    def is_version(self, wanted: str) -> bool:
        """Tell whether this is the version that a flow was planned for; one that was planned for none takes any."""
        return wanted in ("", self.version, self.version.partition("+")[0])
