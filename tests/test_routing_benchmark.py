"""The routing benchmark: its metrics on tables made by hand, and that routers get nothing but what they paid for."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.routing.access import Desk, ForbiddenError, Query
from benchmarks.routing.foresight import foreseen
from benchmarks.routing.metrics import Yardstick, area, bootstrap, cost_to, hull, quality_at, summary
from benchmarks.routing.ours import Ours, outcomes
from benchmarks.routing.peers import LEARNERS
from benchmarks.routing.peers.learners import Seen
from benchmarks.routing.peers.litellm_rules import CLASSIFIERS
from benchmarks.routing.tables import Table, read_table
from benchmarks.routing.trial import Options, report, trial
from nubem_jupyter.core.plan import Range
from nubem_jupyter.engine.success import vectors

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("NUBEM_SHARED_DATA", "../shared/data")).resolve() / "routing"


def made(queries=120, seed=0):
    """Three models of rising skill and cost, on two kinds of prompts."""
    rng = np.random.default_rng(seed)
    models, skill, cost = ("a", "b", "c"), np.array([0.6, 0.65, 0.8]), np.array([0.01, 0.02, 1.0])
    score = (rng.random((queries, 3)) < skill).astype(float)
    answers = tuple(
        tuple(f"{row} right" if right else f"{row} wrong {rng.integers(9)}" for right in line)
        for row, line in enumerate(score)
    )
    return Table(
        models=models,
        query_ids=tuple(f"{seed}.{row}" for row in range(queries)),
        datasets=tuple(("sums", "places")[row % 2] for row in range(queries)),
        prompts=tuple(("add {} and 5", "capital of country {}")[row % 2].format(row) for row in range(queries)),
        score=score,
        cost=cost * (0.5 + rng.random((queries, 3))),
        latency=rng.random((queries, 3)) + 0.1,
        out_tokens=None,
        answers=answers,
    )


def test_the_hull_leaves_out_what_is_dearer_and_worse_and_what_lies_under_a_line():
    assert hull([(1, 0.9), (0.5, 0.5), (0, 0.4), (0.6, 0.45), (2, 0.8)]) == [(0, 0.4), (1, 0.9)]
    assert hull([(0.5, 0.7), (0.5, 0.6)]) == [(0.5, 0.7)]


def test_quality_and_cost_are_read_off_the_hull():
    upper = [(0.2, 0.4), (0.6, 0.8), (1.5, 0.9)]
    assert quality_at(upper, 0.1) is None
    assert quality_at(upper, 0.4) == pytest.approx(0.6)
    assert quality_at(upper, 9) == 0.9
    assert cost_to(upper, 0.3) == 0.2
    assert cost_to(upper, 0.85) == pytest.approx(1.05)
    assert cost_to(upper, 0.91) is None


def test_the_area_begins_at_the_cheapest_point_and_is_flat_after_the_last():
    assert area([(0.0, 0.5), (1.0, 1.0)], 2.0) == pytest.approx((0.75 + 1.0) / 2)
    assert area([(1.0, 0.5)], 2.0) == pytest.approx(0.25)
    assert area([(3.0, 0.5)], 2.0) == 0.0


def test_the_summary_of_the_best_single_model_alone():
    stick = Yardstick(best_cost_usd=2.0, best_quality=0.8, oracle_quality=0.9, dearest=1.0)
    found = summary([(1.0, 0.8)], stick)
    assert found == {"AIQ": 0.0, "Q@1": 0.8, "Q@0.25": None, "C@95": 1.0, "C@100": 1.0, "gap": 0.0}


def test_half_of_the_way_to_the_oracle_is_a_gap_of_a_half():
    stick = Yardstick(best_cost_usd=1.0, best_quality=0.8, oracle_quality=0.9, dearest=1.0)
    assert summary([(0.1, 0.85)], stick)["gap"] == pytest.approx(0.5)
    without_room = Yardstick(best_cost_usd=1.0, best_quality=0.8, oracle_quality=0.8, dearest=1.0)
    assert summary([(0.1, 0.8)], without_room)["gap"] is None


def test_the_bootstrap_is_paired_and_repeats():
    rng = np.random.default_rng(0)
    base = rng.random(400)
    low, mid, high = bootstrap(base + 0.1, base)
    assert (low, mid, high) == pytest.approx((0.1, 0.1, 0.1)), "what makes a query hard cancels out"
    noisy = base + rng.normal(0.02, 0.2, 400)
    assert bootstrap(noisy, base) == bootstrap(noisy, base)
    assert bootstrap(noisy, base)[0] < 0.02 < bootstrap(noisy, base)[2]


def test_calls_are_paid_for_and_those_at_once_take_as_long_as_the_slowest():
    table = made()

    def router(query: Query) -> str:
        first, second = query.call("a", "b")
        assert (first.answer, second.cost_usd) == (table.answers[0][0], table.cost[0, 1])
        query.call("c")
        return "b"

    result = Desk(table).serve(0, router)
    assert result.score == table.score[0, 1]
    assert result.cost_usd == pytest.approx(table.cost[0].sum())
    assert result.latency_s == pytest.approx(max(table.latency[0, :2]) + table.latency[0, 2])


@pytest.mark.parametrize(
    "router",
    [
        lambda query: "a",
        lambda query: query.call("a") and "b",
        lambda query: query.call("a") and query.call("a") and "a",
        lambda query: query.call("nobody") and "nobody",
    ],
    ids=["an answer for nothing", "another's answer", "a second try", "a model that is not there"],
)
def test_a_router_gets_no_answer_that_it_did_not_call_for(router):
    with pytest.raises(ForbiddenError):
        Desk(made()).serve(0, router)


def test_a_query_shows_no_table_and_is_over_when_it_is_answered():
    kept = []

    def router(query: Query) -> str:
        kept.append(query)
        (reply,) = query.call("a")
        assert not hasattr(reply, "score")
        assert {name for name in dir(query) if not name.startswith("_")} == {"call", "dataset", "models", "prompt"}
        return "a"

    Desk(made()).serve(0, router)
    with pytest.raises(ForbiddenError, match="over"):
        kept[0].call("b")


def test_labels_can_be_hidden():
    seen = []

    def router(query: Query) -> str:
        seen.append(query.dataset)
        query.call("a")
        return "a"

    table = made(4)
    Desk(table).serve_all(router)
    Desk(table, labels=False).serve_all(router)
    assert seen == ["sums", "places", "sums", "places", None, None, None, None]


def test_outcomes_are_the_table():
    table = made(10)
    found = list(outcomes(table))
    assert [one.score for one in found] == table.score.ravel().tolist()
    assert [one.cost_usd for one in found] == table.cost.ravel().tolist()
    assert [one.form for one in found] == [answer for row in table.answers for answer in row]
    assert [one.capability for one in found[::3]] == list(table.datasets)


@pytest.fixture(scope="module")
def ours():
    fit, score = made(200), made(200, seed=1)
    return fit, score, Ours(fit, score, score.datasets, seed=0, labels=True)


def test_the_more_may_be_spent_the_more_is_spent_and_the_better_it_gets(ours):
    fit, _, router = ours
    curve = [(np.mean([one.cost_usd for one in line]), np.mean([one.score for one in line])) for line in router.curve()]
    costs, scores = zip(*curve, strict=True)
    assert costs[0] < 0.1 * fit.cost[:, fit.best].mean() < 0.5 * costs[-1]
    assert scores[-1] > scores[0] + 0.1
    assert scores[-1] > 0.8, "answers that agree are surer than the best single model"


def test_what_is_chosen_within_limits_keeps_them_where_it_was_learned():
    fit = made(200)
    router = Ours(fit, fit, fit.datasets, seed=0, labels=True)
    for cost, latency in ((0.3, 1.05), (0.3, 9.0), (0.05, 1.3)):
        got = router.within(cost, latency)
        assert np.mean([one.cost_usd for one in got]) < 1.15 * cost * fit.cost[:, fit.best].mean()
        assert np.mean([one.latency_s for one in got]) < 1.15 * latency * fit.latency[:, fit.best].mean()


def test_where_nothing_keeps_the_limits_the_cheapest_is_taken(ours):
    _, score, router = ours
    got = router.within(1e-9, 1e-9)
    assert [one.cost_usd for one in got] == score.cost[:, 0].tolist()


@pytest.mark.parametrize("free", [1, 3])
def test_where_models_cost_nothing_a_curve_begins_at_nothing(free):
    table = made()
    table = replace(table, cost=np.where(np.arange(3) < free, 0.0, table.cost))
    curve = Ours(table, made(seed=1), table.datasets, seed=0, labels=True).curve()
    spent = [sum(result.cost_usd for result in results) for results in curve]
    assert spent == sorted(spent)
    assert (len(curve) == 1) == (free == 3)


def test_a_task_that_was_not_learned_is_done_as_the_commonest_one():
    fit, score = made(200), made(20, seed=1)
    tasks = ["never heard of"] * len(score)
    got = Ours(fit, score, tasks, seed=0, labels=True).within(0.5, 2.0)
    assert len(got) == len(score)


@given(st.floats(0, 1), st.integers(0, 300), st.integers(1, 200))
def test_what_is_foreseen_holds_its_own_mean(mean, n, queries):
    found = foreseen(mean, n, queries, 0.9)
    assert 0 <= found.low <= found.value == mean <= found.high <= 1


def test_nine_of_ten_means_are_foreseen():
    rng = np.random.default_rng(0)
    inside = []
    for chance in rng.uniform(0.5, 0.98, 2000):
        found = foreseen(rng.binomial(200, chance) / 200, 200, 100, 0.9)
        inside.append(found.low <= rng.binomial(100, chance) / 100 <= found.high)
    assert 0.88 < np.mean(inside) < 0.95


def test_of_few_queries_each_likely_mean_is_foreseen():
    assert foreseen(0.95, 100, 4, 0.9).high == 1.0
    assert foreseen(0.5, 50, 1, 0.9) == Range(low=0.0, value=0.5, high=1.0)


@pytest.mark.parametrize("name", LEARNERS)
def test_every_peer_learns_which_model_is_best_where(name):
    rng = np.random.default_rng(0)
    tasks = tuple(("sums", "places")[row % 2] for row in range(200))
    prompts = [f"add {row} and 5" if task == "sums" else f"capital of {row}" for row, task in enumerate(tasks)]
    chance = np.array([[0.9, 0.2] if task == "sums" else [0.2, 0.9] for task in tasks])
    seen = Seen(vectors=vectors(prompts), tasks=tasks)
    predicted = LEARNERS[name](seen, (rng.random((200, 2)) < chance).astype(float))(seen)
    assert (predicted.argmax(axis=1) == chance.argmax(axis=1)).mean() > 0.9


def test_a_trial_repeats_by_its_seed_and_the_oracle_is_the_bound():
    fit, score = made(150), made(100, seed=1)
    options = Options(most_cost=0.5, most_latency=2.0)
    first, second = (report(score, trial(fit, score, options)) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
    assert first["peers"]["oracle"]["gap"] == pytest.approx(1.0)
    assert first["ours"]["operating_point"]["cost_ratio"] < 1.0


def test_without_labels_what_is_learned_goes_by_tasks_that_were_read():
    fit, score = made(150), made(100, seed=1)
    found = report(score, trial(fit, score, Options(most_cost=0.5, most_latency=2.0, labels=False, peers=False)))
    assert found["ours"]["Q@1"] > score.score[:, fit.best].mean() - 0.1
    assert 0.5 < found["ours"]["coverage"] <= 1.0


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_litellm_s_classifiers_need_no_network(name):
    pytest.importorskip("litellm", reason="LiteLLM comes with the extra `litellm`")
    groups = CLASSIFIERS[name](["Write a Python function that sorts a list.", "Who was Ada Lovelace?"])
    assert len(groups) == 2
    assert all(isinstance(group, str) for group in groups)


TABLES = sorted(DATA.glob("routing_dev.*.parquet"))


@pytest.mark.skipif(not TABLES, reason=f"the routing tables are not in {DATA}; NUBEM_SHARED_DATA names their folder")
def test_the_benchmark_runs_on_a_real_table_and_prints_what_it_promises(tmp_path):
    duckdb = pytest.importorskip("duckdb", reason="Parquet is read with the extra `data`")
    for name, rows in (("fit", "0"), ("score", "1")):
        query = f"SELECT * FROM '{DATA}/routing_dev.bfcl.parquet' WHERE hash(query_id) % 4 = {rows}"
        duckdb.connect().execute(f"COPY ({query}) TO '{tmp_path}/{name}.parquet'")
    files = ["--fit", str(tmp_path / "fit.parquet"), "--score", str(tmp_path / "score.parquet")]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.routing", *files, "--json", "--no-peers"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ours = json.loads(done.stdout)["ours"]
    assert set(ours) == {"AIQ", "Q@1", "Q@0.25", "C@95", "C@100", "gap", "operating_point", "coverage"}
    assert set(ours["operating_point"]) == {"quality", "cost_ratio", "latency_ratio", "difference"}


@pytest.mark.skipif(not TABLES, reason=f"the routing tables are not in {DATA}; NUBEM_SHARED_DATA names their folder")
def test_of_the_many_ways_to_call_a_model_a_table_takes_those_of_its_pool():
    pytest.importorskip("duckdb", reason="Parquet is read with the extra `data`")
    assert len(read_table(DATA / "routing_dev.bfcl.parquet").models) == 14
