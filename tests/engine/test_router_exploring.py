"""Models of which little is known come up as often as they may be best, within every limit, and never by accident."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.cascade import CascadePlan, LearnedCascade, Member, Verdict
from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.core.plan import Candidate, Choice, Expected, Range
from nubem_jupyter.engine.estimator import estimate
from nubem_jupyter.engine.router import route
from nubem_jupyter.engine.router.exploring import Terms, drawn_chance, explore, uniform
from nubem_jupyter.engine.router.limits import Known, broken
from nubem_jupyter.errors import InfeasibleError

FLOW = Flow.build().input("t").model("step", "{t}", max_tokens=1, check="len(answer) > 3").output()
OPEN = Flow.build().input("t").model("step", "{t}", max_tokens=1).output()
TWO = (
    Flow.build()
    .input("t")
    .model("first", "{t}", max_tokens=1, check="answer")
    .model("second", "{first}", max_tokens=1, check="answer")
    .output()
)


def model(name, right=None, n=20, *, price=0.0, seconds=1.0, weight=1.0):
    def figure(value):
        return Figure(value=value, source="listed in a test")

    known = Evidence(capability="answer", n=n, score_sum=right or 0.0, source="s", date="2026-01-01", weight=weight)
    return ModelInfo(
        id=ModelId(name),
        provider="a",
        price=None if price is None else Price(input_usd=figure(0.0), output_usd=figure(price)),
        speed=None if seconds is None else Speed(first_token_s=figure(seconds), tokens_per_s=figure(1e9)),
        evidence=() if right is None else (known,),
    )


GOOD = model("a/good", 180, 200)
NEW = model("a/new")
BAD = model("a/bad", 60, 200)


def tried(models, seed=0, *, share=1.0, left_usd=0.0, flow=FLOW, calls=None, named=(), **limits):
    constraints = Constraints(models=named, **limits)
    planned = route(flow, models, constraints)
    terms = Terms(share=share, seed=seed, left_usd=left_usd, calls=calls or {})
    return explore(flow, planned, constraints, Known(), terms)


def who(models, seeds=150, **given):
    """How often each model does the step."""
    found = [tried(models, seed, **given)["step"].model for seed in range(seeds)]
    return {name: found.count(name) / seeds for name in set(found)}


def test_a_model_without_evidence_comes_up_and_a_clearly_worse_one_does_not():
    shares = who([GOOD, NEW, BAD])
    # One draw in ten of a uniform chance is above that of a model that is right nine times of ten.
    assert 0.04 < shares["a/new"] < 0.2
    assert "a/bad" not in shares


def test_it_comes_up_as_often_as_it_may_be_the_best():
    """What Thompson sampling is: the share of draws is the chance that the model is the better one."""
    one, other = model("a/one", 8, 10), model("a/other", 6, 10)
    chances = who([one, other], seeds=600)
    points = [(place + 0.5) / 50 for place in range(50)]
    ones, others = ([drawn_chance(_of(info), point) for point in points] for info in (one, other))
    better = sum(x > y for x in others for y in ones) / 50**2
    assert chances["a/other"] == pytest.approx(better, abs=0.06)


def _of(info):
    return Candidate(model=info.id, evidence=info.evidence)


@given(st.integers(0, 2**31), st.text(max_size=5), st.text(max_size=5))
def test_numbers_lie_between_0_and_1_and_follow_from_seed_and_words(seed, one, other):
    number = uniform(seed, one, other)
    assert 0 < number < 1
    assert number == uniform(seed, one, other)


def test_numbers_are_spread_evenly():
    numbers = sorted(uniform(seed, "step") for seed in range(2000))
    furthest = max(abs(number - place / 2000) for place, number in enumerate(numbers))
    assert furthest < 1.63 / math.sqrt(2000)  # Kolmogorov and Smirnov, one in a hundred; the seeds are fixed


@given(st.integers(0, 30), st.integers(0, 30), st.lists(st.floats(0.01, 0.99), min_size=2, max_size=5))
def test_a_greater_number_draws_a_greater_chance_and_more_evidence_a_narrower_range(right, wrong, numbers):
    one = _of(model("a/x", right, right + wrong))
    chances = [drawn_chance(one, number) for number in sorted(numbers)]
    assert all(first <= second for first, second in pairwise(chances))
    more = _of(model("a/x", 100 * right, 100 * (right + wrong)))
    spread = [drawn_chance(few, 0.95) - drawn_chance(few, 0.05) for few in (one, more)]
    assert spread[1] < spread[0] or right + wrong == 0


def test_evidence_that_has_faded_is_drawn_as_less_of_it():
    old, half = _of(model("a/x", 18, 20, weight=0.5)), _of(model("a/x", 9, 10))
    assert drawn_chance(old, 0.3) == pytest.approx(drawn_chance(half, 0.3))


def test_what_others_let_expect_of_a_model_is_drawn_as_so_many_cases():
    expected = Expected(chance=Range(low=0.6, value=0.8, high=0.9), as_cases=5.0, by="size", n=9)
    alone = Candidate(model="a/x", expected=expected)
    assert drawn_chance(alone, 0.3) == pytest.approx(drawn_chance(_of(model("a/x", 4, 5)), 0.3))
    both = Candidate(model="a/x", expected=expected, evidence=model("a/x", 6, 10).evidence)
    assert drawn_chance(both, 0.3) == pytest.approx(drawn_chance(_of(model("a/x", 10, 15)), 0.3))


def test_equal_seeds_give_equal_routes_and_other_seeds_others():
    assert [tried([GOOD, NEW], seed) for seed in range(50)] == [tried([GOOD, NEW], seed) for seed in range(50)]
    assert len({tried([GOOD, NEW], seed)["step"].model for seed in range(50)}) == 2


def test_the_share_says_how_many_steps_are_drawn_at_all():
    everywhere = [seed for seed in range(400) if tried([NEW, model("a/other")], seed)["step"].explored]
    some = [seed for seed in range(400) if tried([NEW, model("a/other")], seed, share=0.25)["step"].explored]
    assert set(some) < set(everywhere)
    assert 0.15 < len(some) / len(everywhere) < 0.35
    assert not [seed for seed in range(50) if tried([GOOD, NEW], seed, share=0.0)["step"].explored]


def test_a_step_that_tries_a_model_says_so_and_can_be_taken_back():
    plain = route(FLOW, [GOOD, NEW, BAD], Constraints())
    seed = next(seed for seed in range(400) if tried([GOOD, NEW, BAD], seed)["step"].model == "a/new")
    choice = tried([GOOD, NEW, BAD], seed)["step"]
    drawn = choice.explored.chance
    assert choice.reason.startswith(
        f"tried so that more is known of it: {drawn:.2f} was drawn for its chance of being right "
        "(no evidence of its quality), against 0."
    )
    assert choice.reason.endswith(" for a/good (180 of 200 right)")
    assert choice.in_turn[1].model == "a/good"
    assert choice.alternatives[0].reason == "would be taken, but a/new is tried this time"
    assert choice.unexplored == plain["step"]
    assert plain["step"].unexplored is plain["step"]


@pytest.mark.parametrize("prefer", ["cost", "latency"])
def test_where_quality_is_not_preferred_nothing_would_be_learned_that_counts(prefer):
    assert "a/new" not in who([model("a/good", 180, 200, price=0.0, seconds=0.5), NEW], seeds=50, prefer=prefer)


def test_only_models_that_are_named_or_may_do_the_step_are_tried():
    assert set(who([GOOD, BAD, NEW], seeds=100, named=("a/good", "a/bad"))) == {"a/good"}
    assert set(who([GOOD, NEW], seeds=100, min_quality=0.5)) == {"a/good"}


def test_a_cascade_is_not_tried():
    member = Member(model=GOOD.id)
    plan = CascadePlan(members=(member, Member(model=BAD.id)), verdicts={"aa": Verdict(member=0, chance=0.9)})
    evidence = Evidence(capability="answer", n=3, score_sum=3.0, source="s", date="2026-01-01")
    learned = LearnedCascade(cascade=plan, asked=(1.0, 1.0), evidence=evidence)
    planned = route(FLOW, [GOOD, BAD], Constraints(), cascades={"step": (learned,)})
    assert plan.name in {one.model for one in planned["step"].in_turn}
    found = {
        explore(FLOW, planned, Constraints(), Known(), Terms(share=1.0, seed=seed, left_usd=0.0))["step"].model
        for seed in range(100)
    }
    assert found == {planned["step"].model}


def test_what_costs_is_tried_as_long_as_there_is_money_for_it():
    paid = model("a/paid", price=0.5)
    assert set(who([GOOD, paid], left_usd=0.4)) == {"a/good"}
    assert "a/paid" in who([GOOD, paid], left_usd=0.5)
    assert "a/unpriced" not in who([GOOD, model("a/unpriced", price=None)], left_usd=1e9)


def test_two_steps_do_not_spend_the_same_money():
    dear = [model("a/dear", price=0.5)]
    both = [tried([GOOD, *dear], seed, left_usd=0.9, flow=TWO) for seed in range(400)]
    counts = {sum(choice.explored is not None for choice in one.values()) for one in both}
    assert counts == {0, 1}
    assert 2 in {
        sum(choice.explored is not None for choice in tried([GOOD, *dear], seed, left_usd=1.0, flow=TWO).values())
        for seed in range(400)
    }


def test_a_run_keeps_its_budget_also_where_the_answer_of_the_model_that_is_tried_is_refused():
    good, paid = model("a/good", 180, 200, price=0.4), model("a/paid", price=0.5)
    assert "a/paid" not in who([good, paid], left_usd=9.0, max_cost_usd=0.89)
    assert "a/paid" in who([good, paid], left_usd=9.0, max_cost_usd=0.9)


def test_a_run_keeps_its_deadline_also_then():
    slow, unknown = model("a/slow", seconds=2.0), model("a/unknown", seconds=None)
    assert "a/slow" not in who([GOOD, slow], max_latency_s=2.9)
    assert "a/slow" in who([GOOD, slow], max_latency_s=3.1)
    assert "a/unknown" not in who([GOOD, unknown], max_latency_s=9.0)
    assert "a/unknown" in who([GOOD, unknown])
    blind = model("a/good", 180, 200, seconds=None)
    assert "a/slow" in who([blind, slow], max_latency_s=2.1)


amounts = st.sampled_from([0.0, 0.1, 0.3, 1.0])


@given(
    st.lists(
        st.tuples(st.none() | st.integers(0, 20), amounts, st.sampled_from([0.5, 1.0, 4.0])), min_size=2, max_size=5
    ),
    st.integers(0, 1000),
    st.sampled_from([0.5, 1.0, 3.0, None]),
    st.sampled_from([3.0, 9.0, None]),
    st.sampled_from([0.0, 0.3, 5.0]),
)
def test_no_limit_is_ever_broken(known, seed, max_cost_usd, max_latency_s, left_usd):
    models = [model(f"a/m{place}", right, price=price, seconds=s) for place, (right, price, s) in enumerate(known)]
    constraints = Constraints(max_cost_usd=max_cost_usd, max_latency_s=max_latency_s, prefer="quality")
    try:
        planned = route(TWO, models, constraints)
    except InfeasibleError:
        return
    terms = Terms(share=1.0, seed=seed, left_usd=left_usd)
    found = explore(TWO, planned, constraints, Known(), terms)
    chosen = {place: choice.chosen for place, choice in found.items()}
    assert not broken(TWO, chosen, constraints, Known())
    tried_usd = sum(choice.chosen.cost_usd.high for choice in found.values() if choice.explored)
    assert tried_usd <= left_usd + 1e-9
    # Whoever is asked after what is tried, the run keeps its budget.
    worst = sum(
        choice.chosen.cost_usd.high + max(one.cost_usd.high for one in choice.in_turn[1:])
        if choice.explored
        else max(one.cost_usd.high for one in choice.in_turn)
        for choice in found.values()
    )
    assert max_cost_usd is None or worst <= max_cost_usd + 1e-9
    for place, choice in found.items():
        assert choice.chosen.feasible
        assert choice.unexplored == planned[place]
    assert estimate(TWO, found).cost_usd is not None


def test_where_answers_are_not_checked_only_what_is_hardly_known_otherwise_is_tried():
    assert "a/new" in who([GOOD, NEW], flow=OPEN, calls={NEW.id: 19})
    assert "a/new" not in who([GOOD, NEW], flow=OPEN, calls={NEW.id: 20})
    assert "a/new" in who([GOOD, NEW], flow=FLOW, calls={NEW.id: 20})


def test_a_step_that_is_done_many_times_is_left_alone_and_one_of_a_branch_is_not():
    body = Flow.build().input("item").model("each", "{item}", max_tokens=1, check="answer").output()
    many = Flow.build().input("items").map("all", body, over="items").output()
    planned = route(many, [GOOD, NEW], Constraints())
    for seed in range(100):
        found = explore(many, planned, Constraints(), Known(), Terms(share=1.0, seed=seed, left_usd=0.0))
        assert found == planned
    way = Flow.build().input("t").model("short", "{t}", max_tokens=1, check="answer").output()
    split = (
        Flow.build()
        .input("t")
        .branch("ways", "t", [(Condition(operator="truthy"), way)], otherwise=way, inputs={"t": "t"})
        .output()
    )
    planned = route(split, [GOOD, NEW], Constraints())
    found = [
        explore(split, planned, Constraints(), Known(), Terms(share=1.0, seed=seed, left_usd=0.0))
        for seed in range(100)
    ]
    assert {choice.model for one in found for choice in one.values()} == {"a/good", "a/new"}


def test_who_cannot_be_asked_has_no_draw():
    refused = Choice(
        chosen=Candidate(model=GOOD.id, evidence=GOOD.evidence),
        alternatives=(Candidate(model=NEW.id, feasible=False, reason="off this machine"),),
    )
    for seed in range(100):
        terms = Terms(share=1.0, seed=seed, left_usd=9.0)
        assert explore(FLOW, {"step": refused}, Constraints(), Known(), terms) == {"step": refused}
