"""What like prompts tell of a model: it moves predictions where it held, its ranges hold, and chance tells nothing."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.estimator.told import Like, moved
from nubem_jupyter.engine.interval import wilson
from nubem_jupyter.engine.success import PromptFit, learn_prompts, packed, read_texts, unpacked, vectors
from nubem_jupyter.engine.success.calibration import calibrate
from nubem_jupyter.engine.success.capability import learn_capability
from nubem_jupyter.engine.success.left_out import leave_one_out

KINDS = ("Sort the list of numbers {}", "Which city is the capital of country {}", "Write a poem about the year {}")
CONFIDENCE = 0.9


def texts(count):
    return [KINDS[number % len(KINDS)].format(number * 7 % 1000) for number in range(count)]


def rows_of(count):
    return read_texts(texts(count), vectors)


def outcomes(chances, rng, model="m"):
    return [
        CaseOutcome(capability="answer", kind="label", query=f"q{row}", model=model, score=float(rng.random() < chance))
        for row, chance in enumerate(chances)
    ]


def written(rows):
    return {f"q{number}": packed(row) for number, row in enumerate(rows)}


def learned(chances, seed=0, model="m"):
    """Learn from a case for each chance."""
    return learn_prompts(outcomes(chances, np.random.default_rng(seed), model), written(rows_of(len(chances))))


def by_kind(count, of_kind):
    return [of_kind[number % len(KINDS)] for number in range(count)]


def predicted(fit, found, row):
    """Return the range for a new prompt."""
    total, n = sum(one.score for one in found), len(found)
    like = None if fit is None else fit.tell(row[None]).get("m")
    return wilson(total, n, CONFIDENCE) if like is None else moved(total, n, like, CONFIDENCE)


def test_easy_and_hard_prompts_are_told_apart():
    fit = learned(by_kind(120, (0.95, 0.3, 0.95)))
    easy, hard = (fit.tell(read_texts([text], vectors))["m"] for text in (KINDS[0].format(3), KINDS[1].format(4)))
    assert easy.log_odds > 0.5
    assert hard.log_odds < -1
    assert easy.n == hard.n == 120


def test_where_like_prompts_tell_nothing_mostly_nothing_is_told_and_never_much():
    told = [fit for seed in range(60) if (fit := learned([0.6] * 90, seed)) is not None]
    assert len(told) < 30
    shifts = [abs(fit.tell(row[None])["m"].log_odds) for fit in told for row in rows_of(12)]
    assert sum(shift > 1 for shift in shifts) <= 0.02 * 60 * 12


@pytest.mark.parametrize(
    ("of_kind", "count"),
    [((0.9, 0.4, 0.7), 60), ((0.9, 0.4, 0.7), 240), ((0.6, 0.6, 0.6), 90), ((0.85, 0.55, 0.75), 200)],
)
def test_of_the_ranges_for_prompts_that_were_held_out_about_nine_of_ten_hold_the_chance(of_kind, count):
    """The chance of each kind of prompt is known here, so that it can be counted how often its range holds it."""
    held = []
    fresh = rows_of(count + 60)[count:]
    known = written(rows_of(count))
    for seed in range(1000, 1100):
        found = outcomes(by_kind(count, of_kind), np.random.default_rng(seed))
        fit = learn_prompts(found, known)
        for place in range(6):
            range_, chance = predicted(fit, found, fresh[place]), of_kind[(count + place) % len(KINDS)]
            held.append(range_.low <= chance <= range_.high)
    assert 0.85 <= np.mean(held) <= 0.95


def test_the_odds_that_are_told_are_better_than_those_of_the_mean():
    chances = by_kind(150, (0.9, 0.3, 0.7))
    found = outcomes(chances, np.random.default_rng(1))
    fit = learn_prompts(found, written(rows_of(150)))
    fresh, expected = rows_of(210)[150:], by_kind(210, (0.9, 0.3, 0.7))[150:]
    values = np.array([predicted(fit, found, row).value for row in fresh])
    mean = np.mean([one.score for one in found])
    assert np.mean((values - expected) ** 2) < 0.2 * np.mean((mean - np.array(expected)) ** 2)


def reworded(text, rng):
    """Another case, more spaces, and one pair of letters that changed places."""
    letters = list(text.upper() if rng.random() < 0.5 else text.lower())
    at = int(rng.integers(0, len(letters) - 1))
    letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "  ".join("".join(letters).split(" "))


def test_a_reworded_prompt_keeps_the_model_that_is_right_most_often():
    rng = np.random.default_rng(9)
    found = [
        *outcomes(by_kind(120, (0.9, 0.4, 0.9)), rng, "sorts"),
        *outcomes(by_kind(120, (0.5, 0.9, 0.5)), rng, "knows"),
    ]
    fit = learn_prompts(found, written(rows_of(120)))

    def best(asked):
        odds = {name: one.log_odds for name, one in fit.tell(read_texts([asked], vectors)).items()}
        return max(odds, key=odds.get, default=None)

    asked = texts(300)[120:]
    kept = [best(text) == best(reworded(text, rng)) for text in asked]
    assert {best(text) for text in asked} == {"sorts", "knows"}
    assert np.mean(kept) >= 0.95


def test_a_prompt_that_is_like_no_case_is_told_nothing_of():
    fit = learned(by_kind(120, (0.95, 0.3, 0.95)))
    assert fit.tell(read_texts(["語"], vectors)) == {}


def test_the_mean_of_several_prompts_is_told_of_with_more_cases_behind_it():
    fit = learned(by_kind(120, (0.95, 0.3, 0.95)))
    one, many = fit.tell(rows_of(3)[:1])["m"], fit.tell(rows_of(30))["m"]
    assert many.as_cases > one.as_cases
    assert abs(many.log_odds) < abs(one.log_odds)


def test_what_was_learned_is_the_same_each_time_and_after_it_was_kept():
    first, second = learned(by_kind(90, (0.95, 0.3, 0.95))), learned(by_kind(90, (0.95, 0.3, 0.95)))
    assert first == second
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(first), type=PromptFit) == first


def test_with_few_cases_or_one_that_is_always_right_nothing_is_learned():
    assert learned(by_kind(39, (1.0, 0.0, 1.0))) is None
    assert learned([1.0] * 60) is None
    same = {f"q{number}": packed(vectors(["one text"])[0]) for number in range(60)}
    assert learn_prompts(outcomes([0.5] * 60, np.random.default_rng(0)), same) is None
    assert learn_prompts([], {}) is None


def test_models_on_other_cases_learn_beside_each_other_and_a_damaged_vector_is_left_out():
    rng = np.random.default_rng(2)
    chances = by_kind(140, (0.95, 0.2, 0.95))
    found = [*outcomes(chances, rng)[:80], *outcomes(chances, rng, "other")[60:], *outcomes([1.0] * 9, rng, "few")]
    fit = learn_prompts(found, {**written(rows_of(140)), "q5": b"short"})
    assert {one.model: one.n for one in fit.readings} == {"m": 79, "other": 80}


def test_answers_of_one_model_to_one_prompt_count_once_by_their_mean():
    chances = by_kind(80, (0.95, 0.2, 0.95))
    found = [one for seed in range(3) for one in outcomes(chances, np.random.default_rng(seed))]
    (reading,) = learn_prompts(found, written(rows_of(80))).readings
    assert reading.n == 80
    assert reading.mean == pytest.approx((sum(one.score for one in found) / 3 + 0.5) / 81)


def test_leaving_one_out_in_closed_form_is_what_leaving_it_out_gives():
    rng = np.random.default_rng(3)
    features = rng.normal(size=(12, 3))
    features -= features.mean(axis=0)
    target = rng.normal(size=12)
    (found,) = leave_one_out(features, target - target.mean(), np.array([2.0]))
    for place in range(12):
        kept = np.arange(12) != place
        inner, rest = features[kept], target[kept] - target[kept].mean()
        # The closed form keeps the mean of all features, and fits an intercept beside them.
        design = np.column_stack([np.ones(11), inner])
        held = np.diag([0.0, 2.0, 2.0, 2.0])
        weights = np.linalg.solve(design.T @ design + held, design.T @ target[kept])
        read = weights[0] + features[place] @ weights[1:]
        assert found.read[place] == pytest.approx(read - rest.mean() - target[kept].mean(), abs=1e-9)


def test_a_reading_that_is_worth_nothing_is_not_believed_and_a_good_one_is():
    rng = np.random.default_rng(4)
    read = rng.normal(size=400)
    right = (rng.random(400) < 1 / (1 + np.exp(-0.3 - 1.5 * read))).astype(float)
    good = calibrate(read, right)
    assert good.slope == pytest.approx(1.5, abs=0.5)
    assert calibrate(-read, right) is None
    assert calibrate(np.zeros(5), right[:5]) is None
    parted = calibrate(np.array([-1.0] * 20 + [1.0] * 20), np.array([0.0] * 20 + [1.0] * 20))
    assert 1 < parted.slope < 10


def test_both_ends_of_a_long_text_count():
    begin, middle, end = "first words here. " * 100, "nothing of note. " * 500, "last words there! " * 100
    whole, other_begin, other_end, other_middle = read_texts(
        [begin + middle + end, end + middle + end, begin + middle + begin, begin + "quite else " * 500 + end], vectors
    )
    assert whole @ other_middle == pytest.approx(1)
    assert whole @ other_begin < 0.95
    assert whole @ other_end < 0.95


def test_a_vector_is_kept_in_a_byte_a_number_and_keeps_its_direction():
    rows = rows_of(5)
    back = unpacked([packed(row) for row in rows])
    assert len(packed(rows[0])) == rows.shape[1]
    assert np.einsum("ij,ij->i", rows, back) == pytest.approx(np.ones(5), abs=2e-3)
    assert not unpacked([packed(np.zeros(8))]).any()


def test_what_is_told_moves_a_mean_and_never_beyond_what_a_chance_can_be():
    for total, n in ((0.0, 10), (10.0, 10), (5.0, 10)):
        for odds in (-3.0, 0.0, 3.0):
            range_ = moved(total, n, Like(odds, 20.0, 50), CONFIDENCE)
            assert 0 <= range_.low <= range_.value <= range_.high <= 1
            assert (range_.value - total / n) * odds >= 0
    same = moved(5.0, 10, Like(0.0, math.inf, 50), CONFIDENCE)
    assert same == wilson(5.0, 10, CONFIDENCE)
    wide, narrow = (moved(30.0, 50, Like(1.0, cases, 50), CONFIDENCE) for cases in (10.0, 100.0))
    assert wide.high - wide.low > narrow.high - narrow.low


def test_a_capability_tells_of_lengths_where_prompts_tell_nothing_and_of_both_together():
    rng = np.random.default_rng(5)
    found = [
        msgspec.structs.replace(one, input_tokens=40, output_tokens=12)
        for one in outcomes(by_kind(90, (0.95, 0.2, 0.95)), rng)
    ]
    fit = learn_capability(found, written(rows_of(90)))
    like = fit.prompts.tell(rows_of(1))
    both, of_length = fit.tell(like, "label", 40.0)["m"], fit.tell({}, "label", None)["m"]
    assert both.like == like["m"]
    assert both.output_tokens.value == of_length.output_tokens.value == pytest.approx(12)
    assert of_length.like is None
    assert fit.tell({}, "number", None) == {}
