"""Calls that got slower or less reliable are noticed within a day, and what was before counts no more."""

import random

import pytest

from nubem_jupyter.catalog.call_changes import as_since, by_model, calls_changed
from nubem_jupyter.catalog.learned import with_learned
from nubem_jupyter.core.call_statistics import CallStatistics, fold
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.observation import CallObservation

MODEL = ModelId("a/one")
DAY_S = 86_400.0
BEGIN_S = 19_900 * DAY_S


def call(day, first=0.5, *, rate=50.0, ok=True):
    return CallObservation(
        model=MODEL,
        capability="answer",
        at_s=BEGIN_S + day * DAY_S,
        ok=ok,
        error_kind="" if ok else "provider.failed",
        first_token_s=first if ok else None,
        output_tokens=101 if ok else 0,
        total_s=first + 100 / rate if ok else None,
    )


def days_of(calls):
    found = {}
    for one in calls:
        found.setdefault(f"2024-{1 + int((one.at_s - BEGIN_S) // DAY_S):03d}", []).append(one)
    return [(day, CallStatistics().plus(made, 1e12)) for day, made in sorted(found.items())]


def noisy(chance, day, count, first=0.5, rate=50.0, fails=0.05):
    return [
        call(
            day,
            first * chance.lognormvariate(0, 0.4),
            rate=rate * chance.lognormvariate(0, 0.3),
            ok=chance.random() > fails,
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("later", "what"), [({"first": 2.0}, "first text"), ({"rate": 12.0}, "pace"), ({"fails": 0.7}, "failures")]
)
def test_what_changes_is_found_and_nothing_else(later, what):
    chance = random.Random(3)
    calls = [one for day in range(6) for one in noisy(chance, day, 40)]
    days = days_of([*calls, *noisy(chance, 6, 40, **later)])
    (change,) = calls_changed(days)
    assert (change.what, change.since) == (what, "2024-007")
    whole = fold({}, calls, 1e12)[MODEL, "answer"]
    since = as_since(whole, (change,), days)
    part = {"first text": "first_token_s", "pace": "tokens_per_s", "failures": "ends"}[what]
    for name in ("first_token_s", "tokens_per_s", "ends"):
        assert getattr(since, name) == getattr(dict(days)["2024-007"] if name == part else whole, name)


def test_the_model_is_as_it_has_been_since_and_its_range_is_that_of_fewer_calls():
    chance = random.Random(4)
    before = [one for day in range(5) for one in noisy(chance, day, 40, fails=0.0)]
    after = noisy(chance, 5, 10, first=4.0, fails=0.0)
    days = {(MODEL, day): told for day, told in days_of([*before, *after])}
    whole = fold({}, [*before, *after], 1e12)
    plain = ModelInfo(id=MODEL, provider="a")
    now_s = BEGIN_S + 6 * DAY_S
    (blind,), (seeing,) = with_learned([plain], whole, now_s), with_learned([plain], whole, now_s, days)
    assert blind.speed.first_token_s.value < 1
    assert seeing.speed.first_token_s.value > 2.5
    assert seeing.speed.tokens_per_s == blind.speed.tokens_per_s
    assert seeing.speed.first_token_s.n <= 10
    assert [change.what for change in seeing.calls_changed] == ["first text"]
    figure = seeing.speed.first_token_s
    assert figure.high / figure.low > blind.speed.tokens_per_s.high / blind.speed.tokens_per_s.low


def test_a_median_that_moves_by_less_than_half_is_told_by_nobody():
    chance = random.Random(5)
    calls = [one for day in range(8) for one in noisy(chance, day, 200, first=0.5 if day < 4 else 0.65)]
    assert calls_changed(days_of(calls)) == ()
    # Nor where one day with few calls was quite another one.
    assert calls_changed(days_of([*calls, *(call(8, 5.0) for _ in range(2))])) == ()


def test_all_calls_alike_before_and_alike_since_is_a_change_too():
    calls = [call(day, 0.5 if day < 2 else 2.0) for day in range(6) for _ in range(10)]
    (change,) = calls_changed(days_of(calls))
    assert (change.what, change.since) == ("first text", "2024-003")
    assert (change.before, change.now) == (pytest.approx(0.5, rel=0.02), pytest.approx(2.0, rel=0.02))


def test_calls_that_never_change_are_hardly_ever_said_to():
    chance = random.Random(6)
    told = [calls_changed(days_of([one for day in range(10) for one in noisy(chance, day, 8)])) for _ in range(100)]
    assert sum(map(len, told)) <= 4


def test_models_of_which_nothing_is_known_or_little_have_no_changes():
    assert calls_changed([]) == calls_changed(days_of([call(0)])) == ()
    assert calls_changed(days_of([call(0, ok=False), call(1, ok=False)])) == ()
    days = {(MODEL, day): told for day, told in days_of([call(1), call(0)])}
    assert [day for day, _ in by_model(days)[MODEL]] == ["2024-001", "2024-002"]
