"""What holds of every run, however it went and ended."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import pytest

from nubem_jupyter.core.check import sources_of
from nubem_jupyter.core.event import NodeFailed, NodeFinished, NodeStarted, RunEnded, RunStarted
from nubem_jupyter.core.run import NodeState
from nubem_jupyter.core.work import Input


def check_events(run, before=frozenset(), forgiven=frozenset()):
    """The stream tells a run from its one begin to its one end, in the order of time, and no step out of turn.

    What had finished ``before`` the run went on is neither begun nor finished again. What was ``forgiven`` then, since
    it had failed and was gone on without, stands as nothing or is tried again, and never first the one and then the
    other.
    """
    log = run.log
    assert isinstance(log[0], RunStarted)
    assert isinstance(log[-1], RunEnded)
    assert Counter(isinstance(event, RunStarted | RunEnded) for event in log)[True] == 2
    for event, later in itertools.pairwise(log):
        assert event.at_s <= later.at_s, (event, later)
    assert log[-1].outcome == str(run.outcome)
    assert log[-1].cost_usd == run.cost_usd
    _check_order(run, before, forgiven)


def _check_order(run, before, forgiven):
    nodes = dict(run.plan.flow.walk())
    begun, ended, finished, nothing = set(), set(before), Counter(before), set()
    for event in log_of_nodes(run):
        node = nodes[place_of(event.node)]
        if isinstance(event, NodeStarted):
            begun.add(event.node)
            assert event.node not in nothing, f"{event.node} was tried again after something had gone on without it"
            missing = {path for path in sources_at(event.node, node, nodes) if path not in ended}
            assert missing <= forgiven - begun, f"{event.node} started before {missing}"
            nothing |= missing
            assert event.node not in ended, f"{event.node} started after it had ended"
        else:
            ended.add(event.node)
            finished[event.node] += isinstance(event, NodeFinished)
            works_outside = str(node.kind) in {"model", "code", "component"}
            assert event.node in begun or not works_outside, f"{event.node} ended before it started"
    assert max(finished.values(), default=0) <= 1


def log_of_nodes(run):
    return [event for event in run.log if isinstance(event, NodeStarted | NodeFinished | NodeFailed)]


def place_of(path):
    """Write a path as a place: ``m[3]/t`` is done where ``m/body/t`` stands."""
    return re.sub(r"\[\d+\]", "/body", path)


def sources_at(path, node, nodes):
    """Return the paths that the node reads, inputs aside: those are given."""
    head, slash, _ = path.rpartition("/")
    for source in sources_of(node):
        found = head + slash + source
        if not isinstance(nodes[place_of(found)].work, Input):
            yield found


def check_record(run, recorded, before=frozenset()):
    """Each step is there once, and the store has the same run."""
    assert max(Counter(node.path for node in run.nodes).values(), default=1) == 1
    told = {event.node for event in run.log if isinstance(event, NodeFinished)}
    assert before | told == finished_in(run)
    assert recorded == run


def finished_in(run):
    """Return the paths of the nodes that have their value."""
    return frozenset(node.path for node in run.nodes if node.state is NodeState.FINISHED)


def check_money(run, provider, ledger):
    """What is on record is what the ledger paid and no less than what the provider billed; nothing passes the limit."""
    assert run.cost_usd == pytest.approx(ledger.spent_usd)
    assert provider.billed_usd <= run.cost_usd + 1e-9
    if not any(node.estimated for node in run.nodes):
        assert run.cost_usd == pytest.approx(provider.billed_usd)
    assert ledger.committed_usd == pytest.approx(ledger.spent_usd), "nothing is set aside any more"
    if ledger.limit_usd is not None:
        assert ledger.beyond_usd <= 1e-9
        assert ledger.most_usd <= ledger.limit_usd * (1 + 1e-9)
        assert provider.billed_usd <= ledger.limit_usd * (1 + 1e-9)
