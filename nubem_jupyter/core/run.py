"""A run: what happened to every step, what it cost and how long it took."""

from __future__ import annotations

import functools
import math
from collections.abc import AsyncIterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.event import Event
from nubem_jupyter.core.frozen import freeze_fields
from nubem_jupyter.core.ids import ModelId, NodePath, RunId
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.similar import FalseHits
from nubem_jupyter.core.wire import stored
from nubem_jupyter.errors import BudgetError, CancelledRunError, DeadlineError, NodeError, RunError

if TYPE_CHECKING:
    import pandas as pd


class Outcome(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    """Not yet; in the store it may also mean that its process died."""
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    OVER_BUDGET = "over_budget"
    OVER_TIME = "over_time"


class NodeState(StrEnum):
    """What became of a node."""

    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An error as a record: what the user was told."""

    code: str
    """The error class's stable code."""
    message: str
    """What went wrong."""
    hint: str = ""
    """How to mend it."""
    detail: str = ""
    """All that was written about it, such as a program's traceback; for the run's record, too long to be told."""


class MemberRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What came of asking one member of a cascade."""

    place: int
    """Its place in the order of asking."""
    model: ModelId
    """Who was asked."""
    deployment: ModelId | None = None
    """Which of the model's deployments answered, where calls are spread over several."""
    call: str
    """Digest of what was asked."""
    value: Any = None
    """What it gave; None where it failed."""
    failure: Failure | None = None
    """Why it has no answer."""
    usage: Usage = Usage()
    """Tokens of all its tries."""
    cost_usd: float = 0.0
    """US dollars of all its tries."""
    unpriced: int = 0
    """How many of its calls had a model whose price is unknown."""
    latency_s: float = 0.0
    """Seconds that it took, waiting included."""
    first_token_s: float | None = None
    """Seconds from its call's beginning to its first text."""
    cached: bool = False
    """Whether its answer was at hand."""
    agreed: bool = False
    """Whether its answer is the one that was taken, or says the same."""


class NodeRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What happened at one node; inside maps and loops one record each time."""

    path: NodePath
    """Where: node ids from the outermost flow in, items and rounds in brackets."""
    kind: str
    """The node's kind."""
    capability: str = ""
    """The node's capability."""
    state: NodeState
    """What became of it."""
    value: Any = None
    """What it gave."""
    model: ModelId | None = None
    """The model that answered; of a cascade the one whose answer was taken."""
    deployment: ModelId | None = None
    """Which of the model's deployments answered, where calls are spread over several."""
    members: tuple[MemberRun, ...] = ()
    """Whom a cascade asked, in the order of asking; what they took is in the step's own figures."""
    prompt: str = ""
    """The last user turn as it was sent."""
    reason: str = ""
    """Why that model, in a sentence."""
    usage: Usage = Usage()
    """Tokens of all tries together."""
    cost_usd: float = 0.0
    """US dollars of all tries together, from the provider's usage and the listed price."""
    others_usd: float = 0.0
    """US dollars of those that went to models asked after the first one in turn."""
    unpriced: int = 0
    """How many of its calls had a model, or a component, whose price is unknown: it is not in ``cost_usd``."""
    started_s: float = 0.0
    """Seconds from the run's start."""
    ended_s: float = 0.0
    """Seconds from the run's start."""
    estimated: bool = False
    """Whether usage and cost are the most that they can be: a call ended before its provider told."""
    call_s: float | None = None
    """Seconds of the answering call by its provider's count, without waiting for a place or loading a model."""
    first_token_s: float | None = None
    """Seconds from that call's beginning to its first text."""
    tries: int = 1
    """How many calls were made."""
    refusals: int = 0
    """How often its provider's limit kept a call away for a while."""
    hedges: int = 0
    """How many more calls were made because the first was late."""
    cached: bool = False
    """Whether the value was at hand from an equal call made before, or made at the same time by another step."""
    saved_usd: float = 0.0
    """US dollars that the call cost when it was made, where the value was at hand."""
    similarity: float | None = None
    """How alike the call was whose answer was given, where that was one worded otherwise; see ``Prompt.similar``."""
    false_hits: FalseHits | None = None
    """How often such an answer had been wrong when this one was given."""
    finish_reason: str = ""
    """``length`` when the answer was cut off."""
    failure: Failure | None = None
    """Why it failed."""
    item_failures: Mapping[int, Failure] = {}
    """Of a map that went on without failed items: item, counted from 0 -> why it failed."""

    @property
    def latency_s(self) -> float:
        """Seconds that it took."""
        return self.ended_s - self.started_s


class Rest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What steps add up to whose records are not at hand: a map of 100,000 items has as many; the store has them."""

    nodes: int = 0
    """How many."""
    usage: Usage = Usage()
    """Their tokens."""
    cost_usd: float = 0.0
    """What they cost, in US dollars."""
    unpriced: int = 0
    """How many of their calls had a model, or a component, whose price is unknown."""
    cached: int = 0
    """How many of them were at hand."""
    saved_usd: float = 0.0
    """US dollars that those would have cost."""
    failed_items: int = 0
    """How many items failed of those that were maps."""

    def plus(self, node: NodeRun) -> Rest:
        """Add one step."""
        usage = self.usage + node.usage if node.usage.input_tokens or node.usage.output_tokens else self.usage
        return Rest(
            nodes=self.nodes + 1,
            usage=usage,
            cost_usd=self.cost_usd + node.cost_usd,
            unpriced=self.unpriced + node.unpriced,
            cached=self.cached + node.cached,
            saved_usd=self.saved_usd + node.saved_usd,
            failed_items=self.failed_items + len(node.item_failures),
        )


@stored("nubem.run", 1)
class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run that has ended, or the part of one that is on record."""

    id: RunId
    """Its name in the store."""
    plan: Plan
    """What was to be done."""
    inputs: Mapping[str, Any] = {}
    """Values given to the flow's inputs."""
    outcome: Outcome
    """How it ended."""
    result: Any = None
    """The flow's result; None unless it finished."""
    nodes: tuple[NodeRun, ...] = ()
    """One record a step, in the order in which they ended."""
    rest: Rest | None = None
    """What further steps inside maps and loops add up to; None where ``nodes`` has them all."""
    started_at: str = ""
    """When it began: ISO 8601, UTC."""
    latency_s: float = 0.0
    """Seconds from start to end."""
    failure: Failure | None = None
    """Why it did not finish."""
    log: tuple[Event, ...] = ()
    """The events, with each node's text put together into one."""

    def __post_init__(self) -> None:
        freeze_fields(self, "inputs")

    def __repr__(self) -> str:
        """Say which run it is; one over 100,000 items is too long to be written out wherever something shows it."""
        failed = f", {self.failed_count:,} items failed" if self.failed_count else ""
        return f"<Run {self.id}: {self.outcome}{failed}>"

    @property
    def cost_usd(self) -> float:
        """US dollars of all steps together, and of the plan if a model made it; ``unpriced`` calls are not in it."""
        rest_usd = self.rest.cost_usd if self.rest else 0.0
        return math.fsum([self.plan.spent_usd, rest_usd, *(node.cost_usd for node in self.nodes)])

    @property
    def unpriced(self) -> int:
        """How many calls had a model, or a component, whose price is unknown."""
        return sum(node.unpriced for node in self.nodes) + (self.rest.unpriced if self.rest else 0)

    @property
    def usage(self) -> Usage:
        """Tokens of all steps together."""
        return sum((node.usage for node in self.nodes), self.rest.usage if self.rest else Usage())

    @property
    def steps(self) -> int:
        """How many steps are on record, at hand or not."""
        return len(self.nodes) + (self.rest.nodes if self.rest else 0)

    @property
    def brief(self) -> Run:
        """The run without all that may be large: inputs, result, log, and the steps, of which ``rest`` has the sum."""
        rest = functools.reduce(Rest.plus, self.nodes, self.rest or Rest())
        return msgspec.structs.replace(self, inputs={}, result=None, log=(), nodes=(), rest=rest)

    @property
    def trace(self) -> tuple[NodeRun, ...]:
        """The steps in the order in which they began."""
        return tuple(sorted(self.nodes, key=lambda node: node.started_s))

    @property
    def frame(self) -> pd.DataFrame:
        """One row a node in order of their start, with its model, cost, time, tokens, value and reason."""
        import pandas as pd  # imported late: it is slow

        return pd.DataFrame([_row(node) for node in self.trace], columns=list(_COLUMNS))

    @property
    def failed_count(self) -> int:
        """How many items failed of maps that went on without them; such a run may have finished all the same."""
        return sum(len(node.item_failures) for node in self.nodes) + (self.rest.failed_items if self.rest else 0)

    @property
    def failed_items(self) -> pd.DataFrame:
        """One row a failed item: the map, the item's place counted from 0, and why; its result is None."""
        import pandas as pd  # imported late: it is slow

        failed = [
            (node.path, item, failure.code, failure.message, failure.hint)
            for node in self.nodes
            for item, failure in sorted(node.item_failures.items())
        ]
        return pd.DataFrame(failed, columns=["node", "item", "code", "message", "hint"])

    def raise_for_outcome(self) -> Run:
        """Return the run itself if it finished.

        Raises:
            RunError: or one of its children, saying why it did not.
        """
        if self.outcome is Outcome.FINISHED:
            return self
        failure = self.failure or Failure(code="run", message=f"the run is {self.outcome}")
        raise _ERRORS.get(self.outcome, RunError)(failure.message, hint=failure.hint)

    async def events(self) -> AsyncIterator[Event]:
        """Yield what happened, in order, tokens included."""
        for event in self.log:
            yield event


_ERRORS: dict[Outcome, type[RunError]] = {
    Outcome.FAILED: NodeError,
    Outcome.CANCELLED: CancelledRunError,
    Outcome.OVER_BUDGET: BudgetError,
    Outcome.OVER_TIME: DeadlineError,
}


_COLUMNS = (
    "node", "kind", "capability", "state", "model", "cost_usd", "latency_s",
    "input_tokens", "output_tokens", "tries", "cached", "value", "reason",
)  # fmt: skip


def _row(node: NodeRun) -> dict[str, Any]:
    return {
        "node": node.path,
        "kind": node.kind,
        "capability": node.capability,
        "state": str(node.state),
        "model": node.model,
        "cost_usd": None if node.unpriced else node.cost_usd,
        "latency_s": node.latency_s,
        "input_tokens": node.usage.input_tokens,
        "output_tokens": node.usage.output_tokens,
        "tries": node.tries,
        "cached": node.cached,
        "value": node.value,
        "reason": node.reason,
    }
