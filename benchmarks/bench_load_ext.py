"""How long `%load_ext nubem_jupyter` takes in a started kernel, against a peer's in the same run.

The peer is jupyter-ai-magics, where PYTHON of an environment that has it is given; else `import pandas` here.
Each figure is the median of five fresh kernels. Goal: a ratio of at most 0.5.

    python benchmarks/bench_load_ext.py [--peer-python build/peers/bin/python]
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

GOAL = 0.5
ROUNDS = 5
TIMED = """
import time
{before}
_wall, _cpu = time.perf_counter(), time.process_time()
{statement}
print("took", time.perf_counter() - _wall, time.process_time() - _cpu)
"""


class SpecOf(KernelManager):
    """Starts kernels of one Python, whatever kernel specs the user has."""

    python = sys.executable

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(argv=[self.python, "-m", "ipykernel_launcher", "-f", "{connection_file}"])


def time_in_kernel(python: str, statement: str, before: str = "") -> tuple[float, float]:
    """Return the wall and CPU seconds of a statement in a fresh kernel, where something else may be done before."""
    manager = SpecOf()
    manager.python = python
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        printed: list[str] = []

        def hear(message: dict) -> None:
            printed.append(message["content"].get("text", "") + "\n".join(message["content"].get("traceback", [])))

        client.execute_interactive(TIMED.format(before=before, statement=statement), timeout=120, output_hook=hear)
        line = next(line for line in "".join(printed).splitlines() if line.startswith("took "))
        wall_s, cpu_s = line.split()[1:]
        return float(wall_s), float(cpu_s)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def median_of(name: str, python: str, statement: str) -> float:
    """Print a statement's medians and return the wall one."""
    times = [time_in_kernel(python, statement) for _ in range(ROUNDS)]
    wall_s, cpu_s = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{name:<36} {wall_s:8.3f} s wall {cpu_s:8.3f} s CPU   (median of {ROUNDS} kernels)")
    return wall_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", default="build/peers/bin/python")
    peer_python = parser.parse_args().peer_python
    magic = "get_ipython().run_line_magic('load_ext', '{}')"
    ours_s = median_of("%load_ext nubem_jupyter", sys.executable, magic.format("nubem_jupyter"))
    if Path(peer_python).exists():
        peer_s = median_of("%load_ext jupyter_ai_magics", peer_python, magic.format("jupyter_ai_magics"))
    else:
        peer_s = median_of("import pandas (no peer installed)", sys.executable, "import pandas")
    print(f"ratio {ours_s / peer_s:.3f} (goal: at most {GOAL})")


if __name__ == "__main__":
    main()
