"""What is told of steps beside the evidence: which prompts are known when planning, and how long answers were."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from nubem_jupyter.core.cascade import CascadePlan, LearnedCascade, Member
from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.explanation import figures
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.core.plan import Range
from nubem_jupyter.engine.estimator import predict, predict_cascade
from nubem_jupyter.engine.estimator.lengths import learn_lengths
from nubem_jupyter.engine.estimator.prompts import MOST_ITEMS, known_prompts
from nubem_jupyter.engine.estimator.told import Like, Told
from nubem_jupyter.engine.router import route
from nubem_jupyter.errors import InfeasibleError


def flow_of(prompt="Label: {x}", **fields):
    return Flow.build().input("x").model("label", prompt, capability="classify", max_tokens=100, **fields).output()


def model(name, right, n=100, weight=1.0, usd=0.0):
    figure = Figure(value=usd, source="listed")
    evidence = Evidence(capability="classify", n=n, score_sum=right, source="here", date="2026-01-01", weight=weight)
    return ModelInfo(
        id=name, provider="p", price=Price(input_usd=figure, output_usd=figure), evidence=(evidence,) if n else ()
    )


def figure(value):
    return Figure(value=value, source="listed")


def node_of(flow):
    return flow.node("label")


# Which prompts are known.


def test_a_prompt_whose_inputs_are_given_is_known_with_its_system_turn():
    flow = flow_of(system="You label {x}.")
    assert known_prompts(flow, {"x": "a cat"}) == {"label": ("You label a cat.\nLabel: a cat",)}
    assert known_prompts(flow, {}) == {}


def test_a_prompt_with_an_earlier_answer_in_it_is_not_known():
    flow = Flow.build().input("x").model("one", "A {x}").model("two", "B {one} {x}").output()
    assert known_prompts(flow, {"x": "1"}) == {"one": ("A 1",)}


def test_a_default_that_may_stand_counts_as_given():
    flow = Flow.build().input("x", default="dog", optional=True).model("label", "Label: {x}").output()
    assert known_prompts(flow, {}) == {"label": ("Label: dog",)}


def body():
    return Flow.build("each").input("item").input("x").model("label", "{item} of {x}").output()


def mapped():
    return Flow.build().input("x").input("rows").map("all", body(), over="rows", inputs={"x": "x"}).output()


def test_the_items_of_a_map_are_known_and_of_many_a_few_that_are_spread_over_them():
    few = known_prompts(mapped(), {"x": "b", "rows": ["1", "2"]})
    assert list(few.values()) == [("1 of b", "2 of b")]
    (many,) = known_prompts(mapped(), {"x": "b", "rows": [str(n) for n in range(1000)]}).values()
    assert len(many) == MOST_ITEMS
    assert many[0] == "0 of b"
    assert int(many[-1].split()[0]) > 900
    assert known_prompts(mapped(), {"x": "b", "rows": []}) == {}
    assert known_prompts(mapped(), {"x": "b"}) == {}


def test_of_a_loop_the_first_round_is_known():
    again = Flow.build("again").input("x").model("label", "Do {x}").output()
    flow = Flow.build().input("x").loop("more", again, Condition(), inputs={"x": "x"}).output()
    assert known_prompts(flow, {"x": "it"}) == {"more/body/label": ("Do it",)}


# How long answers are.


def call(number, given, made, kind="label"):
    return CaseOutcome(
        capability="classify",
        kind=kind,
        query=f"q{number}",
        model="m",
        score=1.0,
        input_tokens=given,
        output_tokens=made,
    )


def test_answers_are_as_long_as_they_were_and_longer_for_long_prompts_where_that_is_plain():
    rng = np.random.default_rng(0)
    given = rng.integers(50, 2000, 200)
    found = [call(number, int(one), int(one**0.5 * math.exp(rng.normal(0, 0.2)))) for number, one in enumerate(given)]
    (lengths,) = learn_lengths(found)
    assert lengths.slope == pytest.approx(0.5, abs=0.05)
    for tokens in (100.0, 1500.0):
        expected = lengths.of(tokens)
        assert expected.value == pytest.approx(tokens**0.5, rel=0.15)
        fresh = [tokens**0.5 * math.exp(rng.normal(0, 0.2)) for _ in range(300)]
        assert 0.85 <= np.mean([expected.low <= one <= expected.high for one in fresh]) <= 0.95


def test_without_a_plain_relation_the_length_of_a_prompt_says_nothing():
    rng = np.random.default_rng(1)
    found = [call(number, int(rng.integers(50, 2000)), int(rng.integers(5, 15))) for number in range(60)]
    (lengths,) = learn_lengths(found)
    assert abs(lengths.slope) < 0.1
    (same,) = learn_lengths([call(number, 80, 10 + number % 3) for number in range(40)])
    assert same.slope == 0
    assert same.of(8000.0) == same.of(None)
    (flat,) = learn_lengths([call(number, 80 + number, 7) for number in range(19)])
    assert (flat.slope, flat.low, flat.mean, flat.high) == pytest.approx((0, 7, 7, 7))


def test_few_answers_and_ones_without_counts_tell_nothing():
    assert learn_lengths([call(number, 80, 10) for number in range(18)]) == ()
    assert learn_lengths([call(number, 0, 10) for number in range(40)]) == ()
    found = [call(number, 80, 10, kind=("label", "number")[number % 2]) for number in range(40)]
    assert [one.kind for one in learn_lengths(found)] == ["label", "number"]


def test_what_an_answer_costs_follows_what_answers_were_and_its_high_end_stays_the_ceiling():
    node = node_of(flow_of())
    plain = predict(node, model("m", 50, usd=1e-6))
    told = predict(node, model("m", 50, usd=1e-6), told=Told(output_tokens=Range(low=3, value=5, high=9)))
    assert told.cost_usd.value < plain.cost_usd.value
    assert told.cost_usd.low > plain.cost_usd.low
    assert told.cost_usd.high == plain.cost_usd.high
    timed = msgspec.structs.replace(model("m", 50), speed=Speed(first_token_s=figure(0.1), tokens_per_s=figure(50.0)))
    slow, quick = (
        predict(node, timed, told=Told(output_tokens=made)) for made in (None, Range(low=3, value=5, high=9))
    )
    assert quick.latency_s.high == pytest.approx(0.1 + 9 / 50)
    assert quick.latency_s.high < slow.latency_s.high, "nothing is set aside for time"
    long = predict(node, model("m", 50, usd=1e-6), told=Told(output_tokens=Range(low=300, value=500, high=900)))
    assert long.cost_usd.high == plain.cost_usd.high
    assert long.cost_usd.value <= long.cost_usd.high


# What like prompts do to a prediction.


def test_like_prompts_move_quality_and_say_so():
    node = node_of(flow_of())
    plain = predict(node, model("m", 70))
    moved = predict(node, model("m", 70), told=Told(like=Like(-1.0, 30.0, 90)))
    assert plain.like is None
    assert moved.quality.value < plain.quality.value
    assert moved.like.shift == pytest.approx(moved.quality.value - plain.quality.value)
    assert moved.quality.high - moved.quality.low > plain.quality.high - plain.quality.low
    assert "like prompts: 0.2" in figures(moved)
    assert "below its mean (worth 30 cases, learned from 90)" in figures(moved)
    assert "above its mean" in figures(predict(node, model("m", 70), told=Told(like=Like(1.0, 30.0, 90))))
    assert "like prompts: about its mean" in figures(
        predict(node, model("m", 70), told=Told(like=Like(0.01, 30.0, 90)))
    )
    assert "like prompts" not in figures(plain)


def test_a_model_that_nothing_is_measured_of_is_told_nothing_of_by_like_prompts():
    found = predict(node_of(flow_of()), model("m", 0, n=0), told=Told(like=Like(3.0, 30.0, 90)))
    assert (found.quality, found.like) == (None, None)


def test_what_is_told_grows_old_as_the_evidence_does():
    node = node_of(flow_of())
    like = Told(like=Like(1.0, 30.0, 90))
    new, old = (predict(node, model("m", 70, weight=weight), told=like) for weight in (1.0, 0.5))
    assert old.like.as_cases == new.like.as_cases / 2
    assert old.quality.high - old.quality.low > new.quality.high - new.quality.low


def cascade(*names, asked=(1.0, 0.5)):
    evidence = Evidence(capability="classify", n=100, score_sum=80, source="learned", date="2026-01-01")
    members = tuple(Member(model=name) for name in names)
    return LearnedCascade(cascade=CascadePlan(members=members), asked=asked, evidence=evidence)


def test_a_prompt_that_is_hard_for_its_members_is_hard_for_a_cascade():
    node = node_of(flow_of())
    plain, hard = (predict(node, model("a", 70), told=told) for told in (Told(), Told(like=Like(-1.2, 30.0, 90))))
    other = predict(node, model("b", 60))
    alone, both, neither = (
        predict_cascade(cascade("a", "b"), calls) for calls in ((hard, other), (hard, hard), (plain, other))
    )
    assert neither.like is None
    assert alone.like.log_odds == pytest.approx(-1.2 / 1.5)
    assert both.like.log_odds == pytest.approx(-1.2)
    assert both.quality.value < alone.quality.value < neither.quality.value


def test_the_route_goes_by_what_like_prompts_tell_and_says_so():
    flow = flow_of()
    models = [model("a", 80), model("b", 70)]
    told = {"label": {"a": Told(like=Like(-2.0, 60.0, 100)), "b": Told(like=Like(1.0, 60.0, 100))}}
    quality = Constraints(prefer="quality")
    assert route(flow, models, quality)["label"].model == "a"
    choice = route(flow, models, quality, told=told)["label"]
    assert choice.model == "b"
    assert "expected of prompts like this" in choice.reason
    with pytest.raises(InfeasibleError, match=r"expected to be right in 3[0-9]% of prompts like this"):
        route(flow, models[:1], Constraints(min_quality=0.6), told=told)
