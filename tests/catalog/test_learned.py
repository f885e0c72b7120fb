"""Speed and error rates of models from this machine's own calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.catalog.learned import (
    earlier_calls,
    learned_cached_share,
    learned_error_rate,
    learned_speed,
    with_learned,
)
from nubem_jupyter.core.call_statistics import CallStatistics, fold
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Speed
from nubem_jupyter.core.observation import CallObservation
from nubem_jupyter.ports import SpeedSample

DAY_S = 86_400.0
NOW_S = 20_000 * DAY_S
"""2024-10-04."""
MODEL = ModelId("a/one")
LISTED = Speed(
    first_token_s=Figure(value=9.0, source="listed"), tokens_per_s=Figure(value=9.0, source="listed")
)  # fmt: skip


def call(model=MODEL, capability="answer", first=0.5, at_s=NOW_S, ok=True, cached=0.0):
    return CallObservation(
        model=model, capability=capability, at_s=at_s, ok=ok, error_kind="" if ok else "provider.failed",
        first_token_s=first if ok else None, output_tokens=21, total_s=first + 1,
        cached_share=cached,
    )  # fmt: skip


def known(*calls):
    return CallStatistics().plus(calls, NOW_S)


def info(model=MODEL, **more):
    return ModelInfo(id=model, provider="a", **more)


def test_a_speed_is_the_median_with_the_range_of_calls():
    speed = learned_speed(known(*(call(first=place / 100) for place in range(1, 101))), NOW_S)
    assert speed.first_token_s.value == pytest.approx(0.5, rel=0.02)
    assert speed.first_token_s.low == pytest.approx(0.05, rel=0.02)
    assert speed.first_token_s.high == pytest.approx(0.95, rel=0.02)
    assert speed.tokens_per_s.value == pytest.approx(20, rel=0.02)
    assert (speed.first_token_s.source, speed.first_token_s.date) == ("measured here", "2024-10-04")
    assert speed.first_token_s.n == 100


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=60), st.floats(0, 40))
def test_fading_only_widens_a_range_until_it_is_unknown(firsts, days):
    statistics = known(*map(lambda first: call(first=first), firsts))
    now, later = (learned_speed(statistics, at_s) for at_s in (NOW_S, NOW_S + days * DAY_S))
    if later is None:
        assert days > 20
        return
    assert later.first_token_s.value == now.first_token_s.value
    assert 0 < later.first_token_s.low <= now.first_token_s.low <= now.first_token_s.value
    assert now.first_token_s.value <= now.first_token_s.high <= later.first_token_s.high


def test_what_is_read_before_is_the_mean_share_with_the_range_of_calls_by_capability():
    calls = [call(cached=0.8), call(cached=0.8), call(cached=0.0), call(capability="classify")]
    found = with_learned([info()], fold({}, calls, NOW_S), NOW_S)[0]
    assert [one.capability for one in found.cached_shares] == ["answer"], "of the others nothing was ever kept"
    share = found.cached_share("answer")
    assert share.value == pytest.approx(1.6 / 3, rel=0.02)
    assert (share.low, share.high) == (pytest.approx(0.0, abs=0.001), pytest.approx(0.8, rel=0.02))
    assert (share.n, share.source) == (3, "measured here")
    assert found.cached_share("classify") is None
    assert learned_cached_share("answer", known(*calls[:3]), NOW_S + 400 * DAY_S) is None, "it fades"
    assert learned_cached_share("answer", known(call(cached=1.0)), NOW_S).share.value <= 1.0
    assert learned_cached_share("answer", CallStatistics(), NOW_S) is None


def test_one_call_is_not_taken_for_certainty():
    first = learned_speed(known(call()), NOW_S).first_token_s
    assert first.n == 1
    assert first.low < 0.5 / 3
    assert first.high > 0.5 * 3


def test_evidence_of_long_ago_is_unknown_and_never_zero():
    statistics = known(*[call()] * 1_000, *[call(ok=False)] * 1_000)
    assert learned_speed(statistics, NOW_S + 365 * DAY_S) is None
    assert learned_error_rate(statistics, NOW_S + 365 * DAY_S) is None
    assert learned_speed(statistics, NOW_S + 60 * DAY_S).first_token_s.value == pytest.approx(0.5, rel=0.02)


def test_what_was_never_called_or_only_failed_has_no_speed():
    assert learned_speed(CallStatistics(), NOW_S) is None
    assert learned_error_rate(CallStatistics(), NOW_S) is None
    assert learned_speed(known(call(ok=False)), NOW_S) is None


def test_an_error_rate_has_its_interval_number_and_date():
    rate = learned_error_rate(known(*[call()] * 90, *[call(ok=False)] * 10), NOW_S)
    assert rate.value == pytest.approx(0.1)
    assert 0.05 < rate.low < rate.value < rate.high < 0.17
    assert (rate.source, rate.n, rate.date) == ("measured here", 100, "2024-10-04")
    assert rate == learned_error_rate(known(*[call()] * 90, *[call(ok=False)] * 10), NOW_S)


def timing(model=MODEL, date="2024-10-04T09:00:00.000+00:00"):
    return SpeedSample(model=model, first_token_s=0.5, output_tokens=21, total_s=1.5, date=date)


def test_timings_on_record_tell_of_models_of_which_no_call_is_known_and_nothing_of_failures():
    told = earlier_calls(
        [timing(), timing(), timing(ModelId("a/two"))], fold({}, [call(ModelId("a/two"))], NOW_S), NOW_S
    )
    ((key, statistics),) = told.items()
    assert key == (MODEL, "")
    assert learned_speed(statistics, NOW_S).first_token_s.n == 2
    assert learned_error_rate(statistics, NOW_S) is None


def test_timings_on_record_fade_by_their_day_and_without_one_tell_nothing():
    told = earlier_calls([timing(date="2024-09-27")], {}, NOW_S)
    assert told[MODEL, ""].first_token_s.count(NOW_S) == pytest.approx(0.5)
    assert earlier_calls([timing(date="")], {}, NOW_S) == {}


def test_models_get_what_all_capabilities_together_told():
    told = fold({}, [call(), call(capability="classify"), call(capability="classify", ok=False)], NOW_S)
    (model,) = with_learned([info()], told, NOW_S)
    assert model.speed.first_token_s.n == 2
    assert model.error_rate.n == 3


def test_what_was_measured_here_comes_before_a_listed_speed_and_gives_way_when_it_has_faded():
    told = fold({}, [call()], NOW_S)
    (now,) = with_learned([info(speed=LISTED)], told, NOW_S)
    (later,) = with_learned([info(speed=LISTED)], told, NOW_S + 90 * DAY_S)
    assert now.speed.first_token_s.source == "measured here"
    assert later == info(speed=LISTED)


def test_other_models_stay_the_values_that_they_are_in_their_order():
    models = [info(ModelId("a/zero")), info(), info(ModelId("a/two"))]
    found = with_learned(models, fold({}, [call(), call(ModelId("gone/away"))], NOW_S), NOW_S)
    assert [model.id for model in found] == ["a/zero", "a/one", "a/two"]
    assert found[0] is models[0]
    assert found[2] is models[2]
