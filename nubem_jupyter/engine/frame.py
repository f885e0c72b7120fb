"""A flow under way: which values are there and which nodes still wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nubem_jupyter.core.condition import look_up
from nubem_jupyter.engine.wiring import Step, Wiring


class Frame:
    """One flow being worked through: the outermost, or a body for one map item, one branch or one loop round."""

    __slots__ = ("dead", "given", "owner", "place", "prefix", "slot", "values", "waiting", "wiring")

    def __init__(
        self, wiring: Wiring, given: Mapping[str, Any], *, prefix: str = "", place: str = "", slot: int = 0,
        owner: Any = None,
    ) -> None:  # fmt: skip
        self.wiring = wiring
        self.given = given
        self.prefix = prefix
        self.place = place
        self.slot = slot
        self.owner = owner
        self.values: list[Any] = [None] * wiring.width
        self.waiting = wiring.waits.copy()
        self.dead = False

    def settle(self, step: Step, value: Any) -> list[Step]:
        """Put a node's value in; return the nodes that now have all they wait for."""
        self.values[step.index] = value
        waiting = self.waiting
        ready = []
        for reader in step.readers:
            left = waiting[reader.index] - 1
            waiting[reader.index] = left
            if not left:
                ready.append(reader)
        return ready

    def inputs_of(self, step: Step) -> dict[str, Any]:
        """Return the values that the node reads, by its own names for them."""
        values = self.values
        return {name: look_up(values[index], path) if path else values[index] for name, index, path in step.pulls}
