"""Pacing: after a refusal the limit is used fully, and the deployment is not hammered."""

from __future__ import annotations

import math
import random
from collections import deque

import pytest
from flow_simulation import World, start_flow
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.engine.pace import Pacer
from nubem_jupyter.engine.pace_rate import RateMeter


class Bucket:
    """A token bucket; what a refused call is told is left to ``hint``, which gets the exact time to wait."""

    def __init__(self, rate, burst, hint=lambda wait_s: wait_s):
        self.rate, self.burst, self.hint = rate, burst, hint
        self.level, self.at_s = burst, 0.0

    def refuses(self, now_s):
        self.level = min(self.burst, self.level + (now_s - self.at_s) * self.rate)
        self.at_s = now_s
        if self.level < 1 - 1e-9:
            return True, self.hint((1 - self.level) / self.rate)
        self.level -= 1
        return False, None


class Window:
    """So many calls in each window of time."""

    def __init__(self, most, length_s, hint=lambda wait_s: wait_s):
        self.most, self.length_s, self.hint = most, length_s, hint
        self.number, self.seen = -1, 0

    def refuses(self, now_s):
        number = int(now_s / self.length_s)
        if number != self.number:
            self.number, self.seen = number, 0
        if self.seen >= self.most:
            return True, self.hint((number + 1) * self.length_s - now_s)
        self.seen += 1
        return False, None


class Client:
    """Calls through a pacer: first come, first served, and a refused call goes to the end of the queue."""

    def __init__(self, world, limit, *, way_s=0.0, refusal_s=0.002, late_s=lambda: 0.0):
        self.world, self.limit, self.pacer = world, limit, Pacer()
        self.way_s, self.refusal_s, self.late_s = way_s, refusal_s, late_s
        self.queue, self.is_busy = deque(), False
        self.refused, self.order, self.answered_s = 0, [], []

    def call(self, done=lambda: None, name=None):
        self.queue.append((done, name))
        if not self.is_busy:
            self.is_busy = True
            self.serve()

    def serve(self):
        wait_s = self.pacer.wait_s(self.world.now_s)
        if wait_s > 0:
            self.world.after(wait_s + self.late_s(), self.serve)
            return
        done, name = self.queue.popleft()
        self.order.append(name)
        self.world.after(self.way_s, self.arrive, self.world.now_s, done, name)
        self.is_busy = bool(self.queue)
        if self.queue:
            self.world.after(0, self.serve)

    def arrive(self, sent_s, done, name):
        is_refused, wait_s = self.limit.refuses(self.world.now_s)
        if is_refused:
            self.refused += 1
            self.world.after(self.refusal_s, self.again, sent_s, wait_s, done, name)
        else:
            self.world.after(0.05, self.answer, done)

    def again(self, sent_s, wait_s, done, name):
        self.pacer.refused(self.world.now_s, sent_s, wait_s)
        self.call(done, name)

    def answer(self, done):
        self.answered_s.append(self.world.now_s)
        done()


def many_at_once(limit, calls, **network):
    world = World()
    client = Client(world, limit, **network)
    for number in range(calls):
        client.call(name=number)
    world.run()
    assert len(client.answered_s) == calls
    return world.now_s, client


@pytest.mark.parametrize(("way_s", "refusal_s"), [(0.0, 0.002), (0.02, 0.02), (0.05, 0.1)])
def test_fifty_flows_take_hardly_longer_than_the_limit_needs(way_s, refusal_s):
    world = World()
    client = Client(world, Bucket(200, 50), way_s=way_s, refusal_s=refusal_s)
    for _ in range(50):
        start_flow(client.call)
    world.run()
    assert len(client.answered_s) == 600
    assert world.now_s <= 1.05 * (600 - 50) / 200
    assert client.refused <= 100 + 600 * 0.2, "100 of the first 150 cannot be known in advance"


def test_timers_that_fire_late_do_not_slow_the_pace():
    world, chance = World(), random.Random(1)
    client = Client(world, Bucket(200, 50), late_s=lambda: chance.random() * 0.004)
    for _ in range(50):
        start_flow(client.call)
    world.run()
    assert world.now_s <= 1.05 * (600 - 50) / 200


def test_with_an_exact_hint_one_call_in_fifty_is_refused():
    seconds, client = many_at_once(Bucket(50, 100), 2000, way_s=0.05, refusal_s=0.1)
    assert seconds <= 1.05 * (2000 - 100) / 50
    assert client.refused - 1900 <= 2000 * 0.02


@pytest.mark.parametrize(
    "hint",
    [lambda wait_s: wait_s, math.ceil, lambda wait_s: min(wait_s, 20.0)],
    ids=["exact", "whole seconds", "20 s at most"],
)
@pytest.mark.parametrize("begins_s", [0.0, 30.0])
def test_a_fixed_window_is_used_fully(hint, begins_s):
    world = World()
    client = Client(world, Window(60, 60.0, hint), way_s=0.05, refusal_s=0.1)
    for _ in range(300):
        world.after(begins_s, client.call)
    world.run()
    assert world.now_s <= 1.02 * 240.0
    assert client.refused - 240 <= 200, "less than one refusal a call besides the unavoidable ones"


def test_a_fixed_window_without_any_hint_is_used_well():
    seconds, client = many_at_once(Window(60, 60.0, lambda _: None), 300, way_s=0.05, refusal_s=0.1)
    assert seconds <= 1.15 * 240.0
    assert client.refused - 240 <= 300


@pytest.mark.parametrize("hint", [math.ceil, lambda _: None], ids=["whole seconds", "none"])
def test_a_bucket_with_a_poor_hint_is_used_well(hint):
    seconds, client = many_at_once(Bucket(10, 10, hint), 600, way_s=0.05, refusal_s=0.1)
    assert seconds <= 1.35 * (600 - 10) / 10
    assert client.refused - 590 <= 300


def test_a_limit_that_falls_is_followed():
    world, limit = World(), Bucket(100, 10)
    client = Client(world, limit, refusal_s=0.05)
    for _ in range(600):
        client.call()
    world.run(until_s=3.0)
    limit.rate, before = 10, len(client.answered_s)
    world.run()
    assert world.now_s - 3.0 <= 1.15 * (600 - before) / 10


def test_a_limit_that_is_lifted_is_found_out():
    world, limit = World(), Bucket(5, 5)
    client = Client(world, limit, refusal_s=0.05)
    for _ in range(2000):
        client.call()
    world.run(until_s=20.0)
    limit.rate = limit.burst = limit.level = 1e6
    world.run()
    assert world.now_s <= 60.0, "at the old pace it would be 380"


def test_pacing_wears_off():
    world = World()
    client = Client(world, Bucket(5, 5))
    for _ in range(20):
        client.call()
    world.run()
    now_s = world.now_s + 1000.0
    client.pacer.wait_s(now_s)
    assert [client.pacer.wait_s(now_s) for _ in range(1000)] == [0.0] * 1000


def test_pacing_does_not_wear_off_while_calls_wait():
    seconds, client = many_at_once(Window(60, 60.0), 900, way_s=0.05, refusal_s=0.1)
    assert seconds <= 1.02 * 840.0
    assert client.refused - 840 <= 300


def test_nothing_waits_before_the_first_refusal():
    pacer = Pacer()
    assert all(pacer.wait_s(second / 10) == 0.0 for second in range(3000))


def test_what_was_sent_long_ago_does_not_hide_a_low_limit():
    """One call a second for a while, then a minute of many: the rate is that of the last minute or so."""
    pacer = Pacer()
    for second in range(1000):
        pacer.wait_s(float(second))
    for _ in range(200):
        pacer.wait_s(1000.0)
    pacer.refused(1000.1, 1000.0, 2.0)
    assert pacer.wait_s(1002.0) == 0.0
    assert 0.1 <= pacer.wait_s(1002.0) <= 0.3


def test_calls_are_served_first_come_first_served():
    _, client = many_at_once(Bucket(100, 10), 200)
    waited = client.order[200:]
    assert waited[:50] == sorted(waited[:50])


def test_a_retry_after_without_end_is_tried_after_a_minute():
    pacer = Pacer()
    pacer.wait_s(0.0)
    pacer.refused(0.1, 0.0, math.inf)
    assert pacer.wait_s(0.1) == pytest.approx(59.9)


def test_without_a_hint_the_holds_double_up_to_a_minute():
    pacer, now_s, holds = Pacer(), 0.0, []
    for _ in range(10):
        wait_s = pacer.wait_s(now_s)
        now_s += wait_s
        if wait_s:
            assert pacer.wait_s(now_s) == 0.0
        pacer.refused(now_s, now_s)
        holds.append(pacer.wait_s(now_s))
    assert holds[0] == 0.5
    assert holds == sorted(holds)
    assert holds[-1] == 60.0


def test_a_refusal_of_a_call_that_never_asked_is_taken_in():
    pacer = Pacer()
    pacer.refused(5.0, 4.9, 0.5)
    assert 0 < pacer.wait_s(5.0) <= 0.5


def test_an_idle_hour_saves_nothing_up_for_a_burst():
    pacer = Pacer()
    pacer.wait_s(0.0)
    pacer.refused(0.002, 0.0, 0.1)
    pacer.wait_s(200.0)
    assert pacer.wait_s(200.0) > 0.05


@given(
    steps=st.lists(
        st.tuples(
            st.floats(0, 100),
            st.one_of(st.none(), st.floats(0, 5)),
            st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)),
        ),
        max_size=60,
    )
)
def test_a_wait_is_never_negative_and_never_longer_than_a_minute(steps):
    """Whatever is refused, however late, and whatever it says."""
    pacer, now_s = Pacer(), 0.0
    for wait_s, refused_after_s, hint_s in steps:
        now_s += wait_s
        if refused_after_s is not None:
            pacer.refused(now_s, now_s - refused_after_s, hint_s)
        assert 0.0 <= pacer.wait_s(now_s) <= 60.000001


@given(gaps=st.lists(st.floats(0, 1.5), min_size=2, max_size=60), rate=st.floats(0.1, 500), level=st.integers(1, 9))
def test_between_two_refusals_a_bucket_is_measured_exactly(gaps, rate, level):
    """A bucket that never runs over lets its rate through between two moments at which it holds one token."""
    bucket, meter, now_s = Bucket(rate, 1e9), RateMeter(), 0.0
    bucket.level = level
    closed, through = 0, 0
    for gap in gaps:
        now_s += gap / rate
        meter.sent(now_s)
        is_refused, wait_s = bucket.refuses(now_s)
        through += not is_refused
        if is_refused:
            meter.close(now_s)
            meter.refused(now_s + wait_s)
            closed += 1
            if closed > 1 and through:
                measured = meter.rate(now_s + wait_s, known=meter.through, hold_s=wait_s)
                assert measured == pytest.approx(rate, rel=1e-6)
            through = 0


def test_what_a_call_has_to_expect_is_the_hold_and_those_before_it():
    pacer = Pacer()
    assert pacer.expects_s(0.0, ahead=1000) == 0.0
    pacer.wait_s(0.0)
    pacer.refused(0.1, 0.0, 30.0)
    assert pacer.expects_s(10.0) == pytest.approx(20.0)
    assert pacer.expects_s(10.0, ahead=2) > pacer.expects_s(10.0, ahead=1) > 20.0
    assert pacer.expects_s(10.0) == pytest.approx(20.0), "asking takes no slot"
    assert pacer.expects_s(1000.0) == 0.0
