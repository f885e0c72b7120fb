"""What it costs to learn from a call: on the event loop, in the thread behind it, and where models are listed.

Two microseconds a call are what may be taken from the event loop; the rest is done in a thread, in batches.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from nubem_jupyter.catalog.learned import with_learned
from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.ids import ModelId, NodePath
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.observation import observed
from nubem_jupyter.core.run import NodeRun, NodeState
from nubem_jupyter.storage.call_stats import CallStats
from nubem_jupyter.storage.database import Database

GOAL_US = 2.0
ROUNDS = 5
MODELS, CAPABILITIES = 20, 5


def took_us(act: Callable[[], object], times: int) -> float:
    began_s = time.perf_counter()
    act()
    return (time.perf_counter() - began_s) / times * 1e6


def node(place: int) -> NodeRun:
    return NodeRun(
        path=NodePath(f"each[{place}]"),
        kind="prompt",
        capability=f"capability{place // MODELS % CAPABILITIES}",
        state=NodeState.FINISHED,
        model=ModelId(f"a/{place % MODELS}"),
        value="some text",
        usage=Usage(input_tokens=10, output_tokens=20 + place % 7),
        call_s=1.0 + place % 100 / 50,
        first_token_s=0.1 + place % 50 / 100,
    )


def measure(folder: Path, number: int, calls: int) -> tuple[float, float, float]:
    """Return microseconds a call on the loop, a call in the thread, and a listing of every model."""
    nodes = [node(place) for place in range(calls)]
    stats = CallStats(Database(folder / f"{number}.db"), time.time)

    def note() -> None:
        for each in nodes:
            seen = observed(each, time.time())
            if seen is not None:
                stats.note(seen)

    models = [ModelInfo(id=ModelId(f"a/{place}"), provider="a") for place in range(2_000)]
    note_us = took_us(note, calls)
    save_us = took_us(stats.save, calls)
    list_us = took_us(lambda: with_learned(models, stats.all(), time.time()), 1)
    return note_us, save_us, list_us


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20_000)
    calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory() as folder:
        rounds = [measure(Path(folder), number, calls) for number in range(ROUNDS)]
    note_us, save_us, list_us = (statistics.median(figures) for figures in zip(*rounds, strict=True))
    print(f"a call on the event loop: {note_us:.2f} us, ratio to the goal {note_us / GOAL_US:.2f} (goal 1)")
    print(f"a call in the thread: {save_us:.2f} us")
    print(f"a listing, {MODELS} models for {CAPABILITIES} capabilities each: {list_us / 1000:.1f} ms")


if __name__ == "__main__":
    main()
