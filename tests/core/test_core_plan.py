"""A plan explains its choices, and is frozen with all that it holds."""

import copy
import pickle

import pytest
from hypothesis import given

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.errors import UsageError
from nubem_jupyter.testing.strategies import plans

FLOW = Flow.build().input("text").model("draft", "{text}").model("polish", "{draft}").output()


def chosen(model: str, reason: str, *others: tuple[str, str]) -> Choice:
    rest = tuple(Candidate(model=name, feasible=False, reason=why) for name, why in others)
    return Choice(chosen=Candidate(model=model, reason=reason), alternatives=rest)


PLAN = Plan(
    flow=FLOW,
    route={
        "draft": chosen("local/a", "the cheapest", ("local/b", "too slow"), ("openai/c", "data may not leave")),
        "polish": chosen("local/b", "the best"),
    },
    explanation="Draft, then polish.",
)


def test_a_choice_shows_its_model_and_reason():
    assert (PLAN.route["draft"].model, PLAN.route["draft"].reason) == ("local/a", "the cheapest")


def test_one_steps_explanation_names_the_model_and_why_not_the_others():
    assert PLAN.explain("draft").splitlines() == [
        "draft: local/a, the cheapest",
        "  not local/b: too slow",
        "  not openai/c: data may not leave",
    ]


def test_the_whole_explanation_says_how_the_request_was_read_and_every_choice():
    assert PLAN.explain() == "Draft, then polish.\n" + PLAN.explain("draft") + "\n" + PLAN.explain("polish")
    assert Plan(flow=FLOW).explain() == ""


@pytest.mark.parametrize(
    ("plan", "node", "hint"),
    [
        (PLAN, "drafft", "did you mean 'draft'?"),
        (PLAN, "zzz", "models are chosen for: draft polish"),
        (Plan(flow=FLOW), "draft", "this plan calls no model"),
    ],
)
def test_a_step_without_a_model_is_refused_with_a_hint(plan, node, hint):
    with pytest.raises(UsageError, match=f"no model is chosen for '{node}'") as caught:
        plan.explain(node)
    assert caught.value.hint == hint


@given(plans())
def test_a_plan_is_frozen_and_can_be_hashed_and_copied(plan):
    with pytest.raises(TypeError, match="frozen value"):
        plan.route["x"] = PLAN.route["draft"]
    with pytest.raises(AttributeError):
        plan.flow = FLOW
    assert copy.deepcopy(plan) == pickle.loads(pickle.dumps(plan)) == plan
    assert hash(copy.deepcopy(plan)) == hash(plan)


def test_those_asked_in_turn_are_the_chosen_one_and_what_may_take_its_place():
    other, unfit = Candidate(model="echo/b"), Candidate(model="echo/c", feasible=False)
    choice = Choice(chosen=Candidate(model="echo/a", reason="best"), alternatives=(unfit, other))
    assert [candidate.model for candidate in choice.in_turn] == ["echo/a", "echo/b"]
    assert (choice.model, choice.reason) == ("echo/a", "best")
