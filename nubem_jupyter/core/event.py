"""What a run tells while it happens; display, store and tests all read this one stream."""

from __future__ import annotations

import msgspec

from nubem_jupyter.core.ids import ModelId, NodePath, RunId
from nubem_jupyter.core.plan import Estimate


class RunEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", omit_defaults=True, gc=False):
    """Something that happened in a run."""

    run: RunId
    """Which run."""
    at_s: float
    """Seconds from the run's start."""


class RunStarted(RunEvent, frozen=True, kw_only=True, tag="run_started"):
    """The run began, as it was planned."""

    nodes: int
    """How many nodes its flow has, those inside maps and loops counted once."""
    estimate: Estimate = Estimate()
    """What the plan expects it to take."""
    resumed: int = 0
    """How many steps were finished when it was taken up again; they are not told of anew."""


class NodeStarted(RunEvent, frozen=True, kw_only=True, tag="node_started"):
    """A step that takes time began."""

    node: NodePath
    """Which."""
    model: ModelId | None = None
    """The model asked, if one is."""


class Tokens(RunEvent, frozen=True, kw_only=True, tag="tokens"):
    """Text came from a model."""

    node: NodePath
    """Where."""
    text: str
    """The new characters."""


class NodeRetried(RunEvent, frozen=True, kw_only=True, tag="node_retried"):
    """A try failed and another follows; text of the failed try does not count."""

    node: NodePath
    """Which."""
    error: str
    """What went wrong."""
    wait_s: float = 0.0
    """Seconds until the next try."""
    model: ModelId | None = None
    """The model asked next."""


class NodeHedged(RunEvent, frozen=True, kw_only=True, tag="node_hedged"):
    """A call is late, and another one was started beside it; the first whole answer counts."""

    node: NodePath
    """Which."""


class NodeCached(RunEvent, frozen=True, kw_only=True, tag="node_cached"):
    """The value of a step is at hand from an equal or similar call: no call is made."""

    node: NodePath
    """Which."""
    model: ModelId | None = None
    """The model that answered when the call was made."""
    saved_usd: float = 0.0
    """What it cost then, in US dollars."""
    similarity: float | None = None
    """How alike that call was, where it was one worded otherwise."""


class MemberAnswered(RunEvent, frozen=True, kw_only=True, tag="member_answered"):
    """A member of a cascade was asked, and has answered or failed."""

    node: NodePath
    """Where."""
    model: ModelId
    """Who."""
    place: int = 0
    """Its place in the order of asking."""
    text: str = ""
    """The beginning of what it says; empty where it failed."""
    error: str = ""
    """Why it has no answer."""
    cached: bool = False
    """Whether its answer was at hand."""
    cost_usd: float = 0.0
    """What it cost, in US dollars."""


class CascadeDecided(RunEvent, frozen=True, kw_only=True, tag="cascade_decided"):
    """A cascade has its answer."""

    node: NodePath
    """Where."""
    model: ModelId
    """Whose answer is taken."""
    verdict: str
    """How it came about, in a few words."""


class NodeFinished(RunEvent, frozen=True, kw_only=True, tag="node_finished"):
    """A step has its value."""

    node: NodePath
    """Which."""
    cost_usd: float = 0.0
    """What it cost, in US dollars."""
    unpriced: int = 0
    """How many of its calls had a model, or a component, whose price is unknown."""
    tokens: int = 0
    """Tokens generated."""


class NodeFailed(RunEvent, frozen=True, kw_only=True, tag="node_failed"):
    """A step ended without a value."""

    node: NodePath
    """Which."""
    error: str
    """Why."""
    optional: bool = False
    """Whether the run goes on."""


class MapProgress(RunEvent, frozen=True, kw_only=True, tag="map_progress"):
    """A long map has come further; told about a hundred times."""

    node: NodePath
    """Which."""
    done: int
    """Items that have ended."""
    total: int
    """Items in all."""
    failed: int = 0
    """How many of those that ended failed."""


class BudgetWarning(RunEvent, frozen=True, kw_only=True, tag="budget"):
    """Four fifths of the budget are spent or reserved."""

    spent_usd: float
    """Spent and reserved so far."""
    limit_usd: float
    """The budget."""
    reserved_usd: float = 0.0
    """What of that is set aside for calls under way, which may come back."""


class RunEnded(RunEvent, frozen=True, kw_only=True, tag="run_ended"):
    """The run is over; the last event."""

    outcome: str
    """How it ended."""
    cost_usd: float = 0.0
    """What it cost, in US dollars."""


Event = (
    RunStarted
    | NodeStarted
    | Tokens
    | NodeRetried
    | NodeHedged
    | NodeCached
    | MemberAnswered
    | CascadeDecided
    | NodeFinished
    | NodeFailed
    | MapProgress
    | BudgetWarning
    | RunEnded
)
"""Every event."""
