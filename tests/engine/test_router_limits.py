import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.engine.estimator import estimate
from nubem_jupyter.engine.router import route
from nubem_jupyter.errors import InfeasibleError

TWO = Flow.build().input("t").model("first", "{t}", max_tokens=1).model("second", "{first}", max_tokens=1).output()
MIXED = (
    Flow.build()
    .input("t")
    .model("easy", "{t}", capability="classify", max_tokens=1)
    .model("hard", "{t}", capability="compute", max_tokens=1)
    .output("easy", "hard")
)


def model(name, price, seconds, **right):
    def figure(value):
        return Figure(value=value, source="listed in a test")

    return ModelInfo(
        id=ModelId(name),
        provider="a",
        price=Price(input_usd=figure(0.0), output_usd=figure(price)),
        speed=None if seconds is None else Speed(first_token_s=figure(seconds), tokens_per_s=figure(1e9)),
        evidence=tuple(
            Evidence(capability=capability, n=20, score_sum=score, source="suite", date="2026-01-01")
            for capability, score in right.items()
        ),
    )


STRONG = model("a/strong", 1.0, 5.0, answer=20, classify=20, compute=20)
WEAK = model("a/weak", 0.1, 1.0, answer=6, classify=11, compute=1)


def models_of(found):
    return {place: choice.model for place, choice in found.items()}


def test_a_run_within_its_limits_keeps_the_best_models():
    found = route(TWO, [STRONG, WEAK], Constraints(max_cost_usd=2.0, max_latency_s=10.5))
    assert set(models_of(found).values()) == {"a/strong"}


def test_the_swap_that_loses_least_quality_is_made():
    found = route(MIXED, [STRONG, WEAK], Constraints(max_cost_usd=1.5))
    assert models_of(found) == {"easy": "a/weak", "hard": "a/strong"}
    assert found["easy"].reason == "taken in place of a/strong to keep the run within max_cost $1.5"
    (other,) = found["easy"].alternatives
    assert other.reason.startswith("would be the first, but a/weak is taken in place of")


def test_a_slow_path_is_shortened():
    found = route(TWO, [STRONG, WEAK], Constraints(max_latency_s=7.0))
    assert sorted(models_of(found).values()) == ["a/strong", "a/weak"]


def test_two_equally_slow_paths_are_both_shortened():
    fair = model("a/fair", 1.0, 3.0, classify=9, compute=9)
    slow = model("a/slow", 0.5, 6.0, classify=20, compute=20)
    flow = (
        Flow.build()
        .input("t")
        .model("easy", "{t}", capability="classify", max_tokens=1)
        .model("hard", "{t}", capability="compute", max_tokens=1)
        .model("end", "{easy}{hard}", capability="compute", max_tokens=1)
        .output()
    )
    found = route(flow, [fair, slow], Constraints(max_latency_s=6.5))
    assert set(models_of(found).values()) == {"a/fair"}


def test_models_of_unknown_speed_cannot_break_the_limit_beforehand():
    found = route(TWO, [model("a/untimed", 0.1, None, answer=20)], Constraints(max_latency_s=0.5))
    assert set(models_of(found).values()) == {"a/untimed"}


def test_a_step_of_unknown_speed_does_not_hide_the_time_of_the_others():
    untimed = model("a/untimed", 0.1, None, classify=20)
    flow = (
        Flow.build()
        .input("t")
        .model("first", "{t}", capability="compute", max_tokens=1)
        .model("second", "{first}", capability="compute", max_tokens=1)
        .model("third", "{second}", capability="classify", max_tokens=1)
        .output()
    )
    slow, fast = model("a/slow", 0.1, 4.0, compute=20), model("a/fast", 0.1, 1.0, compute=5)
    found = models_of(route(flow, [slow, fast, untimed], Constraints(max_latency_s=6.0)))
    assert found["third"] == "a/untimed"
    assert sorted((found["first"], found["second"])) == ["a/fast", "a/slow"]


def test_a_cost_that_cannot_be_kept_names_what_would_be_enough():
    with pytest.raises(InfeasibleError) as caught:
        route(TWO, [STRONG, WEAK], Constraints(max_cost_usd=0.15))
    assert caught.value.message == ("no choice of models keeps the run within max_cost $0.15: the least is $0.2")
    assert caught.value.hint == "--max-cost 0.2 would be enough"


def test_a_faster_model_is_not_taken_where_it_breaks_the_cost():
    fast = model("a/fast", 5.0, 0.1, answer=20)
    with pytest.raises(InfeasibleError, match=r"within max_cost \$6 and max_latency 5.1 s") as caught:
        route(TWO, [STRONG, fast], Constraints(max_cost_usd=6.0, max_latency_s=5.05))
    assert caught.value.hint == ("--max-cost 10 would be enough, in 0.21 s; --max-latency 5.2 would be enough, at $6")


prices = st.floats(0.01, 10.0)


@given(st.lists(st.tuples(prices, prices, st.integers(0, 20)), min_size=1, max_size=5), prices, prices)
def test_a_route_is_within_the_limits_or_there_is_none(listed, most_cost, most_time):
    models = [model(f"a/{index}", price, time, answer=right) for index, (price, time, right) in enumerate(listed)]
    limits = Constraints(max_cost_usd=most_cost, max_latency_s=most_time)
    with contextlib.suppress(InfeasibleError):
        total = estimate(TWO, route(TWO, models, limits))
        assert total.cost_usd.high <= most_cost
        assert total.latency_s.value <= most_time


def test_the_cheapest_within_a_deadline_is_taken_where_cost_is_preferred():
    dear, fair = model("a/dear", 1.0, 1.0, answer=1), model("a/fair", 0.5, 2.0, answer=1)
    slow = model("a/slow", 0.1, 5.0, answer=20)
    found = route(TWO, [dear, fair, slow], Constraints(max_latency_s=7.5, prefer="cost"))
    assert sorted(models_of(found).values()) == ["a/fair", "a/slow"]


def test_the_fastest_within_a_budget_is_taken_where_time_is_preferred():
    found = route(TWO, [model("a/fast", 1.0, 1.0), WEAK, STRONG], Constraints(max_cost_usd=1.2, prefer="latency"))
    assert set(models_of(found).values()) == {"a/weak"}
    found = route(TWO, [model("a/fast", 1.0, 0.5), WEAK, STRONG], Constraints(max_cost_usd=1.2, prefer="latency"))
    assert sorted(models_of(found).values()) == ["a/fast", "a/weak"]


def test_what_tools_cost_is_part_of_the_budget():
    flow = Flow.build().input("t").component("look", "web.search", capability="search")
    with pytest.raises(InfeasibleError, match=r"max_cost \$0.15: the least is \$0.2"):
        route(
            flow.model("say", "{look}", max_tokens=1).output(),
            [WEAK],
            Constraints(max_cost_usd=0.15),
            uses_usd={"look": 0.1},
        )


def test_both_limits_give_way_where_neither_alone_would_do():
    with pytest.raises(InfeasibleError) as caught:
        route(TWO, [WEAK], Constraints(max_cost_usd=0.15, max_latency_s=1.5))
    assert caught.value.hint == "--max-cost 0.2 --max-latency 2.1 would be enough"


FAIR = model("a/fair", 0.5, 2.0, answer=16, classify=16, compute=16)


def test_a_floor_holds_for_the_whole_run_and_not_for_each_step_alone():
    """Both steps reach 0.7 alone; together only with one of them by the stronger model."""
    found = route(TWO, [STRONG, FAIR], Constraints(min_quality=0.7, prefer="cost"))
    assert sorted(models_of(found).values()) == ["a/fair", "a/strong"]
    assert estimate(TWO, found).quality.value >= 0.7
    changed = next(choice for choice in found.values() if choice.model == "a/strong")
    assert changed.reason == "taken in place of a/fair to keep the run within min_quality 0.7"


def test_a_floor_that_cannot_be_kept_names_what_would_be_enough():
    with pytest.raises(InfeasibleError) as caught:
        route(TWO, [FAIR], Constraints(min_quality=0.7))
    assert caught.value.message == (
        "no choice of models keeps the run within min_quality 0.7: the most that can be hoped for is 0.64"
    )
    assert caught.value.hint == "--min-quality 0.64 would be enough, at $1"


def test_each_limit_that_could_give_way_is_named_with_what_it_takes():
    limits = Constraints(max_cost_usd=1.4, max_latency_s=11.0, min_quality=0.7)
    with pytest.raises(InfeasibleError) as caught:
        route(TWO, [STRONG, FAIR], limits)
    assert caught.value.hint == (
        "--max-cost 1.5 would be enough, in 7.1 s, at quality 0.8; --min-quality 0.64 would be enough, at $1, in 4.1 s"
    )


@given(
    st.lists(st.tuples(prices, prices, st.integers(1, 20), st.integers(1, 20)), min_size=1, max_size=4),
    st.none() | prices,
    st.none() | prices,
    st.none() | st.floats(0.05, 0.95),
    st.sampled_from(("balanced", "cost", "latency", "quality")),
)
def test_a_route_never_breaks_a_limit_in_its_own_estimate(listed, cost, latency, quality, prefer):
    models = [
        model(f"a/{index}", price, time, classify=easy, compute=hard)
        for index, (price, time, easy, hard) in enumerate(listed)
    ]
    limits = Constraints(max_cost_usd=cost, max_latency_s=latency, min_quality=quality, prefer=prefer)
    with contextlib.suppress(InfeasibleError):
        total = estimate(MIXED, route(MIXED, models, limits))
        assert cost is None or total.cost_usd.high <= cost
        assert latency is None or total.latency_s.value <= latency
        assert quality is None or total.quality.value >= quality
