"""The flow benchmark: what our engine and its peers take on top of plain asyncio, and what they do about errors.

Each engine is measured in a process of its own, in turn with plain asyncio, on a clock that other programs do not
disturb (`cpu_clock.py`). The model is simulated and fails alike for all (`service.py`). Our engine is as its users get
it, with its own policy for errors; plain asyncio and the peers make a failed call five times, from 50 ms on, doubling.
Figures are medians of five rounds; shares are those of all rounds together.

    python -m benchmarks.flow                                       # ours
    python -m benchmarks.flow --python .venv-peers/bin/python       # and the peers that are installed there
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.flow.limits import ROWS, Row
from benchmarks.flow.measure import OURS
from benchmarks.flow.trials import TRIALS

ROOT = Path(__file__).parents[2]
PEERS = ("langgraph", "haystack", "pydantic_graph", "hamilton", "llama_index")
TITLE_WIDTH = max(len(row.title) for row in ROWS)
WIDTH = 15


class Plan(NamedTuple):
    """How every engine is measured."""

    rounds: int
    trials: str


def measured(engine: str, python: str, plan: Plan) -> dict[str, Any]:
    """Measure an engine in a process of that Python."""
    print(f"measuring {engine} …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / "found.json"
        command = [python, "-m", "benchmarks.flow.measure", engine, "--to", str(to)]
        command += ["--rounds", str(plan.rounds), "--trials", plan.trials]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if not to.exists():
            return {"missing": (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]}
        found: dict[str, Any] = json.loads(to.read_text(encoding="utf-8"))
    return found


def table(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Write a line for each row that was measured; plain asyncio's own figures are those of our engine's process."""
    names = [name for name, one in found.items() if "figures" in one]
    if not names:
        return []
    head = [*names[:1], "plain", *names[1:]]
    lines = [
        _line("", "limit", head),
        _line("", "", [found[one].get("version", "") if one in found else "" for one in head]),
    ]
    for row in ROWS:
        first = found[names[0]]["figures"].get(row.key)
        if first is not None:
            figures = [found[name]["figures"].get(row.key, (None, None))[1] for name in names]
            shown = [_shown(figures[0]), _shown(first[0]), *map(_shown, figures[1:])]
            lines.append(_line(row.title, row.limit_text(), shown))
    return lines


def _line(title: str, limit: str, cells: Sequence[str]) -> str:
    return f"{title:<{TITLE_WIDTH}}  {limit:>8}" + "".join(f"{cell:>{WIDTH}}" for cell in cells)


def _shown(figure: float | None) -> str:
    if figure is None:
        return "-"
    return "not all" if figure == float("inf") else f"{figure:.4g}"


def missed(ours: Mapping[str, Any]) -> list[Row]:
    """Return the limits that our engine does not keep, or was not measured against though its trial was run."""
    return [row for row in ROWS if row.key in ours and not row.holds(ours[row.key][1])]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", help="of the environment that has the peers; without it only ours is measured")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"which (default: {','.join(PEERS)})")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--trials", default=",".join(TRIALS), help=f"which (default: {','.join(TRIALS)})")
    options = parser.parse_args()
    plan = Plan(options.rounds, options.trials)
    found = {OURS: measured(OURS, sys.executable, plan)}
    for name in options.peers.split(",") if options.python else ():
        found[name] = measured(name, options.python, plan)
    print("\n".join(table(found)))
    for name, one in found.items():
        for trial, why in one.get("troubles", {}).items():
            print(f"{name}, {trial}: {why}")
        if "missing" in one:
            print(f"{name}: left out, {one['missing']}")
    failed = missed(found[OURS].get("figures", {}))
    print(
        "limits missed: " + "; ".join(row.title for row in failed)
        if failed
        else "every limit that was measured is kept"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
