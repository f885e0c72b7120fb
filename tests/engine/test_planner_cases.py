"""Requests in five languages become flows that contain what was asked for, in order, side by side and within limits."""

import json
import os
from pathlib import Path

import networkx as nx
import pytest

from nubem_jupyter.engine.planner import draft_flow

_DATA = Path(os.environ.get("NUBEM_SHARED_DATA", "../shared/data")) / "plan_cases.jsonl"
_OWN = Path(__file__).with_name("plan_requests.jsonl")
_FIELDS = {"max_cost": "max_cost_usd", "max_latency": "max_latency_s"}


def _load(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _problems(case):
    draft = draft_flow(case["request"])
    graph = draft.flow.to_networkx()
    capabilities = {node.id: node.capability for node in draft.flow.nodes if node.capability}

    def of(name):
        return [node for node, capability in capabilities.items() if capability == name]

    def reaches(one, other):
        return one != other and nx.has_path(graph, one, other)

    def apart(one, other):
        return one != other and not reaches(one, other) and not reaches(other, one)

    found = [f"language {draft.language}"] * (draft.language != case["lang"])
    found += [f"needs {name}" for name in case["needs"] if not of(name)]
    found += [
        f"order {first} > {then}"
        for first, then in case["order"]
        if not any(reaches(one, other) for one in of(first) for other in of(then))
    ]
    found += [
        f"parallel {first} | {second}"
        for first, second in case["parallel"]
        if not any(apart(one, other) for one in of(first) for other in of(second))
    ]
    found += [
        f"constraint {name}"
        for name, value in case["constraints"].items()
        if draft.constraints.get(_FIELDS.get(name, name)) != value
    ]
    return found


@pytest.mark.parametrize("case", _load(_OWN), ids=lambda case: case["id"])
def test_a_request_becomes_the_flow_that_it_describes(case):
    assert _problems(case) == []


@pytest.mark.skipif(not _DATA.exists(), reason="the shared planning cases are not on this machine")
def test_nearly_all_shared_cases_are_planned_right():
    cases = _load(_DATA)
    wrong = {case["id"]: found for case in cases if (found := _problems(case))}
    assert len(wrong) <= len(cases) * 0.05, wrong
