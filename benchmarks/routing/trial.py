"""One trial: routers learn on one table and are scored on another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.routing.access import Desk, Query, Result
from benchmarks.routing.metrics import Spot, Yardstick, bootstrap, summary
from benchmarks.routing.ours import Ours
from benchmarks.routing.peers import LEARNERS
from benchmarks.routing.peers.learners import Predictor, Seen, task_table
from benchmarks.routing.peers.litellm_rules import CLASSIFIERS
from benchmarks.routing.tables import Table
from benchmarks.routing.tasks import held_out_tasks, learn_tasks
from nubem_jupyter.engine.success import vectors

_PRICES = (0.0, *np.geomspace(2e-4, 6.0, 100))
"""What quality is given up for by the peers, per mean cost of the best single model."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What a router got on each query, setting by setting."""

    score: Any
    """Settings x queries."""
    cost: Any
    """Settings x queries, US dollars."""

    def spots(self, unit_usd: float) -> list[Spot]:
        """Return the mean of each setting."""
        return list(zip(self.cost.mean(axis=1) / unit_usd, self.score.mean(axis=1), strict=True))


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What came out of one trial."""

    curves: dict[str, Curve]
    operating: list[Result]
    """Ours, at the point that was chosen on the fitting half."""
    covered: list[bool]
    """Of what ours foresaw, whether it came to lie in its range."""
    best: int
    """The column of the single model that is best on the fitting half."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a trial is made."""

    most_cost: float = 0.4
    """Of the operating point, as a share of the best single model's."""
    most_latency: float = 1.05
    """Likewise; only where seconds are recorded."""
    labels: bool = True
    peers: bool = True
    seed: int = 0


def trial(fit: Table, score: Table, options: Options) -> Trial:
    """Fit on one table, score on another; both have the same models."""
    tasks = score.datasets
    if not options.labels:
        tasks = learn_tasks(fit.prompts, fit.datasets).read(score.prompts)
        fit = replace(fit, datasets=held_out_tasks(fit.prompts, fit.datasets, options.seed))
    ours = Ours(fit, score, tasks, seed=options.seed, labels=options.labels)
    curves = {"ours": _curve(ours.curve())}
    if options.peers:
        curves |= _peers(fit, score, tasks)
    operating = ours.within(options.most_cost, options.most_latency)
    return Trial(curves=curves, operating=operating, covered=ours.covered(), best=fit.best)


def yardstick(table: Table, best: int) -> Yardstick:
    """Return what single models and the oracle reach on a table; the best one was found on the fitting half."""
    cost = table.cost.mean(axis=0)
    return Yardstick(
        best_cost_usd=float(cost[best]),
        best_quality=float(table.score[:, best].mean()),
        oracle_quality=float(table.score.max(axis=1).mean()),
        dearest=float(cost.max() / cost[best]),
    )


def report(table: Table, found: Trial) -> dict[str, Any]:
    """Return the metrics of all curves, and of the operating point against the best single model."""
    stick = yardstick(table, found.best)
    lines = {name: summary(curve.spots(stick.best_cost_usd), stick) for name, curve in found.curves.items()}
    ours = {
        **lines.pop("ours"),
        "operating_point": _operating(table, found, stick),
        "coverage": float(np.mean(found.covered)),
    }
    return {"ours": ours, "peers": lines}


def _operating(table: Table, found: Trial, stick: Yardstick) -> dict[str, Any]:
    score = np.array([result.score for result in found.operating])
    latency = None
    if table.latency is not None:
        own = np.mean([result.latency_s for result in found.operating])
        latency = float(own / table.latency[:, found.best].mean())
    return {
        "quality": float(score.mean()),
        "cost_ratio": float(np.mean([result.cost_usd for result in found.operating]) / stick.best_cost_usd),
        "latency_ratio": latency,
        "difference": bootstrap(score, table.score[:, found.best]),
    }


def _curve(settings: Iterable[Sequence[Result]]) -> Curve:
    listed = list(settings)
    return Curve(
        score=np.array([[result.score for result in results] for results in listed]),
        cost=np.array([[result.cost_usd for result in results] for results in listed]),
    )


def _peers(fit: Table, score: Table, tasks: Sequence[str]) -> dict[str, Curve]:
    desk = Desk(score)
    kept: dict[tuple[int, str], Result] = {}

    def single(row: int, model: str) -> Result:
        if (row, model) not in kept:
            kept[row, model] = desk.serve(row, _always(model))
        return kept[row, model]

    known = Seen(vectors=vectors(fit.prompts), tasks=fit.datasets)
    new = Seen(vectors=vectors(score.prompts), tasks=tuple(tasks))
    predicted = {name: learner(known, fit.score)(new) for name, learner in LEARNERS.items()}
    predicted |= _classified(fit, score, known, new)
    predicted["oracle"] = score.score
    cost = fit.cost.mean(axis=0)
    prices = [price / cost[fit.best] for price in _PRICES]
    curves = {}
    for name, guess in predicted.items():
        bill = score.cost if name == "oracle" else cost
        picks = ((guess - price * bill).argmax(axis=1) for price in prices)
        curves[name] = _curve([single(row, fit.models[column]) for row, column in enumerate(pick)] for pick in picks)
    return curves | {"random": _random(len(score), len(prices), fit, single)}


def _classified(fit: Table, score: Table, known: Seen, new: Seen) -> dict[str, Any]:
    """Return what LiteLLM's classifiers predict; those that are not installed are left out, with a word."""
    predicted = {}
    for name, groups in CLASSIFIERS.items():
        try:
            learned: Predictor = task_table(Seen(vectors=known.vectors, tasks=groups(fit.prompts)), fit.score)
            predicted[name] = learned(Seen(vectors=new.vectors, tasks=groups(score.prompts)))
        except ImportError as error:
            print(f"{name}: left out, {error}", file=sys.stderr)
    return predicted


def _random(queries: int, settings: int, fit: Table, single: Callable[[int, str], Result]) -> Curve:
    """Any model for any query, from all of them down to the cheapest ones alone."""
    rng = np.random.default_rng(0)
    rising = np.argsort(fit.cost.mean(axis=0))
    picks = (
        rising[rng.integers(0, max(1, round(len(rising) * (1 - setting / settings))), queries)]
        for setting in range(settings)
    )
    return _curve([single(row, fit.models[column]) for row, column in enumerate(pick)] for pick in picks)


def _always(model: str) -> Callable[[Query], str]:
    def route(query: Query) -> str:
        query.call(model)
        return model

    return route
