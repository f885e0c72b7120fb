"""How soon a change of a component file is told, and what watching costs while nothing happens.

The time runs from when the last file was written (renamed, deleted) until a listener to a session's catalog is called
with the difference, which also has the thousands of models that LiteLLM lists.
It holds the wait for the end of a burst, which is there on purpose. With 1,000 and with 10,000 files in the folder; a
thousand files at once, as by a branch switch, is one change.

    python benchmarks/bench_watcher.py [changes]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from nubem_jupyter.catalog.difference import Difference
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings

SOURCE = '"""Component."""\n\n\ndef run(text: str, limit: int = {n}) -> str:\n    """Do step {n}."""\n    return text\n'
LIMIT_S = 1.0
IDLE_S = 10.0
BURST = 1_000


class Stage:
    """A watched folder."""

    def __init__(self, folder: Path, files: int) -> None:
        self.folder = folder
        self.count = files
        for n in range(files):
            self.path(n).parent.mkdir(parents=True, exist_ok=True)
            self.path(n).write_text(SOURCE.format(n=n), encoding="utf-8")
        self.told: list[tuple[float, Difference]] = []
        self.news = threading.Condition()
        settings = Settings(home=folder.parent / "home", workspace=folder.parent, providers=("litellm",))
        self.catalog = Session(settings, {}).catalog
        self.catalog.look()
        self.catalog.listen(self.take)
        self.catalog.watch()
        self.catalog.wait_ready(60)

    def path(self, n: int) -> Path:
        return self.folder / f"part{n // 100}" / f"tool{n}.py"

    def take(self, found: Difference) -> None:
        with self.news:
            self.told.append((time.monotonic(), found))
            self.news.notify_all()

    def latency_s(self, changed_s: float, entries: int) -> float:
        """Wait until so many entries are told of; more than one event for one change is told by a longer list."""

        def all_told() -> bool:
            return entries <= sum(
                len(found.added) + len(found.removed) + len({change.id for change in found.changed})
                for _, found in self.told
            )

        with self.news:
            self.news.wait_for(all_told, 30)
            told, self.told = self.told, []
        return told[-1][0] - changed_s

    def edit(self, n: int) -> int:
        self.path(n).write_text(SOURCE.format(n=-n), encoding="utf-8")
        return 1

    def save_aside(self, n: int) -> int:
        part = self.path(n).with_suffix(".py.tmp")
        part.write_text(SOURCE.format(n=-2 * n), encoding="utf-8")
        part.replace(self.path(n))
        return 1

    def add(self, n: int) -> int:
        self.path(n).with_name(f"new{n}.py").write_text(SOURCE.format(n=n), encoding="utf-8")
        return 1

    def rename(self, n: int) -> int:
        self.path(n).rename(self.path(n).with_name(f"moved{n}.py"))
        return 2

    def delete(self, n: int) -> int:
        self.path(n).with_name(f"moved{n}.py").unlink()
        return 1


def idle() -> float:
    """CPU milliseconds a second of the whole process while nothing happens."""
    began_s = time.process_time()
    time.sleep(IDLE_S)
    return (time.process_time() - began_s) * 1e3 / IDLE_S


def one_by_one(stage: Stage, changes: int) -> list[float]:
    steps = (stage.edit, stage.save_aside, stage.add, stage.rename, stage.delete)
    latencies = []
    for turn in range(changes):
        n = 1 + turn // len(steps)
        entries = steps[turn % len(steps)](n)
        latencies.append(stage.latency_s(time.monotonic(), entries))
    return latencies


def at_once(stage: Stage, rounds: int) -> tuple[list[float], int]:
    """Latencies of bursts, and into how many events the worst was divided."""
    latencies, most = [], 0
    for turn in range(1, rounds + 1):
        for n in range(stage.count - BURST, stage.count):
            stage.path(n).write_text(SOURCE.format(n=n + turn * 1_000_000), encoding="utf-8")
        changed_s = time.monotonic()
        latencies.append(stage.latency_s(changed_s, BURST))
        time.sleep(0.5)
        most = max(most, 1 + len(stage.told))
    return latencies, most


def show(title: str, latencies: list[float]) -> None:
    p95_s = statistics.quantiles(latencies, n=20, method="inclusive")[-1]
    print(
        f"{title}: p50 {statistics.median(latencies):.3f} s, p95 {p95_s:.3f} s, of {len(latencies)}, "
        f"ratio {p95_s / LIMIT_S:.2f} (goal: at most 1)"
    )


def main(changes: int) -> None:
    for files in (2_000, 10_000):
        with tempfile.TemporaryDirectory() as home:
            stage = Stage(Path(home) / "components", files)
            time.sleep(5)
            print(f"{files} files: at rest {idle():.1f} ms of CPU a second (goal 10)")
            show(f"{files} files: one change", one_by_one(stage, changes))
            latencies, most = at_once(stage, max(changes // 10, 3))
            show(f"{files} files: {BURST} at once", latencies)
            print(f"{files} files: events for {BURST} at once: {most} at most (goal 1)")
            stage.catalog.close()
    left = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    print(f"threads left: {len(left)} (goal 0)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 50)
