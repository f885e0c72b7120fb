"""What other limits would make of a plan is what planning anew would make of it."""

import contextlib
import itertools
from functools import partial

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.core.plan import Candidate, Estimate, Range
from nubem_jupyter.engine.estimator import estimate, least_chance
from nubem_jupyter.engine.router import route
from nubem_jupyter.engine.router import weighing as weighing_module
from nubem_jupyter.engine.router.hopeless import remark
from nubem_jupyter.engine.router.limits import Known
from nubem_jupyter.engine.router.losses import losses
from nubem_jupyter.engine.router.weighing import Weighing
from nubem_jupyter.engine.router.words import versus
from nubem_jupyter.errors import InfeasibleError

FLOW = (
    Flow.build()
    .input("t")
    .model("easy", "{t}", capability="classify", max_tokens=1)
    .model("hard", "{t}", capability="compute", max_tokens=1)
    .model("end", "{easy}{hard}", capability="compute", max_tokens=1)
    .output()
)


def figure(value):
    return Figure(value=value, source="listed in a test")


def model(name, price, seconds, **right):
    return ModelInfo(
        id=ModelId(name),
        provider="a",
        price=Price(input_usd=figure(0.0), output_usd=figure(price)),
        speed=Speed(first_token_s=figure(seconds), tokens_per_s=figure(1e9)),
        evidence=tuple(
            Evidence(capability=capability, n=40, score_sum=score, source="suite", date="2026-01-01")
            for capability, score in right.items()
        ),
    )


MODELS = [
    model("a/strong", 1.0, 5.0, classify=39, compute=38),
    model("a/fair", 0.4, 2.0, classify=36, compute=30),
    model("a/weak", 0.1, 1.0, classify=30, compute=11),
    model("a/new", 0.2, 0.5),
]


def weighing(models, flow=FLOW):
    return Weighing(flow, lambda limits: route(flow, models, limits), Known())


def anew(models, limits):
    return {place: choice.model for place, choice in route(FLOW, models, limits).items()}


def weighed(kept, limits):
    return {place: one.model for place, one in kept.choose(limits).items()}


@pytest.mark.parametrize("prefer", ["balanced", "cost", "latency", "quality"])
@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"max_cost_usd": 1.7},
        {"max_cost_usd": 0.9, "max_latency_s": 6.0},
        {"max_latency_s": 4.5},
        {"min_quality": 0.6},
        {"max_cost_usd": 2.2, "max_latency_s": 9.0, "min_quality": 0.5},
    ],
)
def test_it_chooses_as_planning_anew_does(prefer, limits):
    wanted = Constraints(prefer=prefer, **limits)
    assert weighed(weighing(MODELS), wanted) == anew(MODELS, wanted)


prices = st.floats(0.01, 4.0)
scores = st.integers(1, 40)


@settings(max_examples=150, deadline=None, derandomize=True)
@example([(1.0, 1.0, 6, 15), (2.0, 2.0, 1, 17)], [Constraints(min_quality=0.0234375)])
@given(
    st.lists(
        st.tuples(prices, prices, scores, scores),
        min_size=2,
        max_size=5,
        unique_by=(lambda one: one[0], lambda one: one[1]),
    ),
    st.lists(
        st.builds(
            partial(Constraints),
            max_cost_usd=st.none() | st.floats(0.1, 8.0),
            max_latency_s=st.none() | st.floats(0.1, 8.0),
            min_quality=st.none() | st.floats(0.01, 0.9),
            prefer=st.sampled_from(("balanced", "cost", "latency", "quality")),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_limits_asked_one_after_the_other_find_what_is_as_good_as_planning_anew(listed, asked):
    models = [
        model(f"a/{number}", price, time, classify=easy, compute=hard)
        for number, (price, time, easy, hard) in enumerate(listed)
    ]
    kept = weighing(models)
    for limits in asked:
        try:
            expected = anew(models, limits)
        except InfeasibleError:
            with pytest.raises(InfeasibleError):
                kept.choose(limits)
            continue
        found = weighed(kept, limits)
        assert found == expected or lost(kept, limits, found) == pytest.approx(lost(kept, limits, expected))


def lost(kept, limits, chosen):
    """Sum up what a choice loses: two that lose the same are as good, such as where two steps change their models."""
    ranked = kept._order(limits.prefer)
    best = {place: one for place in ranked for one in itertools.islice(kept._fitting(limits, place), 1)}
    once = dict.fromkeys(ranked, 1.0)
    each = losses(ranked, limits.prefer, once, once, best)
    return sum(each[place][[one.model for one in ranked[place]].index(model)] for place, model in chosen.items())


def test_where_only_weak_models_are_left_the_larger_goes_first_as_in_a_plan():
    """Evidence guides nobody among what the deadline lets through."""
    models = [model(f"a/{right}", price, seconds, classify=1, compute=right) for price, seconds, right in WEAKER]
    limits = Constraints(max_latency_s=2.0)
    assert weighed(weighing(models), limits) == anew(models, limits)


WEAKER = ((1.0, 2.0, 15), (2.0, 1.0, 1), (3.0, 0.5, 6))


def test_what_cannot_be_kept_says_what_would_be_enough():
    with pytest.raises(InfeasibleError) as caught:
        weighing(MODELS).choose(Constraints(max_cost_usd=0.2))
    # Three times 0.1 is a hair more than 0.3.
    assert caught.value.hint == "--max-cost 0.31 would be enough"
    assert weighing(MODELS).choose(Constraints(max_cost_usd=0.31))


def test_a_flow_without_model_calls_has_nothing_to_weigh():
    kept = weighing(MODELS, Flow.build().input("t").output())
    assert kept.choose(Constraints(max_cost_usd=1.0)) == {}
    assert kept.front(Constraints()).points == ()


def test_a_front_has_nothing_that_another_beats_and_every_end():
    points = weighing(MODELS[:3]).front(Constraints()).points
    assert set(points[0].models.values()) == {"a/weak"}
    assert any(set(point.models.values()) == {"a/strong"} for point in points)
    figures = [
        (point.estimate.cost_usd.high, point.estimate.latency_s.value, -point.estimate.quality.value)
        for point in points
    ]
    assert figures == sorted(figures)
    assert not any(
        one != other and all(a <= b for a, b in zip(one, other, strict=True)) for one in figures for other in figures
    )


def test_a_front_keeps_limits_and_is_empty_where_none_can_be_kept():
    kept = weighing(MODELS)
    limits = Constraints(max_cost_usd=1.5, min_quality=0.3)
    points = kept.front(limits).points
    assert points
    assert all(point.estimate.cost_usd.high <= 1.5 and point.estimate.quality.value >= 0.3 for point in points)
    assert kept.front(msgspec.structs.replace(limits, max_cost_usd=0.01)).points == ()


def test_what_nothing_is_measured_of_stands_behind_the_rest_of_a_front():
    points = weighing([MODELS[1], MODELS[3]]).front(Constraints()).points
    surest = [point for point in points if "a/new" not in point.models.values()]
    assert surest[-1] == points[-1]
    alone = weighing([MODELS[3]]).front(Constraints()).points
    assert [set(point.models.values()) for point in alone] == [{"a/new"}]


def test_only_so_many_problems_are_kept(monkeypatch):
    monkeypatch.setattr(weighing_module, "_KEPT", 2)
    kept = weighing(MODELS)
    for cost in (0.35, 0.5, 1.5, 3.0):
        for prefer in ("balanced", "cost", "latency", "quality"):
            with contextlib.suppress(InfeasibleError):
                found = kept.choose(Constraints(max_cost_usd=cost, prefer=prefer))
                whole = estimate(FLOW, route(FLOW, MODELS, Constraints(max_cost_usd=cost, prefer=prefer)))
                assert set(found) == {"easy", "hard", "end"}
                assert whole.cost_usd.high <= cost
    assert len(kept._problems) == 2


def test_a_chance_that_is_not_measured_is_none():
    chosen = route(FLOW, [MODELS[3]], Constraints())
    assert least_chance(FLOW, chosen) is None


def test_two_candidates_differ_in_what_is_predicted_of_both():
    def one(quality=None, cost=None, time=None):
        ranges = (
            None if value is None else Range(low=value, value=value, high=value) for value in (quality, cost, time)
        )
        return Candidate(model=ModelId("a/x"), **dict(zip(("quality", "cost_usd", "latency_s"), ranges, strict=True)))

    assert versus(one(0.9, 0.2, 3.0), one(0.8, 0.1, 1.0)) == (
        "surer to be right (0.90 against 0.80), dearer ($0.2 against $0.1), slower (3 s against 1 s)"
    )
    assert versus(one(0.7, 0.2), one(0.8, 0.2, 1.0)) == "less sure to be right (0.70 against 0.80)"
    assert versus(one(), one(0.8)) == "no difference is known"


NEVER = model("a/never", 0.01, 0.1, classify=0, compute=1)


def test_a_front_leaves_out_models_that_are_hardly_ever_right():
    with_it, without = weighing([*MODELS, NEVER]).front(Constraints()), weighing(MODELS).front(Constraints())
    assert with_it == without
    assert not any("a/never" in point.models.values() for point in with_it.points)


def test_where_nothing_else_keeps_the_limits_they_are_offered_with_a_remark():
    points = weighing([*MODELS, NEVER]).front(Constraints(max_cost_usd=0.25)).points
    assert points
    for point in points:
        places = [place for place, name in point.models.items() if name == "a/never"]
        assert point.remark == f"hardly ever right at {', '.join(places)}"
    alone = weighing([NEVER]).front(Constraints()).points
    assert [point.remark for point in alone] == ["hardly ever right at easy, hard, end"]
    assert weighing([NEVER]).front(Constraints(max_cost_usd=1e-6)).points == ()


def test_a_change_to_such_a_model_is_told_as_one():
    never, fair = (Candidate(model=ModelId("a/x"), quality=Range(low=v, value=v, high=v)) for v in (0.02, 0.7))
    assert versus(never, fair).startswith("hardly ever right: less sure to be right (0.02 against 0.70)")
    assert "hardly" not in versus(fair, never)


def test_steps_that_are_each_right_may_hardly_ever_be_so_together():
    fair = Candidate(model=ModelId("a/x"), quality=Range(low=0.5, value=0.6, high=0.7))
    seldom = Estimate(quality=Range(low=0.0, value=0.01, high=0.1))
    assert remark({"one": fair}, seldom) == "hardly ever right in all steps"
    assert remark({"one": fair}, Estimate()) == ""
    never = dict.fromkeys("abcde", Candidate(model=ModelId("a/x"), quality=Range(low=0.0, value=0.0, high=0.1)))
    assert remark(never, seldom) == "hardly ever right at a, b, c and 2 more"
