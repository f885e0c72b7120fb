"""The routing benchmark: the product's own router, and peers, on tables of what real models did on real prompts.

A router sees the prompt, its task, and of a model nothing before it called it (``access.py``); scores it never sees.
Without ``--score`` the figures are those of five-fold cross-validation on the fitting file, settings chosen inside
each fold. ``--no-labels`` hides the task, which the routers then read from the prompt.

    python -m benchmarks.routing --fit routing_dev.bfcl.parquet --json
    python -m benchmarks.routing --fit FILE --score OTHER_FILE --json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.routing.tables import Table, read_table
from benchmarks.routing.trial import Curve, Options, Trial, report, trial

COLUMNS = ("AIQ", "Q@0.25", "Q@1", "C@95", "C@100", "gap")


def measured(fit: Table, score: Table | None, options: Options, folds: int) -> dict[str, Any]:
    """Return the report of one table."""
    return report(score, trial(fit, score, options)) if score else report(fit, crossed(fit, options, folds))


def crossed(table: Table, options: Options, folds: int) -> Trial:
    """Let each fold be scored by what was fitted on the others, and put the folds together again."""
    fold = np.random.default_rng(options.seed).permutation(len(table)) % folds
    found = [trial(table.take(fold != number), table.take(fold == number), options) for number in range(folds)]
    order = np.argsort(np.concatenate([np.flatnonzero(fold == number) for number in range(folds)]))
    curves = {
        name: Curve(
            score=np.concatenate([one.curves[name].score for one in found], axis=1)[:, order],
            cost=np.concatenate([one.curves[name].cost for one in found], axis=1)[:, order],
        )
        for name in found[0].curves
    }
    operating = [result for one in found for result in one.operating]
    covered = [inside for one in found for inside in one.covered]
    return Trial(curves=curves, operating=[operating[place] for place in order], covered=covered, best=table.best)


def printed(found: dict[str, Any]) -> str:
    """Return the report as a table of text."""
    lines = ["router".ljust(16) + "".join(column.rjust(9) for column in COLUMNS)]
    for name, figures in {"ours": found["ours"], **found["peers"]}.items():
        cells = (figures[column] for column in COLUMNS)
        lines.append(name.ljust(16) + "".join(("–" if cell is None else f"{cell:.3f}").rjust(9) for cell in cells))
    lines.append(f"operating point: {found['ours']['operating_point']}")
    lines.append(f"of the 90 % ranges hold what came: {found['ours']['coverage']:.3f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", type=Path, required=True)
    parser.add_argument("--score", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--no-labels", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most-cost", type=float, default=0.4, help="of the operating point, as a share")
    parser.add_argument("--most-latency", type=float, default=1.05, help="likewise; only where seconds are recorded")
    given = parser.parse_args()
    options = Options(
        most_cost=given.most_cost,
        most_latency=given.most_latency,
        labels=not given.no_labels,
        peers=not given.no_peers,
        seed=given.seed,
    )
    found = measured(read_table(given.fit), read_table(given.score) if given.score else None, options, given.folds)
    print(json.dumps(found) if given.json else printed(found))


if __name__ == "__main__":
    main()
