"""The assignment of candidates to the steps of a whole flow: held against trying every choice."""

import itertools
import math
import random

import msgspec
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Branch, Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.plan import Candidate, Choice, Range
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.assign import Limits, Problem, calls, front, interior, minimise, relaxations
from nubem_jupyter.engine.assign.front import _unbeaten as unbeaten
from nubem_jupyter.engine.estimator import estimate, least_chance
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
        and (floor is None or chance(flow, chosen) >= floor)
    )


def chance(flow, chosen):
    """What a floor counts; never more than the estimate, and the same where no branch is."""
    route = {place: Choice(chosen=one) for place, one in chosen.items()}
    least = least_chance(flow, route)
    if least is None:
        return -1.0
    whole = estimate(flow, route).quality.value
    assert least <= whole * (1 + 1e-12)
    assert least == pytest.approx(whole) or any(isinstance(node.work, Branch) for _, node in flow.walk())
    return least


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
                max_size=2 if len(places) > 3 else 3,
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
many = settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


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


def timed(good):
    """Candidates of unknown speed only where a step has no others."""
    return {
        place: [pair for pair in those if pair[1].latency_s or not any(one.latency_s for _, one in those)]
        for place, those in good.items()
    }


def good_enough(candidates, limits):
    return {
        place: [(index, one) for index, one in enumerate(those) if limits.min_quality is None or one.quality]
        for place, those in candidates.items()
    }


def least_amount(flow, candidates, limits, which):
    """The least cost (0) or time (1) of all choices within the limits."""
    good = good_enough(candidates, limits)
    known = timed(good) if which else good
    found = [
        total(flow, chosen)[which]
        for picks in itertools.product(*known.values())
        if within(flow, chosen := {place: one for place, (_, one) in zip(known, picks, strict=True)}, limits)
    ]
    return min((one for one in found if one < math.inf), default=None)


@settings(many, max_examples=100)
@given(problems(), limits_of)
def test_the_fastest_comes_before_the_losses(problem, limits):
    flow, candidates, losses = problem
    found = Problem(flow, candidates, losses, fastest=True).best(limits)
    fastest = least_amount(flow, candidates, limits, 1)
    if fastest is not None:
        assert found.latency_s == pytest.approx(fastest)
        known = timed(good_enough(candidates, limits))
        exact = msgspec.structs.replace(limits, max_latency_s=fastest * (1 + 1e-9) + 1e-9)
        same = [
            sum(losses[place][index] for place, (index, _) in zip(known, picks, strict=True))
            for picks in itertools.product(*known.values())
            if within(flow, {place: one for place, (_, one) in zip(known, picks, strict=True)}, exact)
        ]
        assert found.loss == pytest.approx(min(same))


def two_beside_each_other(loss):
    """Two answers, one of them by a candidate of unknown speed that loses less, or as little, as the timed one."""

    def one(number, latency):
        return Candidate(model=ModelId(f"a/{number}"), cost_usd=spread(0.25), latency_s=spread(latency))

    flow = Flow.build().input("text").model("a", "{text}", max_tokens=1).model("c", "{text}", max_tokens=1)
    candidates = {"a": [one(0, None), one(1, 0.75)], "c": [one(0, 0.5)]}
    return flow.output("a", "c"), candidates, {"a": [0.0, loss], "c": [0.0]}


@settings(many, max_examples=120)
@given(problems(), limits_of)
@example(two_beside_each_other(0.0), Limits(max_latency_s=0.25))
@example(two_beside_each_other(1.0), Limits(max_latency_s=0.25, max_cost_usd=1.0))
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
        without = msgspec.structs.replace(limits, min_quality=None)
        choices = ({place: one for place, (_, one) in choice.items()} for choice in every_choice(candidates))
        able = [chance(flow, choice) for choice in choices if within(flow, choice, without)]
        assert (("min_quality",) in found) == bool(able)
        if able:
            floor = found["min_quality",].limits.min_quality
            assert floor == (pytest.approx(max(able)) if max(able) > 0 else None)


def named(limits):
    return {
        "max_cost": limits.max_cost_usd,
        "max_latency": limits.max_latency_s,
        "min_quality": limits.min_quality,
    }


@settings(many, max_examples=40)
@given(problems(), st.builds(Limits, max_cost_usd=st.none() | st.integers(2, 40)), st.sampled_from((1, 4, 9, 25)))
def test_a_front_has_something_near_every_choice(problem, limits, most):
    flow, candidates, losses = problem
    found = front(Problem(flow, candidates, losses), limits, most=most)
    known = timed(good_enough(candidates, limits))
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


def test_a_front_reaches_what_takes_longest_however_its_time_adds_up():
    """A third of the runs go this way: 1.25 s of them come to a hair more in one order of adding than in another."""
    way = Flow.build("way").input("value").model("say", "{value}").output("say")
    other = Flow.build("other").input("value").code("same", "result = value", inputs={"value": "value"}).output("same")
    cases = [(Condition(operator="truthy"), other), (Condition(operator="falsy"), way)]
    for seconds in (1.25, 0.7, 3.1, 11.3):
        slow = Candidate(model="a/0", latency_s=Range(low=0.0, value=seconds, high=2 * seconds))
        fast = Candidate(model="a/1", latency_s=Range(low=0.0, value=0.0, high=0.0))
        flow = Flow.build().input("a").branch("fork", "a", cases, otherwise=other).output()
        place = next(place for place, node in flow.walk() if node.prompt is not None)
        found = front(Problem(flow, {place: [slow, fast]}, {place: [0.0, 0.25]}), Limits(), most=4)
        assert {one.loss for one in found.assignments} == {0.0, 0.25}


def reach(amount, least, ratio):
    return math.inf if ratio == math.inf else max(amount, least) * ratio * (1 + 1e-6)


def chain_of(count):
    flow = Flow.build().input("text").model("s0", "{text}", max_tokens=1)
    for step in range(1, count):
        flow = flow.model(f"s{step}", f"{{s{step - 1}}}", max_tokens=1)
    return flow.output()


def drawn(seed, steps, count, most):
    """Candidates with whole figures, of which what is better is dearer and slower."""
    chance = random.Random(seed)
    found, losses = {}, {}
    for step in range(steps):
        figures = [(chance.randint(1, most), chance.randint(1, most)) for _ in range(count)]
        found[f"s{step}"] = [
            Candidate(model=ModelId(f"a/{number}"), cost_usd=exactly(cost), latency_s=exactly(time))
            for number, (cost, time) in enumerate(figures)
        ]
        losses[f"s{step}"] = [float(3 * most - cost - time + chance.randint(0, most)) for cost, time in figures]
    return found, losses


def exactly(value):
    return Range(low=value, value=value, high=value)


def least_by_sums(candidates, losses, most_cost, most_time):
    """The least loss over all sums of cost and time in whole figures, one step after the other."""
    best = {(0, 0): 0.0}
    for place, those in candidates.items():
        following = {}
        for (cost, time), loss in best.items():
            for one, more in zip(those, losses[place], strict=True):
                sums = cost + one.cost_usd.value, time + one.latency_s.value
                if sums[0] <= most_cost and sums[1] <= most_time:
                    following[sums] = min(following.get(sums, math.inf), loss + more)
        best = following
    return min(best.values(), default=None)


@pytest.mark.parametrize("seed", range(6))
def test_many_steps_are_assigned_as_well_as_by_going_through_all_sums(seed):
    flow = chain_of(10)
    candidates, losses = drawn(seed, 10, 15, 15)
    limits = Limits(max_cost_usd=60.0 + 5 * seed, max_latency_s=75.0)
    found = Problem(flow, candidates, losses).best(limits)
    assert found.gap == 0.0
    assert found.loss == pytest.approx(least_by_sums(candidates, losses, limits.max_cost_usd, limits.max_latency_s))


def test_what_little_effort_may_miss_is_told():
    flow = chain_of(10)
    candidates, losses = drawn(1, 10, 15, 15)
    limits = Limits(max_cost_usd=60.0, max_latency_s=70.0)
    least = least_by_sums(candidates, losses, 60, 70)
    found = Problem(flow, candidates, losses).best(limits, effort=2)
    assert found.gap > 0
    assert found.loss - found.gap <= least <= found.loss


@pytest.mark.parametrize("effort", [1, 3, 10, 100])
def test_whatever_the_effort_nothing_better_is_ruled_out(effort):
    """Partial choices that are set aside before they are looked at closely count in what may be missed."""
    candidates, losses = drawn(5, 10, 15, 15)
    limits = Limits(max_cost_usd=60.0, max_latency_s=70.0)
    least = least_by_sums(candidates, losses, 60, 70)
    found = Problem(chain_of(10), candidates, losses).best(limits, effort=effort)
    assert found.loss - found.gap <= least * (1 + 1e-12)
    assert least <= found.loss * (1 + 1e-12)
    assert found.gap or found.loss == pytest.approx(least)


def test_equal_problems_have_equal_answers():
    flow = chain_of(8)
    candidates, losses = drawn(3, 8, 12, 9)
    limits = Limits(max_cost_usd=30.0, max_latency_s=40.0)
    first, second = (Problem(flow, candidates, losses).best(limits) for _ in range(2))
    assert first == second


def test_of_equal_candidates_the_first_is_taken():
    candidates, losses = drawn(3, 3, 4, 9)
    candidates = {place: [*those, *those] for place, those in candidates.items()}
    losses = {place: [*those, *those] for place, those in losses.items()}
    found = Problem(chain_of(3), candidates, losses).best(Limits(max_cost_usd=15.0))
    assert all(number < 4 for number in found.chosen.values())


def test_what_tools_cost_counts_in_the_budget():
    flow = (
        Flow.build()
        .input("text")
        .component("look", "table.sql", capability="search", inputs={"text": "text"})
        .model("s0", "{look}")
        .output()
    )
    candidates = {"s0": [Candidate(model=ModelId("a/x"), cost_usd=exactly(2.0), latency_s=exactly(1.0))]}
    problem = Problem(flow, candidates, {"s0": [0.0]}, uses_usd={"look": 1.0})
    assert problem.best(Limits(max_cost_usd=2.5)) is None
    assert problem.best(Limits(max_cost_usd=3.0)).estimate.cost_usd.high == 3.0


def test_a_flow_without_model_calls_has_nothing_to_choose():
    flow = Flow.build().input("text").output()
    assert Problem(flow, {}, {}).best(Limits(max_cost_usd=1.0, max_latency_s=1.0)).chosen == {}


def test_without_a_choice_there_is_no_relaxation():
    problem = Problem(chain_of(1), {"s0": []}, {"s0": []})
    limits = Limits(max_cost_usd=1.0, max_latency_s=1.0, min_quality=0.5)
    assert problem.best(limits) is None
    assert relaxations(problem, limits) == ()
    assert front(problem, limits) is None


def test_what_only_rounding_keeps_within_a_limit_is_not_taken():
    """A limit that a sum is above by less than the order of its parts may change is still a limit."""
    candidates = {
        place: [Candidate(model=ModelId(f"a/{cost}"), cost_usd=exactly(cost), latency_s=NONE) for cost in (dear, 0.05)]
        for place, dear in (("s0", 0.1), ("s1", 0.2))
    }
    problem = Problem(chain_of(2), candidates, {"s0": [0.0, 1.0], "s1": [0.0, 2.0]})
    most = 0.3 * (1 - 1e-13)
    found = problem.best(Limits(max_cost_usd=most))
    assert found.chosen == {"s0": 1, "s1": 0}
    assert found.estimate.cost_usd.high <= most


def layered(seed):
    """Three layers of steps of which each reads two of the layer before, with whole figures."""
    chance = random.Random(seed)
    flow = Flow.build().input("text")
    before = {}
    for step in range(7):
        sources = chance.sample([f"s{one}" for one in range(step // 3 * 3 - 3, step // 3 * 3)], 2) if step > 2 else []
        before[f"s{step}"] = sources
        flow = flow.model(f"s{step}", "".join(f"{{{one}}}" for one in sources) or "{text}", max_tokens=1)
    return flow.output(*(place for place in before if not any(place in those for those in before.values()))), before


@pytest.mark.parametrize(("seed", "rounds"), [(0, 8), (1, 1), (2, 8), (3, 8)])
def test_steps_beside_each_other_are_assigned_as_well_as_by_trying_all(seed, rounds, monkeypatch):
    """However many of the paths that matter the relaxation is told of."""
    monkeypatch.setattr(minimise, "_MOST_ROUNDS", rounds)
    flow, before = layered(seed)
    candidates, losses = drawn(seed, 7, 4, 12)
    limits = Limits(max_cost_usd=38.0, max_latency_s=22.0)
    least = math.inf
    for picks in itertools.product(range(4), repeat=7):
        chosen = dict(zip(candidates, picks, strict=True))
        if sum(candidates[place][one].cost_usd.value for place, one in chosen.items()) > 38:
            continue
        ends = {}
        for place, sources in before.items():
            own = candidates[place][chosen[place]].latency_s.value
            ends[place] = max((ends[one] for one in sources), default=0) + own
        if max(ends.values()) <= 22:
            least = min(least, sum(losses[place][one] for place, one in chosen.items()))
    found = Problem(flow, candidates, losses).best(limits)
    assert (math.inf if found is None else found.loss) == pytest.approx(least)
    assert found is None or found.gap == 0.0


@pytest.mark.parametrize(("seed", "cost", "time"), [(4, 24.0, 28.0), (1, 40.0, 50.0), (2, 45.0, 45.0)])
def test_with_little_effort_too_what_is_found_keeps_the_limits(seed, cost, time):
    """A search for what loses least that finds nothing is followed by one for what keeps the limits."""
    candidates, losses = drawn(seed, 10, 15, 15)
    limits = Limits(max_cost_usd=cost, max_latency_s=time)
    found = Problem(chain_of(10), candidates, losses).best(limits, effort=1)
    assert (found is None) == (least_by_sums(candidates, losses, cost, time) is None)
    assert found is None or (found.cost_usd <= cost and found.latency_s <= time)


def test_how_often_steps_are_expected_to_be_called():
    body = Flow.build("body").input("item").model("say", "{item}").output()
    way = Flow.build("way").input("value").model("say", "{value}").output()
    flow = (
        Flow.build()
        .input("items", type="list")
        .map("each", body, over="items")
        .branch("fork", "each", [(Condition(operator="truthy"), way)])
        .output()
    )
    assert calls(flow) == {"each/body/say": 1.0, "fork/case1/say": 0.5}
    assert calls(flow, {"each": 3}) == {"each/body/say": 3.0, "fork/case1/say": 0.5}


def test_a_floor_gives_way_as_far_as_both_other_limits_ask():
    def one(name, right, cost, time):
        quality = Range(low=right, value=right, high=right)
        return Candidate(model=ModelId(name), quality=quality, cost_usd=exactly(cost), latency_s=exactly(time))

    candidates = {"s0": [one("a/best", 0.9, 5.0, 1.0), one("a/fair", 0.7, 1.0, 1.0), one("a/poor", 0.5, 1.0, 0.1)]}
    problem = Problem(chain_of(1), candidates, {"s0": [0.0, 1.0, 2.0]})
    found = relaxations(problem, Limits(max_cost_usd=2.0, max_latency_s=2.0, min_quality=0.8))
    assert [(one.relaxed, one.limits.min_quality) for one in found] == [
        (("max_cost",), 0.8),
        (("min_quality",), 0.7),
    ]


@pytest.mark.parametrize("rounds", [1, 3, 40])
def test_multipliers_give_a_bound_however_early_they_are_taken(rounds, monkeypatch):
    monkeypatch.setattr(interior, "_MOST_ROUNDS", rounds)
    candidates, losses = drawn(2, 10, 15, 15)
    found = Problem(chain_of(10), candidates, losses).best(Limits(max_cost_usd=60.0, max_latency_s=75.0))
    assert found.loss == pytest.approx(least_by_sums(candidates, losses, 60, 75))


def test_a_front_of_few_has_what_is_free_and_what_is_best():
    candidates = {
        "s0": [Candidate(model=ModelId(f"a/{cost}"), cost_usd=exactly(cost), latency_s=NONE) for cost in (0.0, 1.0)]
    }
    found = front(Problem(chain_of(1), candidates, {"s0": [1.0, 0.0]}), Limits(), most=4)
    assert [(one.cost_usd, one.loss) for one in found.assignments] == [(0.0, 1.0), (1.0, 0.0)]


def test_an_unknown_price_stays_unknown_where_a_map_goes_over_nothing():
    body = Flow.build("body").input("item").model("say", "{item}").output()
    flow = Flow.build().input("items", type="list").map("each", body, over="items").output()
    unknown = Candidate(model=ModelId("a/x"), latency_s=exactly(1.0))
    problem = Problem(flow, {"each/body/say": [unknown]}, {"each/body/say": [0.0]}, inputs={"items": []})
    assert problem.best(Limits(max_latency_s=1.0)).cost_usd == math.inf
    assert problem.best(Limits(max_cost_usd=1.0)) is None
    assert len(front(problem, Limits()).assignments) == 1


def test_a_choice_that_another_is_no_worse_than_is_no_part_of_a_front():
    problem = Problem(
        chain_of(1), {"s0": [Candidate(model=ModelId("a/x"), cost_usd=NONE, latency_s=NONE)]}, {"s0": [0.0]}
    )
    one = problem.best(Limits())
    dearer = msgspec.structs.replace(one, cost_usd=1.0)
    surer = msgspec.structs.replace(one, cost_usd=2.0, loss=-1.0)
    assert unbeaten([surer, dearer, one, one]) == (one, surer)
