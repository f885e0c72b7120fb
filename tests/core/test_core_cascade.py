"""A cascade is a frozen part of a plan, with a name that tells whom it asks, and in which order."""

import pytest

from nubem_jupyter.core import wire
from nubem_jupyter.core.cascade import CascadePlan, Member, Verdict, Weights
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.errors import FlowError


def cascade(*models, at_once=1, **verdicts):
    """Members in their order; a model that comes again is asked for another answer."""
    members = tuple(Member(model=model, sample=models[:place].count(model)) for place, model in enumerate(models))
    return CascadePlan(members=members, at_once=at_once, verdicts=verdicts)


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (cascade("x/a", "x/b"), "x/a then x/b"),
        (cascade("x/a", "x/b", "y/c", at_once=2), "x/a + x/b then y/c"),
        (cascade("x/a", "x/a", "x/a", at_once=3), "3 × x/a"),
        (cascade("x/a", "x/b", "x/b", "y/c"), "x/a then 2 × x/b then y/c"),
    ],
)
def test_its_name_tells_who_is_asked_at_once_and_who_later(made, name):
    assert made.name == name


@pytest.mark.parametrize(
    ("models", "fields", "says"),
    [
        (("x/a",), {"at_once": 2}, "cascade of 1 members cannot ask 2"),
        (("x/a",), {"at_once": 0}, "cannot ask 0"),
        ((), {}, "cascade of 0 members"),
        (("x/a", "x/b"), {"aa": Verdict(member=7, chance=0.9)}, "the verdict on 'aa' takes the answer of member 7"),
        (("x/a", "x/b"), {"a": Verdict(member=1, chance=0.9)}, "member 1, who has none there"),
        (("x/a", "x/b"), {"aaa": Verdict(member=0, chance=0.9)}, "the verdict on 'aaa'"),
        (("x/a", "x/b"), {"aa": Verdict(member=-1, chance=0.9)}, "member -1"),
    ],
)
def test_one_that_cannot_be_asked_as_it_says_is_refused(models, fields, says):
    with pytest.raises(FlowError, match=says):
        cascade(*models, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"weights": (Weights(votes=(1.0,), against=0.0),)},
        {"weights": (Weights(votes=(1.0,), against=0.0), Weights(votes=(1.0,), against=0.0))},
        {"skills": (0.5,)},
        {"telling": {"d": "A"}},
    ],
    ids=["too few", "of too few members", "a skill missing", "none for an answer that tells"],
)
def test_weights_fit_the_members(fields):
    members = (Member(model="x/a"), Member(model="x/b"))
    right = {
        "weights": tuple(Weights(votes=(1.0,) * count, against=0.0) for count in (1, 2)),
        "skills": (0.5, 0.5),
    }
    assert CascadePlan(members=members, **right)
    with pytest.raises(FlowError, match="the weights of a cascade of 2 members do not fit"):
        CascadePlan(members=members, **right | fields)


def test_there_is_a_chance_to_be_sure_by_for_each_number_of_answers_but_the_last_or_none():
    members = tuple(Member(model=name) for name in ("x/a", "x/b", "x/c"))
    for sure in ((), (0.9,)):
        assert CascadePlan(members=members, at_once=2, sure=sure)
    with pytest.raises(FlowError, match="a cascade of 3 members cannot be sure by 2 chances"):
        CascadePlan(members=members, at_once=2, sure=(0.9, 0.8))


def test_a_stored_plan_with_such_a_one_is_refused_with_the_same_words():
    route = {"a": Choice(chosen=Candidate(model="x/a", cascade=cascade("x/a")))}
    stored = wire.dump(Plan(flow=Flow.build().model("a", "hello").output(), route=route))
    broken = stored.replace('"cascade":{', '"cascade":{"at_once":3,')
    assert broken != stored
    with pytest.raises(FlowError, match="cannot ask 3 of them at once"):
        wire.load(broken, Plan)


def test_a_candidate_tells_every_model_that_it_may_ask_once():
    asked = cascade("x/a", "x/a", "y/c")
    assert Candidate(model=asked.name, cascade=asked).models == ("x/a", "y/c")
    assert Candidate(model="x/a").models == ("x/a",)


def test_a_plan_with_one_is_the_same_after_it_was_stored():
    asked = cascade("x/a", "x/b", aa=Verdict(member=0, chance=0.9))
    route = {"a": Choice(chosen=Candidate(model=asked.name, cascade=asked))}
    plan = Plan(flow=Flow.build().model("a", "hello").output(), route=route)
    assert wire.load(wire.dump(plan), Plan) == plan
    with pytest.raises(TypeError):
        plan.route["a"].chosen.cascade.verdicts["ab"] = Verdict(member=1, chance=0.1)
