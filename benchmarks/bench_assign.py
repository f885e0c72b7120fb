"""How long it takes to choose a model for each of 50 steps out of 200, best of all choices within three limits.

Against the limit of 50 ms, and against one solution of the same choice by HiGHS (through SciPy, where it is installed),
as a mixed-integer program with a variable for each step and model. Flows: a chain, a fan that joins again, and layers
of five steps of which each reads two of the layer before; limits from tight to loose. Figures of models are made up,
with prices over three orders of magnitude and quality that rises with them. Times are the processor's, which a busy
machine changes less than the clock's.

    python benchmarks/bench_assign.py
"""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from nubem_jupyter.core.constraint import Preference
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.plan import Candidate, Range
from nubem_jupyter.engine.assign import Limits, Problem, calls
from nubem_jupyter.engine.assign.table import COST, DOUBT, TIME
from nubem_jupyter.engine.router.keeping import prepare
from nubem_jupyter.engine.router.limits import Known
from nubem_jupyter.engine.router.losses import losses

STEPS = 50
MODELS = 200
ABOVE = 1.02
"""The floor of quality by what is possible beside the other limits, as a multiple of its logarithm."""
LIMIT_S = 0.05
ROUNDS = 3
HIGHS_LIMIT_S = 60


def chain() -> list[list[int]]:
    return [[step - 1] if step else [] for step in range(STEPS)]


def fan() -> list[list[int]]:
    return [[], *([0] for _ in range(STEPS - 2)), list(range(1, STEPS - 1))]


def layers(chance: random.Random) -> list[list[int]]:
    return [chance.sample(range(step // 5 * 5 - 5, step // 5 * 5), 2) if step >= 5 else [] for step in range(STEPS)]


def flow_of(before: Sequence[Sequence[int]]) -> Flow:
    built = Flow.build().input("text")
    for step, sources in enumerate(before):
        prompt = "".join(f"{{s{source}}}" for source in sources) or "{text}"
        built = built.model(f"s{step}", prompt)
    read = {source for sources in before for source in sources}
    return built.output(*(f"s{step}" for step in range(STEPS) if step not in read))


def candidates(chance: random.Random) -> dict[str, list[Candidate]]:
    prices = [10 ** chance.uniform(-7, -4.3) for _ in range(MODELS)]
    skills = [0.25 * (np.log10(price) + 7) / 2.7 + chance.gauss(0.45, 0.15) for price in prices]
    speeds = [(chance.uniform(0.2, 2), 10 ** chance.uniform(1, 2.4)) for _ in range(MODELS)]
    kinds = [[min(0.99, max(0.01, skill + chance.gauss(0, 0.12))) for skill in skills] for _ in range(6)]
    found = {}
    for step in range(STEPS):
        tokens, right = chance.uniform(50, 2000), chance.choice(kinds)
        found[f"s{step}"] = [
            Candidate(
                model=ModelId(f"a/{number}"),
                quality=spread(right[number], 0.05),
                cost_usd=spread(tokens * prices[number], tokens * prices[number]),
                latency_s=spread(first + 0.3 * tokens / rate, 0.1),
            )
            for number, (first, rate) in enumerate(speeds)
        ]
    return found


def spread(value: float, by: float) -> Range:
    return Range(low=max(0.0, value - by), value=value, high=value + by)


def cases() -> Iterator[tuple[str, Flow, list[list[int]], dict[str, list[Candidate]], Problem, Limits]]:
    for seed in range(ROUNDS):
        chance = random.Random(seed)
        offered = candidates(chance)
        for name, before in (("chain", chain()), ("fan", fan()), ("layers", layers(chance))):
            flow = flow_of(before)
            problem = prepare(flow, offered, Preference.QUALITY, Known())
            best = problem.best(Limits())
            ends = [problem.least(frozenset({quantity}), Limits()).value for quantity in (COST, TIME)]
            for share in (0.3, 0.6, 0.8):
                cost, time_s = (
                    low * (high / low) ** share for low, high in zip(ends, (best.cost_usd, best.latency_s), strict=True)
                )
                limits = Limits(max_cost_usd=cost, max_latency_s=time_s)
                doubt = problem.least(frozenset({DOUBT}), limits).value
                yield (
                    name,
                    flow,
                    before,
                    offered,
                    problem,
                    msgspec.structs.replace(limits, min_quality=math.exp(-ABOVE * doubt)),
                )


def highs_s(
    flow: Flow, problem: Problem, before: Sequence[Sequence[int]], limits: Limits
) -> tuple[float, float] | None:
    """Return seconds and loss of HiGHS, building the program left out; None where SciPy is missing."""
    try:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import lil_array
    except ImportError:
        return None
    lost = losses(problem.candidates, Preference.QUALITY, calls(flow), calls(flow))
    columns = [
        (step, lost[f"s{step}"][number], one)
        for step in range(STEPS)
        for number, one in enumerate(problem.candidates[f"s{step}"])
    ]
    edges = [(step, source) for step, sources in enumerate(before) for source in sources or [None]]
    count = len(columns)
    matrix = lil_array((STEPS + 2 + len(edges), count + STEPS))
    for column, (step, _, one) in enumerate(columns):
        matrix[step, column] = 1.0
        matrix[STEPS, column] = one.cost_usd.high / limits.max_cost_usd
        matrix[STEPS + 1, column] = math.log(one.quality.value) / math.log(limits.min_quality)
        for row, (target, _) in enumerate(edges):
            if target == step:
                matrix[STEPS + 2 + row, column] = one.latency_s.value / limits.max_latency_s
    for row, (target, source) in enumerate(edges):
        matrix[STEPS + 2 + row, count + target] = -1.0
        if source is not None:
            matrix[STEPS + 2 + row, count + source] = 1.0
    low = np.concatenate([np.ones(STEPS), np.full(2 + len(edges), -np.inf)])
    high = np.concatenate([np.ones(STEPS + 2), np.zeros(len(edges))])
    began_s = time.process_time()
    found = milp(
        np.array([loss for _, loss, _ in columns] + [0.0] * STEPS),
        constraints=LinearConstraint(matrix.tocsr(), low, high),
        integrality=np.array([1] * count + [0] * STEPS),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0, "time_limit": HIGHS_LIMIT_S},
    )
    return time.process_time() - began_s, found.fun if found.fun is not None else np.inf


def main() -> None:
    """Print a row a flow and limit, then the medians."""
    print(f"{'flow':<8}{'prepare ms':>11}{'solve ms':>10}{'gap':>9}{'HiGHS ms':>10}{'loss less':>11}")
    solved, shares, proved = [], [], 0
    for name, flow, before, offered, problem, limits in cases():
        began_s = time.process_time()
        fresh = prepare(flow, offered, Preference.QUALITY, Known())
        fresh.most(COST, limits)
        prepared_s = time.process_time() - began_s
        taken_s = []
        for _ in range(ROUNDS):
            began_s = time.process_time()
            found = fresh.best(limits)
            taken_s.append(time.process_time() - began_s)
        solve_s = statistics.median(taken_s)
        peer = highs_s(flow, problem, before, limits)
        solved.append(solve_s)
        proved += found.gap == 0
        shares += [solve_s / peer[0]] if peer else []
        told = f"{peer[0] * 1e3:>10.0f}{peer[1] - found.loss:>11.1e}" if peer else f"{'-':>10}{'-':>11}"
        print(f"{name:<8}{prepared_s * 1e3:>11.0f}{solve_s * 1e3:>10.0f}{found.gap:>9.1e}{told}")
    median_s = statistics.median(solved)
    print(
        f"median {median_s * 1e3:.0f} ms, {median_s / LIMIT_S:.2f} of the limit; {proved} of {len(solved)} proved best"
    )
    if shares:
        print(f"of one solution by HiGHS {statistics.median(shares):.3f} at the median")


if __name__ == "__main__":
    main()
