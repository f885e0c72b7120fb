"""How close runs come to the shortest time possible when only four calls may be under way at once.

500 random flows of 40 calls on six levels are driven through the engine's schedule in simulated time. No order can be
faster than the longest path, nor than all the work shared out evenly: the longer of the two is the bound. Mean of
makespan / bound; goal: at most 1.02. Beside it the same flows with the calls in the order in which they became ready.

    python benchmarks/bench_limit.py [--flows 500] [--limit 4]
"""

from __future__ import annotations

import argparse
import heapq
import random
import statistics
from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.engine.command import Command, End, Start
from nubem_jupyter.engine.schedule import Schedule

GOAL = 1.02
CALLS = 40
LEVELS = 6
SHARE_READ = 0.12
"""How likely a call reads any one of an earlier level."""
CALLS_TAKE_S = (0.01, 0.02, 0.04, 0.08, 0.16)


class Case(NamedTuple):
    """A flow, and how long each of its calls takes."""

    flow: Flow
    seconds: Mapping[str, float]
    bound_s: float


def random_case(rng: random.Random, limit: int) -> Case:
    """Draw a flow."""
    names = [f"n{place}" for place in range(CALLS)]
    levels = sorted(rng.randrange(LEVELS) for _ in names)
    reads = {
        name: [other for other, below in zip(names, levels, strict=True) if below < level and rng.random() < SHARE_READ]
        for name, level in zip(names, levels, strict=True)
    }
    seconds = {name: rng.choice(CALLS_TAKE_S) for name in names}
    ready_s: dict[str, float] = {}
    for name in names:
        ready_s[name] = seconds[name] + max((ready_s[source] for source in reads[name]), default=0.0)
    bound_s = max(*ready_s.values(), sum(seconds.values()) / limit)
    return Case(flow_of(reads), seconds, bound_s)


def flow_of(reads: Mapping[str, list[str]]) -> Flow:
    builder = Flow.build("random")
    for name, sources in reads.items():
        builder.model(name, " ".join(["Go on.", *(f"{{{source}}}" for source in sources)]))
    read = {source for sources in reads.values() for source in sources}
    return builder.join("all", [name for name in reads if name not in read]).output("all")


def by_schedule_s(case: Case, limit: int) -> float:
    """Let the schedule hold calls back and choose which goes first."""
    schedule = Schedule(case.flow, {}, limit=limit, seconds=case.seconds)
    return simulate(schedule, case, len(case.seconds))


def in_order_s(case: Case, limit: int) -> float:
    """Let the schedule start whatever is ready, and hold it back here, first come first served."""
    return simulate(Schedule(case.flow, {}), case, limit)


def simulate(schedule: Schedule, case: Case, limit: int) -> float:
    """Return the run's seconds; at most ``limit`` of the calls that the schedule starts are under way."""
    now_s = 0.0
    waiting: deque[Start] = deque()
    under_way: list[tuple[float, str]] = []
    commands: Iterable[Command] = schedule.begin()
    while not any(isinstance(command, End) for command in commands):
        waiting.extend(command for command in commands if isinstance(command, Start))
        while waiting and len(under_way) < limit:
            start = waiting.popleft()
            heapq.heappush(under_way, (now_s + case.seconds[start.place], start.path))
        now_s, path = heapq.heappop(under_way)
        commands = schedule.answered(path, "done")
    return now_s


def report(name: str, ratios: list[float]) -> None:
    ordered = sorted(ratios)
    p95 = ordered[int(0.95 * len(ordered))]
    print(f"{name:<28} mean {statistics.mean(ratios):.4f}   p95 {p95:.3f}   most {ordered[-1]:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, default=500)
    parser.add_argument("--limit", type=int, default=4)
    options = parser.parse_args()
    rng = random.Random(1)
    cases = [random_case(rng, options.limit) for _ in range(options.flows)]
    in_order = [in_order_s(case, options.limit) / case.bound_s for case in cases]
    chosen = [by_schedule_s(case, options.limit) / case.bound_s for case in cases]
    print(f"{options.flows} flows, {options.limit} calls at once: makespan / bound")
    report("in the order of readiness", in_order)
    report("as the schedule chooses", chosen)
    print(f"ratio {statistics.mean(chosen) / GOAL:.3f} of {GOAL} (goal: at most 1)")


if __name__ == "__main__":
    main()
