"""The benchmarks run from the project's folder and say what they are held to. Their figures are not looked at here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def said(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def flow_benchmark() -> str:
    """A peer is asked for in this environment, which has none."""
    options = ["--rounds", "1", "--trials", "many,storm", "--python", sys.executable, "--peers", "langgraph"]
    return said("-m", "benchmarks.flow", *options)


def test_the_flow_benchmark_puts_ours_plain_and_the_limit_beside_each_other(flow_benchmark: str) -> None:
    assert flow_benchmark.split()[:3] == ["limit", "nubem", "plain"]
    throughput = next(line for line in flow_benchmark.splitlines() if line.startswith("200 at once: throughput"))
    *_, sign, limit, ours, plain = throughput.split()
    assert (sign, limit, plain) == (">=", "0.9", "1")
    assert float(ours) > 0


def test_plain_asyncio_does_not_survive_the_storm_and_ours_does(flow_benchmark: str) -> None:
    """Else the service would not be as bad as it is meant to be."""
    finished = next(line for line in flow_benchmark.splitlines() if "429: share finished" in line)
    ours, plain = map(float, finished.split()[-2:])
    assert ours == 1
    assert plain < 1


def test_a_peer_that_is_not_installed_is_left_out_with_a_word(flow_benchmark: str) -> None:
    assert "langgraph: left out, No module named 'langgraph'" in flow_benchmark


def test_on_the_cpu_clock_waiting_takes_no_time() -> None:
    program = (
        "import asyncio, time; from benchmarks.flow import cpu_clock\n"
        "async def day():\n"
        "    began_s = time.monotonic()\n"
        "    await asyncio.sleep(86_400)\n"
        "    print(time.monotonic() - began_s >= 86_400)\n"
        "cpu_clock.run(day())"
    )
    assert said("-c", program) == "True\n"


def test_the_benchmark_of_similar_calls_tells_hits_from_false_hits_and_keeps_its_guards() -> None:
    told = said("benchmarks/bench_similar.py")
    rates = {line[:36].strip(): line[42:].split() for line in told.splitlines()[1:]}
    hits, false_hits = rates["all paraphrases: hit rate"], rates["all near-misses: false-hit rate"]
    assert len(hits) == len(false_hits) == 12, "a share and its interval at six least likenesses"
    assert float(hits[0]) > float(false_hits[0])
    assert "no guarded near-miss is found alike: yes (goal: yes)" in told
