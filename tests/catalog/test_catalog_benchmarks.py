"""The catalog's benchmark runs and says what it is held to; its figures are not looked at here."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_benchmark_of_component_folders_puts_each_ratio_beside_its_limit():
    command = [sys.executable, "benchmarks/bench_components.py", "40", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    first, *ratios = done.stdout.splitlines()
    assert first.startswith("40 files, 50 components")
    assert [line.partition("(")[2] for line in ratios] == ["limit 3)", "limit 0.1)", "", "", "limit 300)"]
