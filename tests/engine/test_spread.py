"""Calls are spread in proportion to weight, whoever is away meanwhile, and the same each time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.engine.spread import Spread

WEIGHTS = st.dictionaries(st.text("abcd", min_size=1, max_size=2), st.integers(1, 20).map(float), min_size=1)


@given(WEIGHTS, st.integers(0, 99), st.integers(1, 300))
def test_after_any_number_of_calls_each_has_had_its_share(weights, seed, calls):
    """Fewer than one call above its share, and fewer than one for each of the others below it."""
    spread = Spread(seed)
    taken = dict.fromkeys(weights, 0)
    for done in range(1, calls + 1):
        taken[spread.take(weights)] += 1
        for name, weight in weights.items():
            share = done * weight / sum(weights.values())
            assert share - (len(weights) - 1) - 1e-6 <= taken[name] <= share + 1 + 1e-6


@given(WEIGHTS, st.integers(0, 99), st.lists(st.integers(0, 1), max_size=60))
def test_the_same_seed_takes_the_same_turns(weights, seed, away):
    def turns():
        spread = Spread(seed)
        names = sorted(weights)
        for bit in away:
            yield spread.take({name: weights[name] for name in names[bit:] or names})

    assert list(turns()) == list(turns())


@given(st.integers(1, 9), st.integers(1, 50))
def test_one_that_was_away_gets_its_share_and_not_what_it_missed(weight, missed):
    spread = Spread()
    both = {"here": float(weight), "away": 1.0}
    for _ in range(missed):
        assert spread.take({"here": float(weight)}) == "here"
    back = [spread.take(both) for _ in range(4 * (weight + 1))]
    assert back.count("away") == 4


@given(st.integers(0, 99), st.integers(1, 50))
def test_without_weight_one_is_taken_only_where_no_other_is_open(seed, calls):
    spread = Spread(seed)
    assert {spread.take({"spare": 0.0, "one": 1.0, "two": 3.0}) for _ in range(calls)} <= {"one", "two"}
    assert spread.take({"spare": 0.0}) == "spare"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_seed_says_with_whom_of_equals_a_process_begins(seed):
    assert Spread(seed).take(dict.fromkeys("abc", 1.0)) == "abc"[seed]
