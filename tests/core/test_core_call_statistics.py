"""Calls folded into what is known of each model and capability."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.call_statistics import CallStatistics, fold, pooled, read_statistics
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.observation import CallObservation
from nubem_jupyter.errors import FormatError

NOW_S = 1e9
ONE, TWO = (ModelId("a/one"), "answer"), (ModelId("a/one"), "classify")


def call(key=ONE, at_s=NOW_S, first=0.5, total=1.5, ok=True, **more):
    model, capability = key
    return CallObservation(
        model=model,
        capability=capability,
        at_s=at_s,
        ok=ok,
        first_token_s=first,
        output_tokens=21,
        total_s=total,
        **more,
    )


calls = st.lists(
    st.builds(
        call,
        key=st.sampled_from([ONE, TWO]),
        at_s=st.floats(NOW_S - 1e6, NOW_S),
        first=st.none() | st.floats(0.01, 1.0),
        total=st.none() | st.floats(1.5, 9.0),
        ok=st.booleans(),
    ),
    max_size=30,
)


def counts(statistics):
    return [each.count(NOW_S) for each in (statistics.first_token_s, statistics.tokens_per_s, statistics.ends)]


def test_each_call_is_taken_in_where_it_belongs():
    known = fold({}, [call(), call(), call(TWO, ok=False, first=None, error_kind="provider.failed")], NOW_S)
    assert counts(known[ONE]) == pytest.approx([2, 2, 2])
    assert counts(known[TWO]) == pytest.approx([0, 0, 1])
    assert known[TWO].ends.failed == (("provider.failed", 1.0),)
    assert known[ONE].first_token_s.value_at(0.5) == pytest.approx(0.5, rel=0.011)
    assert known[ONE].tokens_per_s.value_at(0.5) == pytest.approx(20, rel=0.011)
    assert known[ONE].at_s == NOW_S
    assert CallStatistics().at_s == 0


def test_what_is_known_already_is_added_to_and_the_rest_stays():
    known = fold({}, [call(), call(TWO)], NOW_S)
    more = fold(known, [call()], NOW_S)
    assert counts(more[ONE]) == pytest.approx([2, 2, 2])
    assert more[TWO] is known[TWO]
    assert counts(known[ONE]) == pytest.approx([1, 1, 1]), "what was known is not changed"


def test_answers_that_were_at_hand_tell_nothing():
    assert fold({}, [call(cached=True)], NOW_S) == {}
    assert CallStatistics().plus([call(cached=True)], NOW_S) == CallStatistics()


@pytest.mark.parametrize("first", [math.nan, math.inf, -1.0])
def test_a_time_that_is_none_is_left_out(first):
    found = CallStatistics().plus([call(first=first)], NOW_S)
    assert found.first_token_s.count(NOW_S) == 0
    assert found.ends.count(NOW_S) == 1


def test_a_failure_of_no_kind_is_a_failure():
    assert CallStatistics().plus([call(ok=False)], NOW_S).ends.failed == (("error", 1.0),)


@given(calls, calls)
def test_folding_by_parts_and_merging_tell_what_folding_at_once_does(first, second):
    at_once = fold({}, first + second, NOW_S)
    by_parts = fold(fold({}, first, NOW_S), second, NOW_S)
    one, two = fold({}, first, NOW_S), fold({}, second, NOW_S)
    for key, whole in at_once.items():
        assert counts(by_parts[key]) == pytest.approx(counts(whole), abs=1e-3)
        merged = pooled([each[key] for each in (one, two) if key in each])
        assert counts(merged) == pytest.approx(counts(whole), abs=1e-3)


def test_failures_fade_sooner_than_times():
    known = CallStatistics().plus([call()], NOW_S)
    later_s = NOW_S + 5 * 86_400
    assert known.ends.count(later_s) < known.first_token_s.count(later_s) < 1


def test_a_clock_that_was_ahead_is_set_right():
    ahead = CallStatistics().plus([call(at_s=2 * NOW_S)], 2 * NOW_S)
    assert counts(ahead.until(NOW_S).merged(CallStatistics().plus([call()], NOW_S))) == pytest.approx([2, 2, 2])


def test_shares_of_prompts_are_of_calls_whose_tokens_are_known():
    made = [call(cached_share=0.8), call(cached_share=0.0), call(ok=False, first=None, total=None)]
    known = CallStatistics().plus([*made[:2], msgspec.structs.replace(made[2], output_tokens=0)], NOW_S)
    assert known.cached_share.count(NOW_S) == pytest.approx(2)
    assert known.cached_share.mean() == pytest.approx(0.4, rel=0.01)
    assert pooled([known, known]).cached_share.count(NOW_S) == pytest.approx(4)
    assert read_statistics(known.to_bytes()).cached_share == known.cached_share


def test_what_was_written_before_such_shares_were_kept_is_read():
    known = CallStatistics().plus([call()], NOW_S)
    earlier = msgspec.msgpack.encode((known.first_token_s.to_bytes(), known.tokens_per_s.to_bytes(), known.ends))
    again = read_statistics(earlier)
    assert counts(again) == pytest.approx(counts(known))
    assert again.cached_share == CallStatistics().cached_share


def test_nothing_pooled_is_nothing_known():
    assert pooled([]) == CallStatistics()


@given(calls)
def test_what_is_written_is_small_and_is_read_again(made):
    known = CallStatistics().plus(made, NOW_S)
    written = known.to_bytes()
    assert len(written) < 4_500
    again = read_statistics(written)
    assert counts(again) == pytest.approx(counts(known), rel=1e-6)
    assert read_statistics(again.to_bytes()) == again


@pytest.mark.parametrize("written", [b"", b"nonsense", CallStatistics().to_bytes()[:-3], b"\x93\xc4\x00\xc4\x00\x80"])
def test_what_is_damaged_is_refused(written):
    with pytest.raises(FormatError, match="damaged"):
        read_statistics(written)
