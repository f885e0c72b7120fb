"""Who may stand in for a model that fails keeps the run within its budget too."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price
from nubem_jupyter.core.plan import Candidate, Choice, Range
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.estimator import estimate, known_sizes, most_cost
from nubem_jupyter.engine.router import route
from nubem_jupyter.errors import InfeasibleError
from nubem_jupyter.testing.strategies import flows

TWO = Flow.build().input("t").model("first", "{t}", max_tokens=1).model("second", "{first}", max_tokens=1).output()


def model(name, price, right):
    figure = Figure(value=price, source="listed in a test")
    evidence = Evidence(capability="answer", n=40, score_sum=right, source="suite", date="2026-01-01")
    return ModelInfo(
        id=ModelId(name),
        provider="a",
        price=Price(input_usd=Figure(value=0.0, source="listed in a test"), output_usd=figure),
        evidence=(evidence,),
    )


MODELS = [model("a/dear", 1.0, 20), model("a/fair", 0.5, 39), model("a/cheap", 0.1, 10)]


def stand_ins(found):
    return {place: [one.model for one in choice.in_turn[1:]] for place, choice in found.items()}


def test_without_a_budget_all_may_stand_in():
    found = route(TWO, MODELS, Constraints(prefer="quality"))
    assert stand_ins(found) == {"first": ["a/dear", "a/cheap"], "second": ["a/dear", "a/cheap"]}


def test_what_the_chosen_models_leave_is_shared_out_in_turn():
    """1.6 dollars: both steps are done for one, and one of them may come to 1."""
    found = route(TWO, MODELS, Constraints(prefer="quality", max_cost_usd=1.6))
    assert stand_ins(found) == {"first": ["a/dear", "a/cheap"], "second": ["a/cheap"]}
    (refused,) = [one for one in found["second"].alternatives if not one.feasible]
    assert refused.reason.endswith("to stand in for a model that fails it could take the run over max_cost $1.6")
    assert found["second"].alternatives[-1] is refused


def test_a_budget_that_is_spent_leaves_those_that_are_no_dearer():
    found = route(TWO, MODELS, Constraints(prefer="quality", max_cost_usd=1.0))
    assert stand_ins(found) == {"first": ["a/cheap"], "second": ["a/cheap"]}


prices = st.floats(0.01, 2.0)


@settings(deadline=None)
@given(st.lists(st.tuples(prices, st.integers(0, 40)), min_size=1, max_size=6), st.floats(0.02, 6.0))
def test_with_the_dearest_of_each_chain_the_run_keeps_its_budget(listed, most):
    models = [model(f"a/{number}", price, right) for number, (price, right) in enumerate(listed)]
    try:
        found = route(TWO, models, Constraints(max_cost_usd=most))
    except InfeasibleError:
        return
    worst = {
        place: Choice(chosen=max(choice.in_turn, key=lambda one: one.cost_usd.high)) for place, choice in found.items()
    }
    assert estimate(TWO, worst).cost_usd.high <= most


@settings(deadline=None, max_examples=60)
@given(flows(max_steps=6, depth=2))
def test_the_most_that_a_flow_costs_is_the_high_end_of_its_estimate(flow):
    places = [place for place, node in flow.walk() if isinstance(node.work, Prompt)]
    assume(places)
    amounts = {place: 1.0 + number / 4 for number, place in enumerate(places)}
    chosen = {
        place: Choice(chosen=Candidate(model=ModelId("a/x"), cost_usd=Range(low=0.0, value=0.0, high=amount)))
        for place, amount in amounts.items()
    }
    assert most_cost(flow, amounts, known_sizes(flow, {}).items) == pytest.approx(estimate(flow, chosen).cost_usd.high)


def test_maps_loops_and_branches_count_as_in_an_estimate():
    def body(name, given):
        return Flow.build(name).input(given).model("say", f"{{{given}}}").output()

    flow = (
        Flow.build()
        .input("items", type="list")
        .map("each", body("body", "item"), over="items")
        .branch("fork", "each", [(Condition(operator="truthy"), body("way", "value"))])
        .output()
    )
    amounts = {"each/body/say": 2.0, "fork/case1/say": 1.0}
    assert most_cost(flow, amounts, {"each": 3}) == 7.0
    assert most_cost(flow, {}, {}) == 0.0
