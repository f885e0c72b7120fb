"""A cascade stands beside the models of a step, where each of its members may do the step and it keeps the limits."""

import msgspec
import pytest

from nubem_jupyter.core.cascade import CascadePlan, LearnedCascade, Member, Verdict
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import Evidence
from nubem_jupyter.core.plan import Range
from nubem_jupyter.engine.estimator import estimate
from nubem_jupyter.engine.router import route
from nubem_jupyter.testing import scripted_model

A, B, C = "s/a", "s/b", "t/large"


def model(name, *, price=0.0, right=0.7, **fields):
    measured = [("classify", right, 200)]
    return scripted_model(name, usd_per_token=price, tokens_per_s=100.0, right=measured, **fields)


MODELS = (model(A, price=1e-6), model(B, price=1e-6), model(C, price=1e-4, right=0.85, local=False))


def learned(*models, at_once=1, asked=None, right=0.9):
    members = tuple(Member(model=name, sample=models[:place].count(name)) for place, name in enumerate(models))
    verdicts = {"aa": Verdict(member=0, chance=0.95)}
    evidence = Evidence(capability="classify", n=200, score_sum=right * 200, source="here", date="2030-01-01")
    shares = asked or (1.0,) * at_once + (0.5,) * (len(models) - at_once)
    return LearnedCascade(
        cascade=CascadePlan(members=members, at_once=at_once, verdicts=verdicts), asked=shares, evidence=evidence
    )


def flow(**fields):
    return Flow.build().input("x").model("label", "{x}?", capability="classify", max_tokens=20, **fields).output()


def chosen(*cascades, listed=MODELS, made=None, **limits):
    constraints = Constraints(**limits)
    return route(made or flow(), listed, constraints, cascades={"label": cascades})["label"]


def names(choice):
    return [one.model for one in (choice.chosen, *choice.alternatives)]


def test_one_that_is_surer_than_every_model_is_chosen_and_says_on_what_it_rests():
    choice = chosen(learned(A, B, C))
    assert choice.model == "s/a then s/b then t/large"
    assert choice.chosen.cascade.models == (A, B, C)
    assert "180 of 200 right" in choice.reason
    reasons = {one.model: one.reason for one in choice.alternatives}
    assert reasons[A] == "140 of 200 right, against 180 of 200 right by the surest cascade"
    assert set(names(choice)) == {choice.model, A, B, C}


def test_what_replaying_lets_expect_of_it_is_no_count_of_right_answers():
    one = learned(A, B, C)
    replayed = msgspec.structs.replace(one, evidence=msgspec.structs.replace(one.evidence, replayed=True))
    choice = chosen(replayed)
    assert "0.90 expected from replaying 200 cases" in choice.reason
    assert "right" not in choice.reason.replace("140 of 200 right", "")


def test_one_that_is_no_better_is_an_alternative_with_its_reason():
    choice = chosen(learned(A, B, C, right=0.5))
    assert choice.model == C
    (other,) = [one for one in choice.alternatives if one.cascade]
    assert other.feasible
    assert "100 of 200 right" in other.reason


@pytest.mark.parametrize(
    "limits", [{"local_only": True}, {"region": "eu"}, {"models": (A, B)}, {"require": ("vision",)}]
)
def test_every_member_must_be_allowed_to_do_the_step(limits):
    sees = msgspec.structs.replace(MODELS[0], features=("vision",))
    assert not any(one.cascade for one in chosen(learned(A, B, C), listed=(sees, *MODELS[1:]), **limits).in_turn)


def test_one_with_a_member_that_nobody_lists_or_that_has_no_key_is_left_out():
    assert not any(" then " in name for name in names(chosen(learned(A, "s/gone"))))
    unset = [msgspec.structs.replace(one, available=one.id != B, missing="a key") for one in MODELS]
    assert not any(" then " in name for name in names(chosen(learned(A, B), listed=unset)))


def test_quality_is_that_of_the_whole_and_not_of_each_member():
    assert chosen(learned(A, B), min_quality=0.88).model == "s/a then s/b"


def test_the_most_that_it_may_cost_has_to_keep_the_budget():
    free = chosen(learned(A, B, C))
    most_usd = free.chosen.cost_usd.high
    singles = [one.cost_usd.high for one in chosen().in_turn]
    assert most_usd == pytest.approx(sum(singles))
    assert chosen(learned(A, B, C), max_cost_usd=most_usd * 1.001).model == free.model
    assert chosen(learned(A, B, C), max_cost_usd=most_usd * 0.999).model == C


def test_members_at_once_take_as_long_as_the_slowest_and_at_most_as_long_as_all():
    series, beside = (chosen(learned(A, B, C, at_once=n)).chosen for n in (1, 2))
    one = chosen(listed=MODELS[:1]).chosen.latency_s
    assert beside.latency_s.value == pytest.approx(1.5 * one.value)
    assert series.latency_s.value == pytest.approx(2 * one.value)
    assert beside.latency_s == Range(low=one.low, value=beside.latency_s.value, high=3 * one.high)
    assert beside.cost_usd.low > series.cost_usd.low


def test_what_it_takes_beside_its_members_mean_calls_is_that_of_the_cases_it_was_learned_from():
    plain = chosen(learned(A, B, C, at_once=2)).chosen
    other = msgspec.structs.replace(learned(A, B, C, at_once=2), dearer=1.2, slower=1.3)
    candidate = chosen(other).chosen
    assert candidate.cost_usd.value == pytest.approx(1.2 * plain.cost_usd.value)
    assert candidate.latency_s.value == pytest.approx(1.3 * plain.latency_s.value)
    assert (candidate.cost_usd.high, candidate.latency_s.high) == (plain.cost_usd.high, plain.latency_s.high)
    beyond = msgspec.structs.replace(other, dearer=1e9, slower=0.0)
    (extreme,) = [one for one in chosen(beyond).in_turn if one.cascade]
    assert extreme.cost_usd.value == extreme.cost_usd.high
    assert extreme.latency_s.value == extreme.latency_s.low


def test_what_is_unknown_of_a_member_is_unknown_of_the_whole():
    unknown = (MODELS[0], msgspec.structs.replace(MODELS[1], price=None, speed=None), MODELS[2])
    (candidate,) = [one for one in chosen(learned(A, B), listed=unknown).in_turn if one.cascade]
    assert (candidate.cost_usd, candidate.latency_s) == (None, None)


def test_one_model_is_asked_again_only_where_it_draws_by_chance():
    thrice = learned(A, A, A)
    assert not any(one.cascade for one in chosen(thrice).in_turn)
    assert chosen(thrice, made=flow(temperature=0.7)).model == "s/a then 2 × s/a"


def test_the_whole_run_keeps_its_limit_by_taking_a_model_instead():
    two = Flow.build().input("x")
    for name in ("one", "two"):
        two = two.model(name, "{x}?", capability="classify", max_tokens=20)
    made = two.join("both", ["one", "two"]).output("both")
    cascades = {place: (learned(A, B, C),) for place in ("one", "two")}
    free = route(made, MODELS, Constraints(), cascades=cascades)
    most_usd = estimate(made, free).cost_usd.high
    within = route(made, MODELS, Constraints(max_cost_usd=most_usd * 0.9), cascades=cascades)
    assert estimate(made, within).cost_usd.high <= most_usd * 0.9
    assert sum(choice.chosen.cascade is not None for choice in within.values()) == 1


def test_a_place_without_any_is_as_it_was():
    assert chosen() == route(flow(), MODELS, Constraints())["label"]
