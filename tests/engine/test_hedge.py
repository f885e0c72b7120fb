"""Hedging: stragglers get a second call, the rest does not, and the extra calls stay within their share."""

from __future__ import annotations

import math
import random

import pytest
from flow_simulation import World, start_flow
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.engine.hedge import HedgePolicy, Hedger
from nubem_jupyter.engine.quantile import RecentValues

CONSTANT = "constant"
LATENCIES = {
    CONSTANT: lambda _: 0.05,
    "a tenth up and down": lambda chance: 0.05 * chance.uniform(0.9, 1.1),
    "lognormal": lambda chance: 0.05 * math.exp(chance.gauss(0, 0.5)),
    "exponential": lambda chance: chance.expovariate(20),
}


class Flows:
    """400 flows of 12 calls, 20 at once, in which 5 % of the calls take 5 to 15 times as long."""

    def __init__(self, latency, hedger=None, *, seed=1, flows=400, second_calls=2):
        self.world, self.chance = World(), random.Random(seed)
        self.latency, self.hedger, self.left, self.second_calls = latency, hedger, flows, second_calls
        self.calls = self.extra = 0
        self.took_s = []
        for _ in range(20):
            self.flow()
        self.world.run()
        self.took_s.sort()

    def quantile(self, share):
        return self.took_s[int(share * len(self.took_s))]

    def flow(self):
        if self.left:
            self.left -= 1
            began_s = self.world.now_s
            start_flow(self.call, lambda: self.end(began_s))

    def end(self, began_s):
        self.took_s.append(self.world.now_s - began_s)
        self.flow()

    def call(self, done):
        self.calls += 1
        call = Call(self, done)
        if self.hedger:
            self.hedger.called()
            call.look()

    def draw_s(self):
        latency_s = self.latency(self.chance)
        return latency_s * self.chance.uniform(5, 15) if self.chance.random() < 0.05 else latency_s


class Call:
    """One call and its second ones; the first answer counts."""

    def __init__(self, flows, done):
        self.flows, self.world, self.done = flows, flows.world, done
        self.is_over, self.began_s = False, []
        self.start()

    def start(self):
        self.began_s.append(self.world.now_s)
        self.world.after(self.flows.draw_s(), self.end)

    def end(self):
        if not self.is_over:
            self.is_over = True
            for began_s in self.began_s if self.flows.hedger else ():
                self.flows.hedger.observer("kind")(self.world.now_s - began_s)
            self.done()

    def look(self):
        hedger = self.flows.hedger
        if self.is_over or len(self.began_s) > self.flows.second_calls:
            return
        after_s = hedger.after_s("kind")
        early_s = 0.0 if after_s is None else self.began_s[-1] + after_s - self.world.now_s
        if early_s > 1e-9:
            self.world.after(early_s, self.look)
            return
        if after_s is not None and hedger.may_hedge("kind"):
            hedger.hedged("kind")
            self.flows.extra += 1
            self.start()
        self.world.after(after_s or 0.05, self.look)


@pytest.mark.parametrize("second_calls", [1, 2])
def test_stragglers_hardly_slow_flows_down(second_calls):
    plain = Flows(LATENCIES[CONSTANT])
    hedged = Flows(LATENCIES[CONSTANT], Hedger(), second_calls=second_calls)
    assert hedged.quantile(0.95) <= 0.45 * plain.quantile(0.95)
    assert hedged.quantile(0.99) <= 0.6 * plain.quantile(0.99)
    assert hedged.extra <= 0.06 * hedged.calls


@pytest.mark.parametrize("name", LATENCIES)
def test_whatever_the_latencies_the_tail_shrinks_at_a_bounded_price(name):
    plain = Flows(LATENCIES[name], flows=200)
    hedged = Flows(LATENCIES[name], Hedger(), flows=200)
    assert hedged.quantile(0.95) <= 0.7 * plain.quantile(0.95)
    assert hedged.extra <= 0.055 * hedged.calls + HedgePolicy().allowance


def fed(latencies_s):
    hedger = Hedger()
    for latency_s in latencies_s:
        hedger.observer("kind")(latency_s)
    return hedger


def test_nothing_is_late_before_twenty_calls_of_the_kind_were_seen():
    hedger = fed([0.05] * 19)
    assert hedger.after_s("kind") is None
    hedger.observer("kind")(0.05)
    assert hedger.after_s("kind") is not None
    assert hedger.after_s("another kind") is None


def test_constant_latencies_leave_the_fence_just_above_themselves():
    assert fed([0.05] * 100).after_s("kind") == pytest.approx(0.06)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.09])
def test_stragglers_do_not_move_the_fence_of_constant_latencies(share):
    assert fed([1.0] * int(200 * share) + [0.05] * int(200 * (1 - share))).after_s("kind") == pytest.approx(0.06)


@pytest.mark.parametrize("sigma", [0.1, 0.25, 0.5, 1.0])
def test_few_calls_are_late_whatever_the_spread(sigma):
    chance = random.Random(7)
    hedger = fed(chance.lognormvariate(0, sigma) for _ in range(256))
    after_s = hedger.after_s("kind")
    assert sum(chance.lognormvariate(0, sigma) > after_s for _ in range(20_000)) <= 0.05 * 20_000


def test_the_fence_follows_a_change():
    hedger = fed([0.05] * 1000 + [0.5] * 256)
    assert hedger.after_s("kind") == pytest.approx(0.6)


def test_lateness_that_is_the_event_loops_is_none():
    assert fed([0.0001] * 50).after_s("kind") == 0.02


@given(steps=st.lists(st.booleans(), max_size=400))
def test_extra_calls_never_exceed_their_share_and_the_allowance(steps):
    """Each step is a call, or a wish for a second one."""
    policy = HedgePolicy(share=0.05, allowance=3.0, most_saved=5.0)
    hedger, calls, extra = Hedger(policy), 0, 0
    for is_call in steps:
        if is_call:
            calls += 1
            hedger.called()
        elif hedger.may_hedge("kind"):
            extra += 1
            hedger.hedged("kind")
        assert extra <= policy.share * calls + policy.allowance + 1e-9


@given(steps=st.lists(st.tuples(st.booleans(), st.floats(0, 10)), max_size=400))
def test_what_second_calls_cost_stays_within_its_share_of_what_all_calls_cost(steps):
    """Each step is a call with its cost, or a wish for a second one, which costs what calls do on average."""
    policy = HedgePolicy(share=0.05, allowance=1000.0, most_saved=1000.0)
    hedger, costs, extra_usd = Hedger(policy), [], 0.0
    for is_call, usd in steps:
        if is_call:
            hedger.called()
            hedger.biller("kind")(usd)
            costs.append(usd)
        elif hedger.may_hedge("kind"):
            mean_usd = sum(costs) / max(len(costs), 1)
            hedger.hedged("kind")(mean_usd)
            extra_usd += mean_usd
        assert extra_usd <= policy.share * sum(costs) + 1e-9


def test_second_calls_under_way_count_as_much_as_calls_of_their_kind_cost_on_average():
    hedger = Hedger(HedgePolicy(share=0.05, allowance=10.0))
    for _ in range(40):
        hedger.biller("kind")(1.0)
    hedger.hedged("kind")
    billed = hedger.hedged("kind")
    assert not hedger.may_hedge("kind")
    billed(0.1)
    assert not hedger.may_hedge("kind")
    assert hedger.may_hedge("free kind")


def test_a_dear_second_call_is_paid_back_before_another_is_made():
    hedger = Hedger(HedgePolicy(share=0.05, allowance=10.0))
    pay = hedger.biller("kind")
    for _ in range(40):
        pay(1.0)
    hedger.hedged("kind")(5.0)
    assert not hedger.may_hedge("kind")
    for _ in range(100):
        pay(1.0)
    assert hedger.may_hedge("kind")


def test_a_slowdown_after_a_few_calls_doubles_neither_load_nor_cost():
    hedger = Hedger()
    for _ in range(40):
        hedger.called()
        hedger.biller("kind")(0.006)
    made = 0
    while hedger.may_hedge("kind"):
        hedger.hedged("kind")
        made += 1
    assert made <= 3


def test_what_a_quiet_time_saves_up_is_bounded():
    hedger = Hedger(HedgePolicy(most_saved=7.0))
    for _ in range(100_000):
        hedger.called()
    extra = 0
    while hedger.may_hedge("kind"):
        hedger.hedged("kind")
        extra += 1
    assert extra == 7


@given(
    values=st.lists(st.floats(0, 1e6), min_size=1, max_size=80),
    most=st.integers(1, 30),
    share=st.floats(0, 1),
)
def test_quantiles_are_those_of_the_latest_values(values, most, share):
    recent = RecentValues(most)
    for value in values:
        recent.add(value)
    kept = sorted(values[-most:])
    assert len(recent) == len(kept)
    assert recent.quantiles(share) == (kept[max(math.ceil(share * len(kept)), 1) - 1],)


def test_no_values_have_no_quantile():
    with pytest.raises(IndexError):
        RecentValues(3).quantiles(0.5)
