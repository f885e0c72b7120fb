"""What the schedule is told and what it tells its driver to do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.flow import Node
from nubem_jupyter.core.ids import NodePath
from nubem_jupyter.core.run import Failure, Outcome
from nubem_jupyter.engine.wiring import Step


class Start(msgspec.Struct, frozen=True):
    """Do this node's work now."""

    path: NodePath
    """Where in the run."""
    place: str
    """Where in the flow, as ``Flow.walk`` names it; the route is keyed by it."""
    step: Step
    """What to do."""
    values: Mapping[str, Any]
    """The node's inputs."""
    choice: int = 0
    """Which of the models in turn is asked; 0 is the one chosen."""
    tries: int = 1
    """Which try this is, all models together."""
    tries_here: int = 1
    """Which try this is with this model."""

    @property
    def node(self) -> Node:
        """The node to do."""
        return self.step.node


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """Do this work once more, after a wait."""

    start: Start
    """What to do."""
    wait_s: float
    """Seconds to wait first."""
    failure: Failure
    """Why the last try did not count."""


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A node that needs no outside work has its value, or has failed with its body."""

    path: NodePath
    """Where in the run."""
    node: Node
    """Which."""
    value: Any = None
    """What it gives."""
    failure: Failure | None = None
    """Why it gives nothing."""
    item_failures: Mapping[int, Failure] = {}
    """Of a map that goes on without failed items: item -> why it failed."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A map has come further; said about a hundred times in a long one."""

    path: NodePath
    """Which."""
    done: int
    """Items that have ended."""
    total: int
    """Items in all."""
    failed: int = 0
    """How many of those that ended failed."""


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """Cancel the work under way at these places; nobody waits for it any more."""

    paths: tuple[NodePath, ...]
    """Where."""


class End(msgspec.Struct, frozen=True, kw_only=True):
    """The run is over: cancel what is under way and record it."""

    outcome: Outcome
    """How it ended."""
    value: Any = None
    """The flow's result."""
    failure: Failure | None = None
    """Why it did not finish."""


Command = Start | Again | Settled | Progress | Stop | End


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """A started node's try failed."""

    path: NodePath
    """Which."""
    failure: Failure
    """Why."""
    retryable: bool = False
    """Whether the same call may work another time."""
    elsewhere: bool = False
    """Whether another model may do what this one could not."""
    retry_after_s: float | None = None
    """What the provider asks to wait."""
    jitter: float = 0.5
    """A random number from 0 to 1 for the wait."""
    left_s: float = math.inf
    """Seconds that the run has left: a try that could not begin within them is not made."""
    outcome: Outcome = Outcome.FAILED
    """What the run becomes when this ends it."""
