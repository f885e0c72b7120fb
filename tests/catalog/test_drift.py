"""Results that change by more than chance are found, and those that do not are hardly ever said to."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.catalog import drift
from nubem_jupyter.catalog.drift import Day, chance_of_no_change, changed, sum_of


def days(*found):
    return [Day(f"2026-01-{place:02d}", n, right) for place, (n, right) in enumerate(found, 1)]


def fisher(before, after):
    """Fisher's exact test, doubled, by counting."""
    n, right = before.n + after.n, before.right + after.right

    def at_most(later):
        first, last = max(0, right - before.n), min(after.n, right)
        ways = {k: math.comb(after.n, k) * math.comb(before.n, right - k) for k in range(first, last + 1)}
        return sum(count for k, count in ways.items() if k <= later) / math.comb(n, right)

    return min(1.0, 2 * min(at_most(after.right), 1 - at_most(after.right - 1) if after.right else 1.0))


counts = st.tuples(st.integers(1, 60), st.integers(0, 60)).map(lambda pair: (pair[0], min(pair)))


@given(counts, counts)
def test_the_chance_is_that_of_fishers_exact_test(before, after):
    pair = days(before, after)
    assert chance_of_no_change(*pair) == pytest.approx(fisher(*pair), abs=1e-5)


def test_it_holds_for_very_many_cases_too():
    pair = days((4000, 3600), (4000, 3500))
    assert chance_of_no_change(*pair) == pytest.approx(fisher(*pair), rel=1e-3)


@given(st.floats(0, 20), st.floats(0, 20))
def test_scores_between_right_and_wrong_lie_between_their_neighbours(before, after):
    """Where the later share is the lesser one, a little more before can only make a change likelier."""
    less, more = (drift._no_worse(20.0, right, 20.0, after) for right in (before, min(before + 1, 20.0)))
    assert more <= less + 1e-6


def test_nothing_that_matters_is_passed_over_without_a_closer_look():
    for n in range(1, 25):
        for later_n in range(1, 25):
            for right in range(n + 1):
                for later in range(0, later_n + 1, 3):
                    pair = days((n, right), (later_n, later))
                    if drift._errors_apart(*pair) <= drift._CLEARLY:
                        assert fisher(*pair) > 0.01


def test_eighteen_of_twenty_before_and_nine_since_is_a_change():
    split = changed(days((20, 18), (20, 9)))
    assert (split.since, split.before.right, split.after.right) == ("2026-01-02", 18, 9)
    assert 0.05 < split.weight < 0.25
    assert changed(days((20, 18), (20, 16))) is None
    assert changed(days((20, 9), (20, 18))).since == "2026-01-02"
    assert changed(days((20, 18))) is changed([]) is None


def test_the_day_is_found_and_of_several_changes_the_last_counts():
    steady = [(20, 18)] * 5
    assert changed(days(*steady, (20, 9), (20, 10), (20, 9))).since == "2026-01-06"
    again = changed(days(*steady, *[(20, 6)] * 5, *[(20, 17)] * 5))
    assert (again.since, again.before.right / again.before.n) == ("2026-01-11", 0.3)


def test_what_is_older_than_sixty_days_is_one():
    old = [Day(f"{1900 + place}", 10, 9) for place in range(200)]
    split = changed([*old, Day("2200", 20, 4)])
    assert (split.since, split.before.n) == ("2200", 2000)


@given(counts, counts)
def test_older_results_keep_as_much_weight_as_leaves_no_contradiction(before, after):
    pair = days(before, after)
    weight = drift._worth(*pair)
    assert 0 < weight <= 1
    fewer = days((before[0] * weight, before[1] * weight))[0]
    (p, v), (q, w) = (drift._mean_and_variance(one) for one in pair)
    apart = abs(p - q) / math.sqrt(v / fewer.n + w / after[0])
    assert weight == 1 or apart == pytest.approx(1.645, abs=1e-3)


def test_days_together_are_the_first_day_with_all_cases():
    assert sum_of(days((3, 1), (4, 2.5))) == Day("2026-01-01", 7, 3.5)


def stream(chance, share, lengths):
    """Cases a day, right by chance; ``share`` tells how likely on which day."""
    return [
        Day(
            f"2026-{place // 28 + 1:02d}-{place % 28 + 1:02d}", n, sum(chance.random() < share(place) for _ in range(n))
        )
        for place, n in enumerate(lengths)
    ]


def test_of_streams_that_never_change_hardly_one_is_said_to():
    """One look at each of 400 streams: by the bound one in a hundred of them, and the seeds are fixed."""
    chance = random.Random(5)
    alarms = 0
    for _ in range(400):
        right = chance.random()
        lengths = [chance.randrange(1, 30) for _ in range(12)]
        alarms += changed(stream(chance, lambda _, right=right: right, lengths)) is not None
    assert alarms <= 8


def test_looking_every_day_for_a_month_seldom_gives_a_false_alarm():
    chance = random.Random(6)
    alarms = 0
    for _ in range(100):
        right = chance.uniform(0.3, 0.95)
        whole = stream(chance, lambda _, right=right: right, [10] * 28)
        alarms += any(changed(whole[:day]) for day in range(2, 29))
    assert alarms <= 8


@pytest.mark.parametrize(("before", "after", "n", "found"), [(0.9, 0.45, 10, 0.9), (0.9, 0.7, 40, 0.8)])
def test_real_changes_are_found_within_a_few_days(before, after, n, found):
    chance = random.Random(7)
    told = [changed(stream(chance, lambda day: before if day < 10 else after, [n] * 15)) for _ in range(60)]
    near = [one for one in told if one and "2026-01-09" <= one.since <= "2026-01-13"]
    assert len(near) >= found * 60


def test_what_did_not_change_is_not_worked_out_again(monkeypatch):
    found = days(*[(31, 29)] * 5, (31, 12))
    before = changed(found)
    monkeypatch.setattr(drift, "_one_change", None)
    assert changed(list(found)) == before
