"""The trials: each runs plain asyncio and an engine in turn, several rounds, and gives both one's figures by row."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from benchmarks.flow import plain
from benchmarks.flow.batch import Batch, Times, built, run_batch, timed, warm_up
from benchmarks.flow.engine import Engine, Retry
from benchmarks.flow.flows import FlowSpec, chain, fan, random_flow, report
from benchmarks.flow.service import Service, Weather, add_up, right_answers

LENGTH = 1000
RANDOM_FLOWS = 200
ENOUGH_S = 20.0
"""An engine whose runs have taken this long is not run again: some peers need that for one chain."""
STORM_CALLS_PER_S = 200.0
STORM_BURST = 50

Pair = tuple[float, float]
"""Plain asyncio's figure and the engine's."""

Figures = Mapping[str, Pair]
"""Row -> both figures."""


class Contest(NamedTuple):
    """An engine against plain asyncio."""

    engine: Engine
    retry: Retry
    """What the engine does about errors. Plain asyncio, and engines that leave it to their users, try five times."""
    rounds: int
    troubles: list[str]
    """Why flows of the engine were lost, for the reader."""

    @property
    def sides(self) -> tuple[tuple[Engine, Retry], tuple[Engine, Retry]]:
        return ((plain, Retry()), (self.engine, self.retry))


Trial = Callable[[Contest], Awaitable[Figures]]


async def overhead(contest: Contest) -> Figures:
    """Nodes that do nothing: all the time is the engine's own."""
    found = {}
    for spec in (chain(LENGTH), fan(LENGTH)):
        plain_s, engine_s = await _times(contest, spec)
        found[spec.name] = (1.0, engine_s / plain_s)
    return found


async def _times(contest: Contest, spec: FlowSpec) -> Pair:
    engine = contest.engine
    async with built(plain, spec, add_up, None) as by_plain, built(engine, spec, add_up, None) as by_engine:
        want, got = await plain.run(by_plain, 7), await engine.run(by_engine, 7)
        if any(got.get(name) != value for name, value in want.items()):
            raise ValueError(f"wrong result of the {spec.name}")
        plain_s, engine_s = [], []
        for _ in range(contest.rounds):
            plain_s.append(await timed(plain, by_plain, 7))
            engine_s.append(await timed(engine, by_engine, 7))
            if sum(engine_s) > ENOUGH_S:
                break
    return statistics.median(plain_s), statistics.median(engine_s)


async def dag(contest: Contest) -> Figures:
    """Random flows of unequal calls: what waits for more than its inputs is late."""
    ratios: list[list[float]] = [[], []]
    for seed in range(RANDOM_FLOWS):
        spec = random_flow(seed)
        for side, (engine, _) in enumerate(contest.sides):
            if (median_s := await _makespan_s(engine, spec, contest.rounds)) is not None:
                ratios[side].append(median_s / spec.critical_s)
    both = [(max(found, default=float("inf")), len(found) / RANDOM_FLOWS) for found in ratios]
    return {"dag_max": (both[0][0], both[1][0]), "dag_finished": (both[0][1], both[1][1])}


async def _makespan_s(engine: Engine, spec: FlowSpec, rounds: int) -> float | None:
    """Return the median; None where a run was lost."""
    took_s, want = [], right_answers(spec, 0)
    async with built(engine, spec, Service().call, None) as handle:
        for _ in range(rounds):
            try:
                took_s.append(await timed(engine, handle, 0))
                got = await engine.run(handle, 0)
            # Engines fail with whatever they have; a flow that is lost is counted.
            except Exception:  # noqa: BLE001
                return None
            if any(got.get(name) != value for name, value in want.items()):
                return None
    return statistics.median(took_s)


async def many(contest: Contest) -> Figures:
    """Two hundred flows at once on one engine."""
    by_plain, by_engine = await _batches(contest, [Weather()], Times(200, 200))
    throughput = _median(one.finished / one.took_s for one in by_engine)
    return {
        "many_throughput": (1.0, throughput / _median(one.finished / one.took_s for one in by_plain)),
        "many_p95": (1.0, _p(by_engine, 0.95) / _p(by_plain, 0.95)),
    }


async def errors(contest: Contest) -> Figures:
    """Every tenth call fails."""
    weathers = [Weather(errors=0.1, seed=seed) for seed in range(contest.rounds)]
    sides = await _batches(contest, weathers, Times(400, 20))
    spec = report()
    return {
        "errors_finished": _both(sides, _finished),
        "errors_calls": _both(sides, lambda side: _median(one.requests / (400 * len(spec.nodes)) for one in side)),
        "errors_p95": _both(sides, lambda side: _p(side, 0.95) / spec.critical_s),
    }


async def storm(contest: Contest) -> Figures:
    """More calls than the service's limit lets through; the limit alone takes a known time."""
    sides = await _batches(contest, [Weather(calls_per_s=STORM_CALLS_PER_S, burst=STORM_BURST)], Times(50, 50))
    limit_s = (50 * len(report().nodes) - STORM_BURST) / STORM_CALLS_PER_S
    return {
        "storm_finished": _both(sides, _finished),
        "storm_time": _both(sides, lambda side: _median(_storm_s(one) / limit_s for one in side)),
    }


def _storm_s(batch: Batch) -> float:
    """A storm counts as survived only where every flow did."""
    return batch.took_s if batch.finished == 1 else float("inf")


async def late(contest: Contest) -> Figures:
    """Every twentieth call takes five to fifteen times as long."""
    weathers = [Weather(late=0.05, seed=seed) for seed in range(contest.rounds)]
    by_plain, by_engine = await _batches(contest, weathers, Times(400, 20))
    calls = _median(one.requests for one in by_engine) / _median(one.requests for one in by_plain)
    return {
        "late_p95": (1.0, _p(by_engine, 0.95) / _p(by_plain, 0.95)),
        "late_p99": (1.0, _p(by_engine, 0.99) / _p(by_plain, 0.99)),
        "late_calls": (1.0, calls),
    }


async def _batches(contest: Contest, weathers: Sequence[Weather], times: Times) -> tuple[list[Batch], list[Batch]]:
    """Run both sides in turn, each round in its weather; the last weather holds on."""
    sides: tuple[list[Batch], list[Batch]] = ([], [])
    spec = report()
    for engine, _ in contest.sides:
        await warm_up(engine, spec)
    for number in range(contest.rounds):
        weather = weathers[min(number, len(weathers) - 1)]
        for side, (engine, retry) in zip(sides, contest.sides, strict=True):
            side.append(await run_batch(engine, spec, weather, times, retry))
    contest.troubles.extend(one.trouble for one in sides[1] if one.trouble)
    return sides


def _both(sides: tuple[list[Batch], list[Batch]], figure: Callable[[list[Batch]], float]) -> Pair:
    return figure(sides[0]), figure(sides[1])


def _finished(side: list[Batch]) -> float:
    """Return the share of all rounds together: a median would hide a round in which everything was lost."""
    return statistics.mean(one.finished for one in side)


def _p(side: list[Batch], share: float) -> float:
    return _median(one.quantile_s(share) for one in side)


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


TRIALS: Mapping[str, Trial] = {trial.__name__: trial for trial in (overhead, dag, many, errors, storm, late)}
