"""Writing down what happened at each node of one run."""

from __future__ import annotations

from typing import Any

import msgspec

from nubem_jupyter.core.ids import ModelId, NodePath
from nubem_jupyter.core.paths import around
from nubem_jupyter.core.run import Failure, NodeRun, NodeState, Rest, Run
from nubem_jupyter.core.work import NodeKind
from nubem_jupyter.engine.command import End, Settled, Start
from nubem_jupyter.errors import BudgetError, NodeError, NubemError, ProviderError, UnusableAnswersError
from nubem_jupyter.session.tab import Tab
from nubem_jupyter.session.turns import Turns

MOST_ITEM_NODES = 10_000
"""Records of steps inside maps and loops that a run holds in memory; the store has the others."""


class Records:
    """The node records of one run. What a node's earlier tries used is added to its last one's record."""

    def __init__(self, run: Run, turns: Turns) -> None:
        self._run = run
        self._turns = turns
        self._nodes: dict[NodePath, NodeRun] = {node.path: node for node in run.nodes}
        self._rest = run.rest or Rest()
        self._tries = {node.path: node for node in run.nodes if node.state is not NodeState.FINISHED}
        # A start counts the tries from where the run went on.
        self._earlier = {path: node.tries for path, node in self._tries.items() if node.kind in _CALL}
        self._began: dict[str, float] = {}

    def model_of(self, start: Start) -> ModelId | None:
        """Return the model that this try asks, if one is asked."""
        turns = self._turns.get(start.place)
        return turns[start.choice].model if turns else None

    def may_go_elsewhere(self, start: Start, error: NubemError) -> bool:
        """Tell whether another model may do what this one could not; one that is only tried costs nobody the run."""
        turns = self._turns.get(start.place)
        is_tried = turns is not None and turns[start.choice].tried
        return isinstance(error, _ELSEWHERE) or (is_tried and isinstance(error, NodeError))

    def finished(self, start: Start, tab: Tab, began_s: float, now_s: float, value: Any) -> NodeRun:
        """Write down a node that has its value."""
        node = _written(start, tab, began_s, now_s, _FINISHED, value)
        odd = tab.members or tab.cached or tab.refusals or tab.hedges or tab.estimated or tab.unpriced
        if odd or tab.deployment or start.tries > 1:
            node = msgspec.structs.replace(node, tries=start.tries, others_usd=_others_usd(start, tab), **_seldom(tab))
        return self._keep(node)

    def failed(self, start: Start, tab: Tab, began_s: float, now_s: float, failure: Failure) -> NodeRun:
        """Write down a node that failed."""
        return self._ended_badly(start, tab, began_s, now_s, NodeState.FAILED, failure)

    def stopped(self, start: Start, tab: Tab, began_s: float, now_s: float) -> NodeRun:
        """Write down a node that was cancelled."""
        return self._ended_badly(start, tab, began_s, now_s, NodeState.CANCELLED, None)

    def goes_on(self, node: NodeRun) -> None:
        """Take a try back that another follows: what it used counts for the node's last record."""
        self._tries[node.path] = self._nodes.pop(node.path)

    def left_over(self) -> list[NodeRun]:
        """Write down the nodes whose next try was stopped before it began: what the earlier ones used still counts."""
        left = {
            path: msgspec.structs.replace(node, state=NodeState.CANCELLED, failure=None)
            for path, node in self._tries.items()
            if path not in self._nodes
        }
        self._nodes |= left
        return list(left.values())

    def has_finished(self, path: NodePath) -> bool:
        """Tell whether the node has its value, as far as its record is at hand."""
        return path in self._nodes and self._nodes[path].state is NodeState.FINISHED

    def settled(self, command: Settled, now_s: float) -> NodeRun:
        """Write down a node that needed no work outside, from the begin of the first step inside it on."""
        node = NodeRun(
            path=command.path,
            kind=str(command.node.kind),
            capability=command.node.capability,
            state=NodeState.FAILED if command.failure else NodeState.FINISHED,
            value=command.value,
            failure=command.failure,
            item_failures=dict(command.item_failures),
            started_s=self._began.pop(command.path, now_s),
            ended_s=now_s,
        )
        return self._keep(node)

    def ended(self, end: End, now_s: float) -> Run:
        """Return the run as it ended."""
        rest = self._rest if self._rest.nodes else None
        return msgspec.structs.replace(
            self._run,
            outcome=end.outcome,
            result=end.value,
            failure=end.failure,
            nodes=tuple(self._nodes.values()),
            rest=rest,
            latency_s=now_s,
        )

    def _ended_badly(
        self, start: Start, tab: Tab, began_s: float, now_s: float, state: NodeState, failure: Failure | None
    ) -> NodeRun:
        turns = self._turns.get(start.place)
        node = msgspec.structs.replace(
            _written(start, tab, began_s, now_s, state, None),
            model=tab.model or self.model_of(start),
            reason=tab.reason or (turns[start.choice].reason if turns else ""),
            tries=start.tries,
            failure=failure,
            others_usd=_others_usd(start, tab),
            **_seldom(tab),
        )
        return self._keep(node)

    def _with_tries(self, node: NodeRun, before: NodeRun) -> NodeRun:
        return msgspec.structs.replace(
            node,
            prompt=node.prompt or before.prompt,
            usage=before.usage + node.usage,
            cost_usd=before.cost_usd + node.cost_usd,
            others_usd=before.others_usd + node.others_usd,
            unpriced=before.unpriced + node.unpriced,
            estimated=before.estimated or node.estimated,
            started_s=before.started_s,
            tries=node.tries + self._earlier.get(node.path, 0),
            refusals=before.refusals + node.refusals,
            hedges=before.hedges + node.hedges,
        )

    def _keep(self, node: NodeRun) -> NodeRun:
        """Hold the record, or what it adds up to where there are very many of them inside maps and loops."""
        path = node.path
        if self._tries:
            before = self._tries.pop(path, None)
            if before is not None:
                node = self._with_tries(node, before)
        if "/" in path:
            self._note_begin(path, node.started_s)
            if len(self._nodes) >= MOST_ITEM_NODES and node.state is NodeState.FINISHED and not node.item_failures:
                self._nodes.pop(path, None)
                self._rest = self._rest.plus(node)
                return node
        if path in self._nodes:
            del self._nodes[path]
        self._nodes[path] = node
        return node

    def _note_begin(self, path: NodePath, began_s: float) -> None:
        """Remember when the first step began inside each node around this one."""
        at = path.find("[")
        if at > 0 and path.count("/") == 1:  # one step of a map or loop at the top: of these there are very many
            self._began.setdefault(path[:at], began_s)
            return
        for outer in around(path):
            self._began.setdefault(outer, began_s)


_ELSEWHERE = (ProviderError, BudgetError, UnusableAnswersError)
"""Errors after which another model may do what this one could not."""
_FINISHED = NodeState.FINISHED
_CALL = frozenset({NodeKind.MODEL, NodeKind.CODE, NodeKind.COMPONENT})
"""The kinds of node that ask something outside; the others are made of these."""
_SELDOM = frozenset(
    {
        "unpriced",
        "estimated",
        "refusals",
        "hedges",
        "cached",
        "saved_usd",
        "similarity",
        "false_hits",
        "members",
        "deployment",
    }
)
"""What a tab tells only where something out of the ordinary happened."""
_KINDS: dict[type, str] = {}
"""Type of work -> kind, as text: looking an enum up takes longer than all else that is written down."""


def _written(start: Start, tab: Tab, began_s: float, now_s: float, state: NodeState, value: Any) -> NodeRun:
    """Write down what every try tells. More than fifteen arguments by name would take Python three times as long."""
    return NodeRun(
        path=start.path,
        kind=_kind(start),
        capability=start.step.node.capability,
        state=state,
        value=value,
        model=tab.model,
        prompt=tab.prompt,
        reason=tab.reason,
        usage=tab.usage,
        cost_usd=tab.cost_usd,
        started_s=began_s,
        ended_s=now_s,
        call_s=tab.call_s,
        first_token_s=tab.first_token_s,
        finish_reason=tab.finish_reason,
    )


def _seldom(tab: Tab) -> dict[str, Any]:
    return {name: getattr(tab, name) for name in _SELDOM}


def _others_usd(start: Start, tab: Tab) -> float:
    return tab.cost_usd if start.choice else 0.0


def _kind(start: Start) -> str:
    work = type(start.step.node.work)
    kind = _KINDS.get(work)
    if kind is None:
        kind = _KINDS[work] = str(start.step.node.kind)
    return kind


def failure_of(error: NubemError) -> Failure:
    """Write an error down as a record."""
    detail = error.detail if isinstance(error, NodeError) else ""
    return Failure(code=error.code, message=error.message, hint=error.hint, detail=detail)
