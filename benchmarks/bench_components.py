"""How long a folder of 10,000 component files takes: the first look, and the look of the next kernel.

Both are held against the least that must be done, reading the same files and ``ast.parse`` in a loop, each in a process
of its own, in turn, five rounds; figures are medians of CPU time, which repeats on a busy machine. The files are in the
cache of the system, for all of them.

    python benchmarks/bench_components.py [files [rounds]]
"""

from __future__ import annotations

import ast
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nubem_jupyter.catalog.folders import ComponentFolders

ROUNDS = 5

FUNCTION = '''

def {name}(text: str, rows: list[dict[str, Any]], limit: int = {n}, *, mode: Literal["a", "b"] = "a") -> {gives}:
    """Do step {n} of the work on the rows.

    It goes over the rows once, and leaves out those that are empty.

    Args:
        text: What is looked for.
        rows: Where it is looked for, a row an item.
        limit: How many are given at most.
        mode: Which way.

    Component:
        capability: search
        ttl_s: {n}
    """
    found = []
    for index, row in enumerate(rows):
        if text in str(row) and index < limit:
            found.append({{"index": index, "row": row, "mode": mode}})
    total = sum(len(str(entry)) for entry in found)
    return _shape(found, total)
'''
MODULE = '''"""Component number {n}."""

from __future__ import annotations

from typing import Any, Literal

__version__ = "1.{n}"
PERMISSIONS = ("files",)


def _shape(found: list[Any], total: int) -> Any:
    return [entry for entry in found if entry["index"] <= total]
'''


def write(folder: Path, files: int) -> None:
    """Files of some 1.6 KB in folders of a hundred, with a function each and every fourth with two."""
    for n in range(files):
        path = folder / f"part{n // 100}" / f"tool{n}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = MODULE.format(n=n) + FUNCTION.format(name="find", n=n, gives="list[dict[str, Any]]")
        if n % 4 == 0:
            text += FUNCTION.format(name="count", n=n, gives="str | None")
        path.write_text(text, encoding="utf-8")


def parse_all(folder: Path, _cache: Path) -> int:
    paths = [Path(root) / name for root, _, names in os.walk(folder) for name in names]
    return sum(1 for path in paths if ast.parse(path.read_bytes()))


def look(folder: Path, cache: Path) -> int:
    return len(ComponentFolders([folder], cache).scan().components)


def first(folder: Path, cache: Path) -> int:
    cache.unlink(missing_ok=True)
    return look(folder, cache)


def remember(folder: Path, cache: Path) -> int:
    return len(ComponentFolders([folder], cache).remembered().components)


TASKS = {"parse": parse_all, "first": first, "again": look, "remember": remember}


def timed(task: str, folder: Path, cache: Path) -> tuple[float, float, int]:
    """CPU seconds, the most memory in MB, and how many were found, of one process."""
    done = subprocess.run(
        [sys.executable, __file__, task, folder, cache], capture_output=True, text=True, check=True, timeout=600
    )
    cpu_s, memory_mb, found = done.stdout.split()
    return float(cpu_s), float(memory_mb), int(found)


def inside(task: str, folder: Path, cache: Path) -> None:
    began_s = time.process_time()
    found = TASKS[task](folder, cache)
    cpu_s = time.process_time() - began_s
    print(cpu_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, found)


def main(files: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        folder, cache = Path(home) / "components", Path(home) / "kept"
        write(folder, files)
        runs = {task: [] for task in TASKS}
        for _ in range(rounds):
            for task in TASKS:
                runs[task].append(timed(task, folder, cache))
        size_mb = cache.stat().st_size / 1e6
    cpu_s = {task: statistics.median(run[0] for run in found) for task, found in runs.items()}
    memory_mb = max(run[1] for found in (runs["first"], runs["again"]) for run in found)
    print(f"{files} files, {runs['first'][0][2]} components, kept in {size_mb:.1f} MB")
    print(f"first look / reading and parsing: {cpu_s['first'] / cpu_s['parse']:.2f} (limit 3)")
    print(f"next kernel's look / first look: {cpu_s['again'] / cpu_s['first']:.3f} (limit 0.1)")
    print(f"last catalog at once / first look: {cpu_s['remember'] / cpu_s['first']:.3f}")
    print(f"last catalog at once: {cpu_s['remember'] * 1e3:.0f} ms")
    print(f"most memory of a process: {memory_mb:.0f} MB (limit 300)")


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in TASKS:
        inside(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        counts = [int(count) for count in sys.argv[1:]]
        main(*(*counts, *(10_000, ROUNDS)[len(counts) :]))
