"""How long planning takes on long requests, as a multiple of one tokenisation of the same text by the same pattern.

Planning reads a bounded part of a request as instructions, so the ratio falls as texts grow. Goal: at 100 KB no kind
of text takes more than ten times what it takes at 10 KB.

    python benchmarks/bench_planner.py
"""

from __future__ import annotations

import inspect
import statistics
import time
from collections.abc import Callable

from nubem_jupyter.engine.planner import draft_flow, steps
from nubem_jupyter.engine.planner.tokens import tokenize

GOAL = 10.0
ROUNDS = 3
SIZES = (1_000, 10_000, 100_000)
PROSE = "The river rose in the night, and the people of the town moved their boats to the hill. Nobody slept. "
TEXTS = {
    "code": "Explain this code:\n\n" + inspect.getsource(steps),
    "prose": "Summarise this text.\n\n" + PROSE,
    "commas": "a, ",
    "braces": "{",
    "connectors": "and then ",
}


def stretch(text: str, size: int) -> str:
    """Repeat a text up to a size in characters."""
    return (text * (size // len(text) + 1))[:size]


def median_s(work: Callable[[str], object], text: str) -> float:
    """Return the median seconds of a few rounds."""
    took = []
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        work(text)
        took.append(time.perf_counter() - began_s)
    return statistics.median(took)


def main() -> None:
    """Print one row a text and size."""
    print(f"{'text':<12}{'KB':>6}{'plan s':>10}{'tokens s':>10}{'ratio':>10}")
    for name, unit in TEXTS.items():
        taken_s = []
        for size in SIZES:
            text = stretch(unit, size)
            plan_s, tokens_s = median_s(draft_flow, text), median_s(tokenize, text)
            taken_s.append(plan_s)
            print(f"{name:<12}{size // 1000:>6}{plan_s:>10.4f}{tokens_s:>10.4f}{plan_s / tokens_s:>10.2f}")
        growth = taken_s[-1] / taken_s[-2]
        print(f"{name:<12}growth from 10 to 100 KB {growth:.2f} (goal: at most {GOAL:g})")


if __name__ == "__main__":
    main()
