"""A limit that is said beforehand is kept in any minute, and no call waits longer than it has to."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nubem_jupyter.engine.allowance import Allowance, LimitedPacer

GAPS = st.lists(st.floats(0, 30), min_size=1, max_size=60)


@given(st.integers(1, 8), GAPS)
@example(1, [1.778714994205389, 0.0])
def test_no_minute_has_more_calls_than_are_allowed(most, gaps):
    allowance, now_s, sent = Allowance(calls_per_min=most), 1000.0, []
    for gap in gaps:
        now_s += gap
        while wait_s := allowance.wait_s(now_s):
            assert 0 < wait_s <= 60
            assert len([at for at in sent if at > now_s - 60]) >= most, "it waits only where it has to"
            now_s += wait_s + 1e-6
        allowance.sent(now_s)
        sent.append(now_s)
        allowance.ended(now_s, 0)
        assert len([at for at in sent if at > now_s - 60]) <= most


@given(st.integers(100, 1000), st.lists(st.tuples(st.floats(0, 30), st.integers(1, 400)), min_size=1, max_size=60))
def test_tokens_are_overrun_by_one_call_at_most_where_calls_come_one_after_the_other(most, calls):
    allowance, now_s, used = Allowance(tokens_per_min=most), 1000.0, []
    for gap, tokens in calls:
        now_s += gap
        while wait_s := allowance.wait_s(now_s):
            assert 0 < wait_s <= 60
            now_s += wait_s + 1e-6
        before = sum(count for at, count in used if at > now_s - 60)
        assert before <= most
        allowance.sent(now_s)
        allowance.ended(now_s, tokens)
        used.append((now_s, tokens))


def test_calls_under_way_count_for_what_answered_ones_took_on_average():
    allowance = Allowance(tokens_per_min=1000)
    allowance.sent(0.0)
    allowance.ended(0.0, 300)
    for _ in range(2):
        assert allowance.wait_s(1.0) == 0
        allowance.sent(1.0)
    assert allowance.wait_s(1.0) == pytest.approx(59.0), "300 used, 600 under way: 300 more come free after a minute"
    allowance.ended(1.0, 0)
    assert allowance.wait_s(1.0) == 0, "a call that failed used nothing"


def test_where_only_calls_under_way_are_in_the_way_it_is_asked_again_soon():
    allowance = Allowance(tokens_per_min=100)
    allowance.sent(0.0)
    allowance.ended(0.0, 80)
    assert allowance.wait_s(70.0) == 0
    allowance.sent(70.0)
    assert 0 < allowance.wait_s(70.0) < 1


def test_a_call_that_takes_more_than_a_minutes_tokens_is_let_through_alone():
    allowance = Allowance(tokens_per_min=100)
    allowance.sent(0.0)
    allowance.ended(0.0, 500)
    assert allowance.wait_s(1.0) == pytest.approx(59.0)
    assert allowance.wait_s(60.0) == 0


def test_taking_is_asking_and_sending():
    allowance = Allowance(calls_per_min=2)
    assert [allowance.take(0.0), allowance.take(10.0)] == [0, 0]
    assert allowance.take(20.0) == allowance.wait_s(20.0) == 40
    assert allowance.take(60.0) == 0
    assert allowance.wait_s(60.0) == 10


def test_without_a_limit_nothing_waits():
    allowance = Allowance()
    for _ in range(1000):
        assert allowance.wait_s(0.0) == 0
        allowance.sent(0.0)


def test_a_pacer_within_an_allowance_waits_for_both():
    pacer = LimitedPacer(Allowance(calls_per_min=2))
    assert [pacer.wait_s(0.0), pacer.wait_s(0.0)] == [0, 0]
    assert pacer.expects_s(0.0) == pacer.wait_s(0.0) == 60
    assert pacer.wait_s(60.0) == 0
    pacer.refused(60.0, 60.0, retry_after_s=10.0)
    assert pacer.expects_s(61.0) == pytest.approx(9.0, abs=0.1)
    assert 8 < pacer.wait_s(61.0) < 10
