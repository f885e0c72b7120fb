"""Two models on the same cases: their difference is surer than their means, and goes by the same evidence."""

from __future__ import annotations

import math
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.constraint import Constraints, Preference
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, ResultsChange
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.core.plan import Expected, LikePrompts, Range
from nubem_jupyter.engine.estimator import predict
from nubem_jupyter.engine.estimator.told import Beside, Told
from nubem_jupyter.engine.interval import normal_quantile, paired_mean
from nubem_jupyter.engine.router import route
from nubem_jupyter.engine.router.limits import Known
from nubem_jupyter.engine.router.losses import losses
from nubem_jupyter.engine.router.ranking import quality_lost, rank
from nubem_jupyter.engine.router.same_cases import on_same_cases
from nubem_jupyter.engine.router.weighing import Weighing
from nubem_jupyter.engine.success.capability import learn_capability
from nubem_jupyter.engine.success.pairs import LEAST_CASES, learn_pairs

FLOW = Flow.build().input("x").model("label", "Label: {x}", capability="classify", max_tokens=100).output()


def outcome(query, model, score, *, kind="text", sample=0):
    return CaseOutcome(
        capability="classify", kind=kind, query=str(query), model=model, sample=sample, score=float(score)
    )


def made(best, other, cases=60):
    """Return what two models did on the same cases; each is right where a number says so."""
    return [
        outcome(number, name, right(number))
        for name, right in (("a/best", best), ("b/cheap", other))
        for number in range(cases)
    ]


def model(name, outcomes, usd, **fields):
    own = [one.score for one in outcomes if one.model == name]
    figure = Figure(value=usd, source="listed")
    evidence = Evidence(
        capability="classify", n=len(own), score_sum=sum(own), source="here", date="2026-01-01", **fields
    )
    return ModelInfo(id=name, provider="p", price=Price(input_usd=figure, output_usd=figure), evidence=(evidence,))


def models(outcomes, **fields):
    return [model("a/best", outcomes, 1e-4, **fields), model("b/cheap", outcomes, 1e-6, **fields)]


def told_by(outcomes, kind="text"):
    return {"label": learn_capability(outcomes, {}).tell({}, kind, None)}


def chosen(outcomes, told=None, **constraints):
    return route(FLOW, models(outcomes), Constraints(**constraints), told=told)["label"]


# Cases are hard for both: the cheap one is right where the best is, and wrong on six more.
LESS = made(lambda number: number % 5 != 0, lambda number: number % 5 != 0 and number % 10 != 1)
# As many right, whichever they are.
AS_MUCH = made(lambda number: number < 48, lambda number: number >= 18)


def candidates(outcomes, **fields):
    return [predict(FLOW.node("label"), info, **fields) for info in models(outcomes)]


# What is learned.


def test_each_two_are_held_against_each_other_both_ways():
    pairs = {one.model: one.beside for one in learn_pairs(LESS)}
    assert pairs == {"a/best": {"b/cheap": Beside(60, 6.0, 6.0)}, "b/cheap": {"a/best": Beside(60, -6.0, 6.0)}}


def test_only_shared_cases_with_answers_of_one_kind_count_and_enough_of_them():
    short = [one for one in LESS if one.model == "a/best" or int(one.query) < LEAST_CASES]
    assert learn_pairs(short)[0].beside["b/cheap"].n == LEAST_CASES
    assert learn_pairs([one for one in short if one.query != "3"]) == ()
    kinds = [msgspec.structs.replace(one, kind="number" if int(one.query) % 2 else "text") for one in LESS]
    assert [(one.kind, one.beside.popitem()[1].n) for one in learn_pairs(kinds)] == [
        ("number", 30),
        ("number", 30),
        ("text", 30),
        ("text", 30),
    ]
    assert learn_pairs([]) == ()


def test_several_answers_to_a_case_are_one():
    again = [msgspec.structs.replace(one, sample=1, score=0.0) for one in LESS if one.model == "b/cheap"]
    found = learn_pairs([*LESS, *again])[0].beside["b/cheap"]
    assert (found.n, found.total) == (60, 48 - 42 / 2)


scores = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=LEAST_CASES, max_size=40)


@given(scores)
def test_what_is_learned_is_the_sums_of_the_differences(rows):
    listed = [outcome(number, name, row[place]) for number, row in enumerate(rows) for place, name in enumerate("ab")]
    found = learn_pairs(listed)[0].beside["b"]
    gaps = [one - two for one, two in rows]
    assert found.n == len(rows)
    assert found.total == pytest.approx(math.fsum(gaps), abs=1e-9)
    assert found.squares == pytest.approx(math.fsum(gap**2 for gap in gaps), abs=1e-9)


def test_a_step_is_told_of_its_own_kind_of_answer():
    assert told_by(LESS)["label"]["a/best"].beside["b/cheap"].n == 60
    assert told_by(LESS, "number") == {"label": {}}


# The interval.


def test_the_interval_is_the_adjusted_one_of_matched_shares():
    """Agresti and Min 2005: half a case is added to each of the four counts, here 12 and 2 of 40 that differ."""
    mean, variance = paired_mean(40, 10, 14)
    assert mean == pytest.approx((12.5 - 2.5) / 42)
    assert variance == pytest.approx(((12.5 + 2.5) - (12.5 - 2.5) ** 2 / 42) / 42**2)


def test_the_interval_holds_the_true_difference_as_often_as_it_says():
    rng = random.Random(5)
    held = 0
    for _ in range(2000):
        gaps = [rng.choices((1, 0, -1), (0.12, 0.84, 0.04))[0] for _ in range(60)]
        mean, variance = paired_mean(60, sum(gaps), sum(gap**2 for gap in gaps))
        held += abs(mean - 0.08) <= normal_quantile(0.9) * math.sqrt(variance)
    assert 0.87 < held / 2000 < 0.95


# What is decided by it.


def test_the_same_cases_tell_apart_what_two_means_do_not():
    assert chosen(LESS).model == "b/cheap"
    found = chosen(LESS, told_by(LESS))
    assert found.model == "a/best"
    assert found.chosen.reason == "the best by evidence (48 of 60 right)"
    assert found.alternatives[0].reason == (
        "42 of 60 right, against 48 of 60 right by a/best; on the same 60 cases 0.10 less (0.03 to 0.16)"
    )


def test_as_good_on_the_same_cases_says_so():
    found = chosen(AS_MUCH, told_by(AS_MUCH))
    assert found.model == "b/cheap"
    assert found.chosen.reason == (
        "the cheapest of the models that evidence cannot tell from the best"
        " (42 of 60 right against 48 of 60 right, on the same 60 cases)"
    )
    assert found.alternatives[0].reason.startswith("as good as far as the same 60 cases can tell, but dearer")


def test_two_that_share_too_few_cases_are_told_apart_by_their_means():
    apart = [msgspec.structs.replace(one, query=one.query + one.model) if int(one.query) > 15 else one for one in LESS]
    assert chosen(apart, told_by(apart)) == chosen(LESS)


@pytest.mark.parametrize("prefer", ["quality", "cost", "latency"])
def test_what_prefers_otherwise_does_not_ask_whether_evidence_can_tell(prefer):
    assert chosen(AS_MUCH, told_by(AS_MUCH), prefer=prefer).model == chosen(AS_MUCH, prefer=prefer).model


def test_who_asks_for_quality_is_told_of_a_difference_only_where_there_is_one():
    reasons = [
        chosen(outcomes, told_by(outcomes), prefer="quality").alternatives[0].reason for outcomes in (LESS, AS_MUCH)
    ]
    assert ["on the same 60 cases" in reason for reason in reasons] == [True, False]


def test_limits_asked_of_a_weighed_flow_go_by_the_same_cases():
    told = told_by(LESS)

    def kept(told):
        return Weighing(FLOW, lambda limits: route(FLOW, models(LESS), limits, told=told), Known(told=told)).choose(
            Constraints(max_cost_usd=1.0)
        )["label"]

    assert (kept(told).model, kept({}).model) == ("a/best", "b/cheap")


def test_of_two_that_are_as_sure_by_themselves_the_same_cases_say_what_is_lost():
    best, other = candidates(LESS)
    even = msgspec.structs.replace(other, quality=best.quality)
    told = told_by(LESS)["label"]
    lost = quality_lost([best, even], balanced=True, best=best, told=told)
    assert lost == (0.0, on_same_cases(best, even, told).surer.low)
    order = rank([even, best], Preference.BALANCED, {}, "classify", told)
    each = losses({"label": order}, Preference.BALANCED, {"label": 1.0}, {"label": 1.0}, told={"label": told})
    assert list(each["label"]) == sorted(each["label"])


# It goes by the same evidence as the qualities.


def test_results_that_have_changed_since_are_not_held_against_others():
    best, other = candidates(LESS)
    change = ResultsChange(
        capability="classify", source="s", since="2026-01-02", n_before=9, score_before=9, n_since=9, score_since=1,
        weight=0.1,
    )  # fmt: skip
    told = told_by(LESS)["label"]
    assert on_same_cases(best, other, told) is not None
    for pair in (
        (msgspec.structs.replace(best, changes=(change,)), other),
        (best, msgspec.structs.replace(other, changes=(change,))),
    ):
        assert on_same_cases(*pair, told) is None


def test_other_cases_that_are_most_of_the_evidence_are_not_passed_over():
    best, other = candidates(LESS)
    told = told_by(LESS)["label"]
    more = msgspec.structs.replace(other.evidence[0], n=61, source="elsewhere")
    assert on_same_cases(best, msgspec.structs.replace(other, evidence=(*other.evidence, more)), told) is None
    # The same cases measured on two days are no others.
    twice = tuple(msgspec.structs.replace(other.evidence[0], method="m", n=n) for n in (60, 60, 12))
    assert on_same_cases(best, msgspec.structs.replace(other, evidence=twice), told).n == 60


def test_old_cases_count_for_less():
    told = told_by(LESS)["label"]
    node = FLOW.node("label")
    fresh, old = (
        on_same_cases(*(predict(node, info) for info in models(LESS, weight=weight)), told).surer
        for weight in (1.0, 0.2)
    )
    assert fresh.low > 0 > old.low
    assert old.high - old.low > fresh.high - fresh.low


def test_what_like_prompts_tell_of_each_moves_the_difference_and_makes_it_less_sure():
    best, other = candidates(LESS)
    told = told_by(LESS)["label"]
    like = LikePrompts(shift=-0.3, log_odds=-1.0, as_cases=30.0, n=60)
    plain = on_same_cases(best, other, told).surer
    harder, easier = (
        on_same_cases(*pair, told).surer
        for pair in (
            (msgspec.structs.replace(best, like=like), other),
            (best, msgspec.structs.replace(other, like=like)),
        )
    )
    assert harder.value == pytest.approx(plain.value - 0.3)
    assert easier.value == pytest.approx(plain.value + 0.3)
    assert harder.high - harder.low > plain.high - plain.low


def test_what_is_expected_of_both_counts_as_cases():
    def expected(chance, as_cases):
        return Expected(chance=Range(low=0, value=chance, high=1), as_cases=as_cases, by="size", n=6)

    best, other = candidates(LESS)
    told = told_by(LESS)["label"]
    best = msgspec.structs.replace(best, expected=expected(0.5, 30.0))
    assert on_same_cases(best, other, told) == on_same_cases(*candidates(LESS), told)
    found = on_same_cases(best, msgspec.structs.replace(other, expected=expected(0.8, 20.0)), told).surer
    assert found.value == pytest.approx((6 - 20 * 0.3) / (60 + 20 + 2))


def test_a_model_that_nothing_is_told_of_is_held_against_nobody():
    best, other = candidates(LESS)
    assert on_same_cases(best, other, {}) is None
    assert on_same_cases(best, other, {"a/best": Told()}) is None
