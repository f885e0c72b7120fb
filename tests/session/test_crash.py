"""A killed kernel: the run goes on where it was, with the right result, and pays for nothing twice."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("killed_run.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are forked, which this system cannot")
def test_fifty_kills_at_random_moments_lose_no_finished_step_and_repeat_none():
    """After each kill: what was on record as finished is not done again, every other call once a process, and the
    result, the values and the costs are those of a run that nobody disturbed."""
    done = subprocess.run([sys.executable, SCRIPT, "50"], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = re.fullmatch(r"(\d+) kills of (\d+) runs: (\d+) right results, \d+ calls made, (\d+) .*\n", done.stdout)
    kills, runs, right, again = map(int, said.groups())
    assert kills >= 50
    assert right == runs
    assert again == 0
