"""What size and price let expect: learned from measured models alone, wide, and outweighed by a model's own cases."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.explanation import figures
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import STANDS_IN, Evidence, Figure, ModelInfo, Price
from nubem_jupyter.engine.estimator import predict
from nubem_jupyter.engine.estimator.expected import LEAST_MODELS, relations
from nubem_jupyter.engine.interval import wilson
from nubem_jupyter.engine.router import route
from nubem_jupyter.errors import InfeasibleError

FLOW = Flow.build().input("x").model("label", "{x}", capability="classify", max_tokens=8).output()


def model(name, parameters=None, score=None, n=100, usd=None, **fields):
    evidence = (
        ()
        if score is None
        else (Evidence(capability="classify", n=n, score_sum=score * n, source="here", date="2026-01-01"),)
    )
    figure = None if usd is None else Figure(value=usd, source="listed")
    price = None if figure is None else Price(input_usd=figure, output_usd=figure)
    return ModelInfo(id=name, provider="p", parameters=parameters, evidence=evidence, price=price, **fields)


def ladder(count=6, n=100):
    """Return models of growing size, each as good as its size lets expect."""
    return [model(f"m{step}", 1e9 * 2.0**step, 0.4 + 0.09 * step, n) for step in range(count)]


def expected(models, one):
    return relations(models, "classify").expected(one)


def test_a_larger_model_is_expected_to_be_right_more_often():
    small, large = (expected(ladder(), model("new", parameters)) for parameters in (1e9, 32e9))
    assert small.chance.value < large.chance.value
    assert small.chance.low < 0.4 < small.chance.high
    assert (small.by, small.n) == ("size", 6)


def test_where_prices_are_listed_they_tell_too_and_the_surer_of_the_two_counts():
    priced = [
        msgspec.structs.replace(one, price=model("", usd=1e-6 * 3**step).price) for step, one in enumerate(ladder())
    ]
    assert expected(priced, model("new", usd=1e-5)).by == "price"
    noisy = [msgspec.structs.replace(one, parameters=1e9 * (1 + (7 * step) % 5)) for step, one in enumerate(priced)]
    assert expected(noisy, model("new", 2e9, usd=1e-5)).by == "price"


def test_of_few_measured_models_or_ones_of_a_size_nothing_follows():
    assert expected(ladder(LEAST_MODELS - 1), model("new", 1e9)) is None
    assert expected([model(f"m{n}", 1e9, 0.5 + n / 100) for n in range(8)], model("new", 1e9)) is None
    assert expected(ladder(), model("new")) is None
    assert expected([model(f"m{n}", usd=0.0, score=0.5) for n in range(8)], model("new", usd=0.0)) is None
    assert expected([model(f"m{n}", 1e9 + n, 0.5) for n in range(8)], model("new", 1e9)) is None, "as good as one size"


def test_what_only_stands_in_for_a_model_tells_nothing_of_models():
    doubles = [msgspec.structs.replace(one, features=(STANDS_IN,)) for one in ladder()]
    assert expected(doubles, model("new", 1e9)) is None


def test_a_model_is_judged_by_the_others_and_not_by_itself():
    models = [*ladder(), model("odd", 4e9, 0.05)]
    assert (
        expected(models, models[-1])
        == expected([*ladder(), msgspec.structs.replace(models[-1], evidence=())], models[-1])
        or expected(models, models[-1]).n == 6
    )
    assert expected(models, models[-1]).chance.value > 0.4
    few = ladder(LEAST_MODELS)
    assert expected(few, few[0]) is None, "without its own there are too few"


def test_few_cases_are_drawn_to_what_is_expected_and_many_are_not():
    (node,) = (node for _, node in FLOW.walk() if node.id == "label")
    for score, n, most in ((1.0, 3, 0.4), (0.8, 5000, 0.01)):
        one = model("new", 8e9, score, n)
        plain, drawn = (predict(node, one, expected=known) for known in (None, expected([*ladder(), one], one)))
        assert plain.quality == wilson(score * n, n, 0.9)
        assert drawn.quality.value < plain.quality.value
        assert plain.quality.value - drawn.quality.value < most
        assert drawn.expected.as_cases > 1
        assert "expected from its size, as of 6 other models (worth" in figures(drawn)


def test_a_model_that_nothing_is_measured_of_is_never_called_good_and_its_row_says_what_is_expected():
    models = [*ladder(), model("giant", 1e12, usd=1e-6)]
    choice = route(FLOW, models, Constraints(prefer="quality"))["label"]
    assert choice.model == "m5"
    (giant,) = (one for one in choice.alternatives if one.model == "giant")
    assert giant.quality is None
    assert giant.expected.chance.value > 0.7
    assert giant.reason == "no evidence yet for classify"
    assert "expected from its size, as of 6 other models; nothing is measured" in figures(giant)
    assert "expected" in figures(msgspec.structs.replace(giant, cost_usd=None))
    with pytest.raises(InfeasibleError):
        route(FLOW, models, Constraints(min_quality=0.5, models=("giant",)))
    elsewhere = [*ladder(), model("closed", 1e12, available=False, local=True, missing="a key")]
    refused = route(FLOW, elsewhere, Constraints())["label"].alternatives[-1]
    assert (refused.model, refused.expected) == ("closed", None)


@pytest.mark.parametrize(("count", "spread"), [(8, 0.3), (8, 0.5), (20, 0.3), (6, 0.4)])
def test_of_the_ranges_for_models_that_nothing_is_measured_of_about_nine_of_ten_hold(count, spread):
    """Models scatter around a line by a known spread; each range is for one more of them."""
    rng, held = np.random.default_rng(7), []
    for _ in range(400):
        size = rng.permutation(np.geomspace(1e9, 1e11, count + 1))
        chance = 1 / (1 + np.exp(-(0.6 * np.log(size / 1e10) + spread * rng.normal(size=count + 1))))
        known = [model(f"m{row}", size[row], rng.binomial(60, chance[row]) / 60, 60) for row in range(count)]
        found = expected(known, model("new", size[-1])).chance
        held.append(found.low <= chance[-1] <= found.high)
    assert 0.85 <= np.mean(held) <= 0.97


@pytest.mark.parametrize("n", [2, 10, 50])
def test_drawn_to_what_is_expected_ranges_hold_and_means_are_nearer_to_the_truth(n):
    (node,) = (node for _, node in FLOW.walk() if node.id == "label")
    rng, held, errors = np.random.default_rng(8), [], []
    for _ in range(300):
        size = np.exp(rng.uniform(np.log(1e9), np.log(1e11), 11))
        chance = 1 / (1 + np.exp(-(0.6 * np.log(size / 1e10) + 0.3 * rng.normal(size=11))))
        known = [model(f"m{row}", size[row], rng.binomial(80, chance[row]) / 80, 80) for row in range(10)]
        one = model("new", size[-1], rng.binomial(n, chance[-1]) / n, n)
        plain, drawn = (predict(node, one, expected=e).quality for e in (None, expected([*known, one], one)))
        held.append(drawn.low <= chance[-1] <= drawn.high)
        errors.append(((plain.value - chance[-1]) ** 2, (drawn.value - chance[-1]) ** 2))
    assert 0.85 <= np.mean(held) <= 0.97
    without, with_prior = np.mean(errors, axis=0)
    assert with_prior < without
