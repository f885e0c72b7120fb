"""How much of a flow is left from each node on: what goes first when not everything may run at once.

Longest remaining path first is list scheduling by critical path (Graham 1969; HLFET of Adam, Chandy and Dickson 1974).
"""

from __future__ import annotations

from collections.abc import Mapping

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.engine.wiring import Role, Step, Wiring

_UNKNOWN_S = 1.0
"""What work of unknown length counts as: then the number of nodes on the path decides."""


def remaining_s(flow: Flow, seconds: Mapping[str, float]) -> dict[str, float]:
    """Return, for each place, the seconds from its start to the end of the run along the longest path.

    A body counts once, as if each map had one item and each loop one round: how many there will be is not known.

    Args:
        flow: What is done.
        seconds: Place -> how long the work there is expected to take.
    """
    found: dict[str, float] = {}
    _fill(flow, seconds, "", 0.0, found)
    return found


def _fill(flow: Flow, seconds: Mapping[str, float], prefix: str, after_s: float, found: dict[str, float]) -> float:
    """Fill in a flow's places, ``after_s`` being what follows its end; return what is left from its start on."""
    steps = _steps(Wiring(flow))
    for step in reversed(steps):
        place = prefix + step.id
        then_s = max((found[prefix + reader.id] for reader in step.readers), default=after_s)
        found[place] = then_s + _own_s(step, place, seconds)
        for name, body in step.node.bodies:
            found[place] = max(found[place], _fill(body, seconds, f"{place}/{name}/", then_s, found))
    return max(found[prefix + step.id] for step in steps)


def _own_s(step: Step, place: str, seconds: Mapping[str, float]) -> float:
    return seconds.get(place, _UNKNOWN_S) if step.role is Role.OUTSIDE else 0.0


def _steps(wiring: Wiring) -> list[Step]:
    """Return the steps, each after those that it reads."""
    order = list(wiring.sources)
    waits = wiring.waits.copy()
    for step in order:
        for reader in step.readers:
            waits[reader.index] -= 1
            if not waits[reader.index]:
                order.append(reader)
    return order
