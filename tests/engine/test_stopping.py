"""When a series of models stops: each stage has a chance of its own, by what the next model costs."""

import msgspec
import numpy as np
import pytest

from nubem_jupyter.engine.cascade import Outcome, records_of
from nubem_jupyter.engine.cascade.cascade import Cascade
from nubem_jupyter.engine.cascade.replay import Rehearsal, play
from nubem_jupyter.engine.cascade.stopping import begun, best_stops

NOBODY = np.zeros(0, dtype=np.int64)
SKILLS = {"small": 0.7, "other": 0.68, "third": 0.66, "large": 0.9}
COSTS = {"small": 1.0, "other": 1.0, "third": 1.0, "large": 100.0}
SERIES = (0, 1, 2, 3)


@pytest.fixture(scope="module")
def rehearsal():
    rng = np.random.default_rng(7)

    def calls():
        for query in range(400):
            for model, skill in SKILLS.items():
                right = rng.random() < skill
                answer = f"{'right' if right else rng.integers(6)} of {query}"
                yield Outcome(
                    query=f"q{query}",
                    task="sums",
                    model=model,
                    score=float(right),
                    cost_usd=COSTS[model],
                    answer=answer,
                )

    return Rehearsal(records_of(calls()), NOBODY, 0)


def played(rehearsal, sure):
    (found,) = play(rehearsal.records, [Cascade(models=SERIES, sure=sure)], rehearsal)
    return found


def worth(rehearsal, sure, price):
    found = played(rehearsal, sure)
    return found.score.mean() - price * found.cost_usd.mean()


def test_a_cheap_next_model_is_asked_where_a_dear_one_is_not(rehearsal):
    ((first, second, third),) = best_stops(rehearsal, SERIES, [0.002])
    assert min(first, second) > third


@pytest.mark.parametrize("price", [1e-5, 1e-4, 5e-4, 2e-3, 1e-2, 0.1])
def test_no_other_chance_at_one_stage_is_better_and_none_for_all_alike(rehearsal, price):
    (found,) = best_stops(rehearsal, SERIES, [price])
    others = [(*found[:stage], chance, *found[stage + 1 :]) for stage in range(3) for chance in (0.5, 0.8, 0.95, 1.1)]
    alike = [(chance,) * 3 for chance in (0.5, 0.7, 0.8, 0.9, 0.95, 1.1)]
    best = worth(rehearsal, found, price)
    assert all(worth(rehearsal, other, price) <= best + 1e-9 for other in [*others, *alike])


def test_the_dearer_quality_is_the_less_is_spent(rehearsal):
    stops = [best_stops(rehearsal, SERIES, [price])[0] for price in (0.0, 1e-4, 1e-3, 1e-2, 1.0)]
    spent = [played(rehearsal, sure).cost_usd.mean() for sure in stops]
    assert spent == sorted(spent, reverse=True)
    assert spent[-1] < spent[0]


def test_prices_that_lead_to_the_same_stops_are_told_once(rehearsal):
    stops = best_stops(rehearsal, SERIES, [1e-3, 1e-3, 1e9, 1e10])
    assert len(stops) == len(set(stops)) == 2
    assert stops[1][0] == 0.5, "where money is everything the first answer is taken, if it is ever likely"


def test_models_whose_answers_are_never_taken_before_the_next_ones_are_asked_at_once():
    assert begun((0, 1, 2), (1.1, 1.1)) == Cascade(models=(0, 1, 2), at_once=3)
    assert begun((0, 1, 2, 3), (1.1, 0.7, 1.1)) == Cascade(models=(0, 1, 2, 3), at_once=2, sure=(0.7, 1.1))
    assert begun((0, 1), (1.0,)) == Cascade(models=(0, 1), sure=(1.0,))


def test_asking_at_once_whom_nobody_stops_before_makes_the_same_calls_and_gives_the_same_answers(rehearsal):
    records = msgspec.structs.replace(rehearsal.records, latency_s=np.ones((len(rehearsal.records), 4)))
    in_turn = Cascade(models=SERIES, sure=(1.1, 1.1, 0.8))
    one, other = play(records, [in_turn, begun(SERIES, in_turn.sure)], rehearsal)
    for name in ("score", "cost_usd", "asked"):
        assert (getattr(one, name) == getattr(other, name)).all()
    assert (one.latency_s - other.latency_s == 2).all()
