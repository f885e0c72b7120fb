"""The assignment of candidates to the steps of a whole flow: held against trying every choice."""

import itertools
import math

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.plan import Candidate, Choice, Range
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.assign import Limits, Problem, front, relaxations
from nubem_jupyter.engine.estimator import estimate
from nubem_jupyter.testing.strategies import flows

NONE = Range(low=0.0, value=0.0, high=0.0)


def total(flow, chosen):
    """What limits count of a whole choice, by the estimator; a step of unknown speed adds nothing."""
    timed = [(place, msgspec.structs.replace(one, latency_s=one.latency_s or NONE)) for place, one in chosen.items()]
    whole = estimate(flow, {place: Choice(chosen=one) for place, one in timed})
    return (whole.cost_usd.high if whole.cost_usd else math.inf), whole.latency_s.value


def within(flow, chosen, limits):
    cost, latency = total(flow, chosen)
    floor = limits.min_quality
    return (
        (limits.max_cost_usd is None or cost <= limits.max_cost_usd)
        and (limits.max_latency_s is None or latency <= limits.max_latency_s)
        and (floor is None or all(one.quality and one.quality.value >= floor for one in chosen.values()))
    )


def every_choice(candidates):
    for picks in itertools.product(*(range(len(those)) for those in candidates.values())):
        yield {place: (index, candidates[place][index]) for place, index in zip(candidates, picks, strict=True)}


def least_loss(flow, candidates, losses, limits):
    """Try them all."""
    found = [
        sum(losses[place][index] for place, (index, _) in choice.items())
        for choice in every_choice(candidates)
        if within(flow, {place: one for place, (_, one) in choice.items()}, limits)
    ]
    return min(found, default=None)


def spread(value):
    return None if value is None else Range(low=value * 0.5, value=value, high=value * 1.5)


figures = st.integers(0, 12).map(lambda number: number / 4)


@st.composite
def problems(draw):
    flow = draw(flows(max_steps=5, depth=1))
    places = [place for place, node in flow.walk() if isinstance(node.work, Prompt)]
    assume(1 <= len(places) <= 5)
    candidates, losses = {}, {}
    for place in places:
        drawn = draw(
            st.lists(
                st.tuples(figures, st.none() | figures, st.none() | figures, st.none() | st.integers(0, 4)),
                min_size=1,
                max_size=3 if len(places) > 3 else 5,
            )
        )
        losses[place] = [loss for loss, *_ in drawn]
        candidates[place] = [
            Candidate(
                model=ModelId(f"a/{index}"),
                cost_usd=spread(cost),
                latency_s=spread(latency),
                quality=None if right is None else Range(low=0.0, value=right / 4, high=1.0),
            )
            for index, (_, cost, latency, right) in enumerate(drawn)
        ]
    return flow, candidates, losses


limits_of = st.builds(
    Limits,
    max_cost_usd=st.none() | st.integers(1, 40).map(lambda number: number / 4),
    max_latency_s=st.none() | st.integers(1, 40).map(lambda number: number / 4),
    min_quality=st.none() | st.sampled_from((0.25, 0.5, 0.75)),
)
many = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(problems(), limits_of)
def test_it_is_the_best_of_all_choices_and_proved_to_be(problem, limits):
    flow, candidates, losses = problem
    found = Problem(flow, candidates, losses).best(limits)
    least = least_loss(flow, candidates, losses, limits)
    assert (found is None) == (least is None)
    if found:
        assert found.loss == pytest.approx(least, abs=1e-9)
        assert found.gap == 0.0
        chosen = {place: candidates[place][index] for place, index in found.chosen.items()}
        assert within(flow, chosen, limits)
        assert (found.cost_usd, found.latency_s) == pytest.approx(total(flow, chosen))


def timed(candidates):
    """Candidates of unknown speed only where a step has no others."""
    return {
        place: [(index, one) for index, one in enumerate(those) if one.latency_s or not any(o.latency_s for o in those)]
        for place, those in candidates.items()
    }


def least_amount(flow, candidates, limits, which):
    """The least cost (0) or time (1) of all choices within the limits."""
    known = timed(candidates) if which else {place: list(enumerate(those)) for place, those in candidates.items()}
    found = [
        total(flow, chosen)[which]
        for picks in itertools.product(*known.values())
        if within(flow, chosen := {place: one for place, (_, one) in zip(known, picks, strict=True)}, limits)
    ]
    return min((one for one in found if one < math.inf), default=None)


@settings(many, max_examples=150)
@given(problems(), limits_of)
def test_the_fastest_comes_before_the_losses(problem, limits):
    flow, candidates, losses = problem
    found = Problem(flow, candidates, losses, fastest=True).best(limits)
    fastest = least_amount(flow, candidates, limits, 1)
    if fastest is not None:
        assert found.latency_s == pytest.approx(fastest)
        known = timed(candidates)
        exact = msgspec.structs.replace(limits, max_latency_s=fastest * (1 + 1e-9) + 1e-9)
        same = [
            sum(losses[place][index] for place, (index, _) in zip(known, picks, strict=True))
            for picks in itertools.product(*known.values())
            if within(flow, {place: one for place, (_, one) in zip(known, picks, strict=True)}, exact)
        ]
        assert found.loss == pytest.approx(min(same))


@settings(many, max_examples=200)
@given(problems(), limits_of)
def test_relaxations_go_no_further_than_they_have_to(problem, limits):
    flow, candidates, losses = problem
    solver = Problem(flow, candidates, losses)
    assume(solver.best(limits) is None)
    found = {one.relaxed: one for one in relaxations(solver, limits)}
    for names, one in found.items():
        chosen = {place: candidates[place][index] for place, index in one.assignment.chosen.items()}
        assert within(flow, chosen, one.limits)
        kept = {name: value for name, value in named(limits).items() if name not in names}
        assert kept.items() <= named(one.limits).items()
    for name, field, which in (("max_cost", "max_cost_usd", 0), ("max_latency", "max_latency_s", 1)):
        least = least_amount(flow, candidates, msgspec.structs.replace(limits, **{field: None}), which)
        if getattr(limits, field) is not None:
            assert ((name,) in found) == (least is not None)
            if least is not None:
                assert getattr(found[name,].limits, field) == pytest.approx(least)
    if limits.min_quality is not None:
        floors = sorted({one.quality.value for those in candidates.values() for one in those if one.quality})
        able = [
            floor
            for floor in [None, *floors]
            if (floor is None or floor < limits.min_quality)
            and least_loss(flow, candidates, losses, msgspec.structs.replace(limits, min_quality=floor)) is not None
        ]
        assert (("min_quality",) in found) == bool(able)
        if able:
            assert found["min_quality",].limits.min_quality == able[-1]


def named(limits):
    return {
        "max_cost": limits.max_cost_usd,
        "max_latency": limits.max_latency_s,
        "min_quality": limits.min_quality,
    }


@settings(many, max_examples=60)
@given(problems(), st.builds(Limits, max_cost_usd=st.none() | st.integers(2, 40)), st.sampled_from((1, 4, 9, 25)))
def test_a_front_has_something_near_every_choice(problem, limits, most):
    flow, candidates, losses = problem
    found = front(Problem(flow, candidates, losses), limits, most=most)
    known = timed(candidates)
    choices = [
        {place: one for place, one in zip(known, picks, strict=True)} for picks in itertools.product(*known.values())
    ]
    within_limits = [one for one in choices if within(flow, {place: pair[1] for place, pair in one.items()}, limits)]
    if not within_limits:
        return
    assert 1 <= len(found.assignments) <= most
    for choice in within_limits:
        cost, latency = total(flow, {place: one for place, (_, one) in choice.items()})
        loss = sum(losses[place][index] for place, (index, _) in choice.items())
        assert any(
            one.loss <= loss + 1e-6
            and one.cost_usd <= reach(cost, found.least_cost_usd, found.cost_ratio)
            and one.latency_s <= reach(latency, found.least_latency_s, found.latency_ratio)
            for one in found.assignments
        )
    for one, other in itertools.permutations(found.assignments, 2):
        assert not (one.loss <= other.loss and one.cost_usd <= other.cost_usd and one.latency_s <= other.latency_s)


def reach(amount, least, ratio):
    return math.inf if ratio == math.inf else max(amount, least) * ratio * (1 + 1e-6)
