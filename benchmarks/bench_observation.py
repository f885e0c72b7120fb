"""What it costs to learn from a call: on the event loop, in the thread behind it, and where models are listed.

One microsecond a call is what may be taken from the event loop; the rest is done in a thread, in batches.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nubem_jupyter.catalog.learned import with_learned
from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.ids import ModelId, NodePath
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.run import NodeRun, NodeState
from nubem_jupyter.session.call_notes import CallNotes
from nubem_jupyter.storage.call_stats import CallStats
from nubem_jupyter.storage.database import Database

GOAL_US = 1.0
ROUNDS = 5
MODELS, CAPABILITIES = 20, 5


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


async def measure(folder: Path, number: int, calls: int) -> tuple[float, float, float]:
    """Return microseconds a call on the loop, a call in the thread, and a listing of every model."""
    nodes = [node(place) for place in range(calls)]
    with ThreadPoolExecutor(1) as thread:
        stats = CallStats(Database(folder / f"{number}.db"), time.time)
        notes = CallNotes(stats, tuple, thread, time.time)
        run = notes.of_run(0.0, frozenset())
        began_s, whole_s = time.thread_time(), time.process_time()
        for each in nodes:
            run.take(each)
        run.over()
        loop_s = time.thread_time() - began_s
        thread.submit(notes.close).result()
        thread_s = time.process_time() - whole_s - loop_s

    models = [ModelInfo(id=ModelId(f"a/{place}"), provider="a") for place in range(2_000)]
    began_s = time.thread_time()
    with_learned(models, notes.all(), time.time())
    return loop_s / calls * 1e6, thread_s / calls * 1e6, (time.thread_time() - began_s) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20_000)
    calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory() as folder:
        rounds = [asyncio.run(measure(Path(folder), number, calls)) for number in range(ROUNDS)]
    note_us, save_us, list_us = (statistics.median(figures) for figures in zip(*rounds, strict=True))
    print(f"a call on the event loop: {note_us:.2f} us, ratio to the goal {note_us / GOAL_US:.2f} (goal 1)")
    print(f"a call in the thread: {save_us:.2f} us")
    print(f"a listing, {MODELS} models for {CAPABILITIES} capabilities each: {list_us / 1000:.1f} ms")


if __name__ == "__main__":
    main()
