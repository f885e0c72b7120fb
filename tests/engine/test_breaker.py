"""A breaker leaves a deployment alone that keeps failing, and comes back to it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.engine.breaker import Breaker, BreakerPolicy, BreakerState


def opened(now_s=0.0, policy=None):
    breaker = Breaker(policy)
    while breaker.state is BreakerState.CLOSED:
        breaker.failed(now_s)
    return breaker


def test_it_tells_whether_a_trial_is_due_and_lets_none_through_by_that():
    breaker = Breaker()
    assert breaker.is_due(0.0)
    breaker.trip(0.0)
    assert not breaker.is_due(0.4)
    assert breaker.is_due(0.6)
    assert breaker.state is BreakerState.OPEN
    assert breaker.allows(0.6)
    assert not breaker.is_due(0.7), "the trial's outcome is awaited"
    breaker.succeeded(0.8)
    assert breaker.is_due(0.8)


def test_a_new_breaker_lets_calls_through():
    breaker = Breaker()
    assert breaker.state is BreakerState.CLOSED
    assert breaker.allows(0.0)


def test_it_opens_at_the_least_number_of_failures_and_not_before():
    breaker = Breaker(BreakerPolicy(least_failures=3))
    breaker.failed(0.0)
    breaker.failed(1.0)
    assert breaker.allows(1.0)
    breaker.failed(2.0)
    assert breaker.state is BreakerState.OPEN
    assert not breaker.allows(2.0)


def test_one_call_is_enough_to_know_that_nobody_is_there_and_it_may_be_back_soon():
    breaker = Breaker(BreakerPolicy(gone_rest_s=1.0))
    breaker.trip(0.0)
    assert breaker.state is BreakerState.OPEN
    breaker.trip(0.5)  # calls that were under way find the same
    assert not breaker.allows(0.9)
    assert breaker.allows(1.0)
    breaker.trip(1.0)  # the trial too: the next one comes later
    assert not breaker.allows(2.9)
    assert breaker.allows(3.0)
    breaker.succeeded(3.0)
    assert breaker.state is BreakerState.CLOSED


def test_it_knows_when_the_latest_call_was_answered():
    breaker = Breaker()
    assert breaker.good_s == float("-inf")
    breaker.succeeded(7.0)
    breaker.failed(8.0)
    assert breaker.good_s == 7.0


def test_it_stays_closed_while_most_calls_succeed():
    breaker = Breaker()
    for second in range(100):
        breaker.succeeded(second / 10)
        breaker.succeeded(second / 10)
        breaker.failed(second / 10)
    assert breaker.state is BreakerState.CLOSED


def test_it_opens_when_half_of_the_latest_calls_failed_however_many_succeeded_before():
    breaker = Breaker(BreakerPolicy(most_seen=20))
    for _ in range(1000):
        breaker.succeeded(0.0)
    for _ in range(9):
        breaker.failed(0.0)
    assert breaker.state is BreakerState.CLOSED
    breaker.failed(0.0)
    assert breaker.state is BreakerState.OPEN


def test_failures_long_past_do_not_count():
    breaker = Breaker(BreakerPolicy(window_s=30.0, least_failures=3))
    for second in range(0, 1000, 20):
        breaker.failed(float(second))
    assert breaker.state is BreakerState.CLOSED


def test_one_failure_in_ten_does_not_open_it():
    chance, breaker = random.Random(11), Breaker()
    for tick in range(20_000):
        (breaker.failed if chance.random() < 0.1 else breaker.succeeded)(tick / 100)
        assert breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize("together", [20, 60, 200, 600])
def test_failures_that_come_before_the_answers_of_calls_sent_together_do_not_open_it(together):
    """One call in ten fails, and all of these are heard of first."""
    breaker = Breaker()
    for heard in range(together):
        under_way = together - heard - 1
        if heard < together / 10:
            breaker.failed(0.025, under_way)
        else:
            breaker.succeeded(0.05)
    assert breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize("together", [1, 8, 60, 600])
def test_it_opens_where_all_fail_however_many_are_always_under_way(together):
    """Though a long past of answers lies behind it: a failure for each of them and for what it remembers is enough."""
    breaker = Breaker()
    for _ in range(1000):
        breaker.succeeded(0.0)
    failures = 0
    while breaker.state is BreakerState.CLOSED:
        failures += 1
        breaker.failed(1.0, together)
    assert failures <= together + BreakerPolicy().most_seen


def test_after_the_rest_one_trial_goes_through():
    breaker = opened()
    assert not breaker.allows(4.9)
    assert breaker.allows(5.0)
    assert breaker.state is BreakerState.HALF_OPEN
    assert not breaker.allows(5.0)


def test_a_trial_that_succeeds_closes_it_and_forgets_the_past():
    breaker = opened()
    assert breaker.allows(5.0)
    breaker.succeeded(6.0)
    assert breaker.state is BreakerState.CLOSED
    breaker.failed(6.0)
    assert breaker.allows(6.0)


def test_rests_double_with_each_failed_trial_up_to_a_bound():
    breaker, now_s, rests = opened(policy=BreakerPolicy(first_rest_s=5.0, most_rest_s=30.0)), 0.0, []
    for _ in range(5):
        began_s = now_s
        while not breaker.allows(now_s):
            now_s += 1.0
        rests.append(now_s - began_s)
        breaker.failed(now_s)
    assert rests == [5.0, 10.0, 20.0, 30.0, 30.0]


def test_rests_are_short_again_once_it_was_closed():
    breaker = opened(policy=BreakerPolicy(least_failures=1))
    assert breaker.allows(5.0)
    breaker.failed(5.0)
    assert breaker.allows(15.0)
    breaker.succeeded(15.0)
    breaker.failed(16.0)
    breaker.failed(16.0)
    assert not breaker.allows(20.9)
    assert breaker.allows(21.0)


def test_late_outcomes_do_not_move_an_open_breaker():
    breaker = opened()
    breaker.failed(1.0)
    breaker.succeeded(2.0)
    assert breaker.state is BreakerState.OPEN
    assert breaker.allows(5.0)


def test_a_trial_that_never_ends_is_replaced_after_a_rest():
    breaker = opened()
    assert breaker.allows(5.0)
    assert not breaker.allows(9.9)
    assert breaker.allows(10.0)


@given(
    outcomes=st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["failed", "succeeded", "lost"])), max_size=200),
    first_rest_s=st.floats(0.1, 10),
)
def test_it_never_stays_shut_for_longer_than_its_longest_rest(outcomes, first_rest_s):
    policy = BreakerPolicy(least_failures=2, first_rest_s=first_rest_s, most_rest_s=40.0)
    breaker, now_s = Breaker(policy), 0.0
    for gap_s, outcome in outcomes:
        now_s += gap_s
        if breaker.allows(now_s) and outcome != "lost":
            getattr(breaker, outcome)(now_s)
    assert breaker.allows(now_s + policy.most_rest_s + 1e-6)


@pytest.mark.parametrize("state", list(BreakerState))
def test_states_read_as_words(state):
    assert str(state) in {"closed", "open", "half-open"}
