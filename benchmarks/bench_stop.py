"""How long a kernel stays busy after its stop button: while code runs, and while a local model writes.

Each figure is the median of five stops in one kernel, from the interrupt to the kernel's idle state. Goal: 0.5 s.
The model's part needs weights: `make weights-small`.

    python benchmarks/bench_stop.py [--model local/smollm2-135m]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench_load_ext import SpecOf

GOAL_S = 0.5
ROUNDS = 5
WRITING = r"tell\n\n"
"""The step's name and then, below it, its first words, as they stand in a message."""
SETUP = """
import os
os.environ["NUBEM_WORKSPACE"] = {work!r}
%load_ext nubem_jupyter
from nubem_jupyter import Flow
code = Flow.build("code").code("wait", "import time; time.sleep(60)", timeout_s=90.0).output("wait")
tale = Flow.build("tale").model("tell", "Tell a very long story about a lighthouse.", max_tokens=4000).output("tell")
"""


class Kernel:
    """A kernel whose cells can be stopped."""

    def __init__(self, manager: Any, client: Any) -> None:
        self._manager = manager
        self._client = client

    def run(self, source: str, sign: str = "") -> tuple[str, float | None]:
        """Run a cell and interrupt it once ``sign`` is shown; return how it ended and the seconds from there."""
        sent, stopped_s = self._client.execute(source), None
        while True:
            message = self._client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != sent:
                continue
            content = message["content"]
            if stopped_s is None and sign and sign in str(content.get("data", "")):
                stopped_s = time.monotonic()
                self._manager.interrupt_kernel()
            if content.get("execution_state") == "idle":
                took_s = None if stopped_s is None else time.monotonic() - stopped_s
                return self._ending(sent), took_s

    def _ending(self, sent: str) -> str:
        while True:
            reply = self._client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == sent:
                content: dict[str, Any] = reply["content"]
                return f"{content['ename']}: {content['evalue']}" if content["status"] == "error" else "ok"


@contextmanager
def started() -> Iterator[Kernel]:
    """Start a kernel with the extension loaded; its workspace is thrown away."""
    manager = SpecOf()
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        with tempfile.TemporaryDirectory() as work:
            kernel = Kernel(manager, client)
            kernel.run(SETUP.format(work=work))
            yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def report(kernel: Kernel, name: str, source: str, sign: str) -> None:
    """Print the median of several stops, or why there is none."""
    took_s: list[float] = []
    for _ in range(ROUNDS):
        ending, stopped_s = kernel.run(source, sign)
        if stopped_s is None or not ending.startswith("CancelledRunError"):
            print(f"{name:<40} not measured: {ending}")
            return
        took_s.append(stopped_s)
    median_s = statistics.median(took_s)
    spread = f"{min(took_s):.3f} to {max(took_s):.3f}"
    print(f"{name:<40} {median_s:8.3f} s ({spread})   ratio {median_s / GOAL_S:.2f} of {GOAL_S} s (goal: at most 1)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="local/smollm2-135m")
    model = parser.parse_args().model
    with started() as kernel:
        report(kernel, "stop while code runs", "%orchestrate --flow code", "wait")
        report(kernel, f"stop while {model} writes", f"%orchestrate --models {model} --flow tale", WRITING)


if __name__ == "__main__":
    main()
