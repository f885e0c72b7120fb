"""What keeping a run costs: a node in its journal against a bare write, and its end against bare inserts of the rows.

Medians of several rounds in one process. Goal: at most four bare writes a node on the event loop, and at most four
bare inserts a node at the end, which is off the loop.

    python benchmarks/bench_journal.py [--nodes N]
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from nubem_jupyter.core.digest import encode
from nubem_jupyter.core.ids import NodePath
from nubem_jupyter.storage.sqlite import SqliteRunStore
from nubem_jupyter.testing.conformance.store import begun
from nubem_jupyter.testing.runs import sample_node, sample_run

GOAL = 4.0
ROUNDS = 5


def took_us(work: Callable[[], object], times: int) -> float:
    """Return the microseconds that each of some things took that are done together."""
    began_s = time.perf_counter()
    work()
    return (time.perf_counter() - began_s) / times * 1e6


def measure(folder: Path, number: int, nodes: int) -> tuple[float, float, float, float]:
    """Return microseconds a node: a bare write, a node's record, bare inserts, the end."""
    run = sample_run(f"r{number}")
    made = [
        msgspec.structs.replace(sample_node(NodePath(f"each[{place}]")), value="some text") for place in range(nodes)
    ]
    lines = [b"\n" + encode(node) for node in made]
    descriptor = os.open(folder / f"bare{number}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    write_us = took_us(lambda: [os.write(descriptor, line) for line in lines], nodes)
    os.close(descriptor)
    store = SqliteRunStore(folder / "runs.db")
    store.begin(begun(run))
    save_us = took_us(lambda: [store.save_node(run.id, node) for node in made], nodes)
    bare = sqlite3.connect(folder / f"bare{number}.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("CREATE TABLE node (run TEXT, seq INTEGER, record BLOB, PRIMARY KEY (run, seq)) WITHOUT ROWID")
    rows = [(run.id, seq, line) for seq, line in enumerate(lines)]

    def insert() -> None:
        bare.execute("BEGIN")
        bare.executemany("INSERT INTO node VALUES (?, ?, ?)", rows)
        bare.execute("COMMIT")

    insert_us = took_us(insert, nodes)
    end_us = took_us(lambda: store.end(run), nodes)
    bare.close()
    store.close()
    return write_us, save_us, insert_us, end_us


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=20_000)
    nodes = parser.parse_args().nodes
    with tempfile.TemporaryDirectory() as folder:
        rounds = [measure(Path(folder), number, nodes) for number in range(ROUNDS)]
    write_us, save_us, insert_us, end_us = (statistics.median(figures) for figures in zip(*rounds, strict=True))
    for what, ours, bare in (("a node on the loop", save_us, write_us), ("a node at the end", end_us, insert_us)):
        print(f"{what}: {ours:.2f} us, bare {bare:.2f} us, ratio {ours / bare:.2f} (goal {GOAL:g})")


if __name__ == "__main__":
    main()
