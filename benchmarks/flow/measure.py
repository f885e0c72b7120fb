"""One engine against plain asyncio, in this process; the runner starts one such process for each engine.

python -m benchmarks.flow.measure ENGINE --to FILE [--rounds 5] [--trials overhead,dag,…]
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import warnings
from pathlib import Path
from typing import Any

from benchmarks.flow import cpu_clock
from benchmarks.flow.batch import worded
from benchmarks.flow.engine import Engine, Retry
from benchmarks.flow.trials import TRIALS, Contest

OURS = "nubem"
_MODULES = {OURS: "benchmarks.flow.adapter", "plain": "benchmarks.flow.plain"}


def load(name: str) -> Engine:
    """Import an engine's module.

    Raises:
        ImportError: what it needs is not installed.
    """
    engine: Any = importlib.import_module(_MODULES.get(name) or f"benchmarks.flow.peers.{name}")
    return engine


async def measure(contest: Contest, names: list[str]) -> dict[str, Any]:
    """Put an engine through the trials; one that it cannot stand leaves out that trial's figures."""
    figures: dict[str, Any] = {}
    troubles: dict[str, str] = {}
    for name in names:
        contest.troubles.clear()
        try:
            figures.update(await TRIALS[name](contest))
        # Engines fail with whatever they have, and the other trials still say something.
        except Exception as error:  # noqa: BLE001
            contest.troubles.append(worded(error))
        if contest.troubles:
            troubles[name] = contest.troubles[0]
    return {"version": contest.engine.VERSION, "figures": figures, "troubles": troubles}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--trials", default=",".join(TRIALS))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable()
    try:
        engine = load(options.engine)
    except ImportError as missing:
        found: dict[str, Any] = {"missing": str(missing)}
    else:
        contest = Contest(engine, Retry(default=options.engine == OURS), options.rounds, [])
        found = cpu_clock.run(measure(contest, options.trials.split(",")))
    options.to.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
