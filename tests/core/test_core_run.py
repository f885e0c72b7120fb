"""A run adds up what its steps took, shows them in order, and tells its events again."""

import json
import math

import pytest
from hypothesis import given

from nubem_jupyter.core import wire
from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.event import RunEnded, RunStarted
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Failure, NodeRun, NodeState, Outcome, Rest, Run
from nubem_jupyter.errors import BudgetError, CancelledRunError, DeadlineError, NodeError, RunError
from nubem_jupyter.testing.strategies import runs

PLAN = Plan(flow=Flow.build().input("a").output())
NODES = (
    NodeRun(path="b", kind="model", state="finished", started_s=2.0, ended_s=5.0, cost_usd=0.1, value=[1]),
    NodeRun(
        path="a",
        kind="code",
        capability="run_code",
        state=NodeState.FAILED,
        started_s=1.0,
        ended_s=2.0,
        cost_usd=0.2,
        usage=Usage(input_tokens=3, output_tokens=4),
    ),
)


def run(**fields) -> Run:
    return Run(**{"id": "r1", "plan": PLAN, "outcome": Outcome.FINISHED, "nodes": NODES} | fields)


def test_steps_are_traced_in_the_order_in_which_they_began():
    assert [node.path for node in run().trace] == ["a", "b"]
    assert [node.latency_s for node in run().trace] == [1.0, 3.0]


def test_costs_and_tokens_add_up_with_what_the_plan_cost():
    dear = Plan(flow=PLAN.flow, spent_usd=0.3)
    assert run(plan=dear).cost_usd == pytest.approx(0.6)
    assert run().usage == Usage(input_tokens=3, output_tokens=4)
    assert (run(nodes=()).cost_usd, run(nodes=()).usage) == (0.0, Usage())


@given(runs())
def test_the_frame_has_one_row_a_step_and_the_same_sums(made):
    frame = made.frame
    assert list(frame["node"]) == [node.path for node in made.trace]
    assert math.isclose(made.plan.spent_usd + sum(frame["cost_usd"]), made.cost_usd, rel_tol=1e-9)
    assert (int(sum(frame["input_tokens"])), int(sum(frame["output_tokens"]))) == (
        made.usage.input_tokens,
        made.usage.output_tokens,
    )


def test_the_frame_has_these_columns_even_without_steps():
    for made in (run(), run(nodes=())):
        assert list(made.frame.columns) == [
            "node", "kind", "capability", "state", "model", "cost_usd", "latency_s",
            "input_tokens", "output_tokens", "tries", "cached", "value", "reason",
        ]  # fmt: skip


def test_a_frames_row_shows_the_step_as_it_was():
    row = run().frame.iloc[0]
    assert not row["cached"]
    assert (row["node"], row["state"], row["capability"], row["latency_s"]) == ("a", "failed", "run_code", 1.0)


async def test_events_come_again_in_order():
    log = (RunStarted(run="r1", at_s=0.0, nodes=2), RunEnded(run="r1", at_s=5.0, outcome="finished"))
    assert [event async for event in run(log=log).events()] == list(log)


def test_a_runs_inputs_cannot_be_changed_and_do_not_follow_their_giver():
    given_inputs = {"a": 1}
    made = run(inputs=given_inputs)
    given_inputs["a"] = 2
    assert made.inputs == {"a": 1}
    with pytest.raises(TypeError, match="frozen value"):
        made.inputs["a"] = 3


def test_a_finished_run_is_given_back():
    made = run()
    assert made.raise_for_outcome() is made


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (Outcome.FAILED, NodeError),
        (Outcome.CANCELLED, CancelledRunError),
        (Outcome.OVER_BUDGET, BudgetError),
        (Outcome.OVER_TIME, DeadlineError),
        (Outcome.RUNNING, RunError),
    ],
)
def test_a_run_that_did_not_finish_raises_what_the_user_was_told(outcome, error):
    failure = Failure(code=error.code, message="it went wrong", hint="try again")
    with pytest.raises(error, match="it went wrong") as caught:
        run(outcome=outcome, failure=failure).raise_for_outcome()
    assert (type(caught.value), caught.value.hint) == (error, "try again")
    with pytest.raises(error, match=f"the run is {outcome}"):
        run(outcome=outcome).raise_for_outcome()


def test_a_map_that_went_on_without_some_items_is_read_from_plain_values_too():
    """JSON has no numbers as keys, and a run is read from rows by way of plain values."""
    failed = NodeRun(
        path="m", kind="map", state=NodeState.FINISHED, item_failures={3: Failure(code="x", message="broke")}
    )
    run = Run(id="r1", plan=PLAN, outcome=Outcome.FINISHED, nodes=(failed,))
    assert wire.read(json.loads(wire.dump(run)), Run) == run


def test_steps_that_are_not_at_hand_are_added_up():
    rest = Rest()
    for node in NODES:
        rest = rest.plus(node)
    assert (rest.nodes, rest.usage) == (2, Usage(input_tokens=3, output_tokens=4))
    assert rest.cost_usd == pytest.approx(0.3)
    run = Run(id="r1", plan=PLAN, outcome=Outcome.FINISHED, nodes=NODES, rest=rest)
    assert run.cost_usd == pytest.approx(0.6)
    assert run.usage == Usage(input_tokens=6, output_tokens=8)
