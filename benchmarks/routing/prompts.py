"""What like prompts tell of a model's success: log-loss, and how often ranges hold, with and without them.

``python -m benchmarks.routing.prompts FILE`` learns on four fifths of a table and predicts the fifth, five times over.
Ranges are of the mean score of up to 30 prompts that were read alike, the hardest to tell: of the 90 % ranges the share
is given that held what came. ``--mixed`` takes all tasks of the table for one capability.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.routing.tables import Table, read_table
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.core.plan import Range
from nubem_jupyter.engine.cascade.records import Floats, folds
from nubem_jupyter.engine.estimator.told import Like, moved
from nubem_jupyter.engine.interval import wilson
from nubem_jupyter.engine.success import learn_prompts, packed, read_texts, unpacked, vectors

_CONFIDENCE = 0.9
_FOLDS = 5
_TOGETHER = 30
_LEAST = 1e-3


class Predicted(NamedTuple):
    """Of one model and one fold: what came, and what was predicted."""

    came: Floats
    plain: Range
    told: list[Like | None]
    total: tuple[float, int]

    def chances(self) -> Floats:
        """Return the chance of each prompt."""
        return np.array([self._range(one).value for one in self.told])

    def losses(self) -> tuple[float, float]:
        """Return the summed log-loss without and with what like prompts tell."""
        return _loss(self.came, np.full(len(self.came), self.plain.value)), _loss(self.came, self.chances())

    def held(self) -> Iterator[tuple[bool, bool]]:
        """Tell of groups that were read alike whether their mean score lay in the range, without and with."""
        order = np.argsort(self.chances(), kind="stable")
        for group in np.array_split(order, max(1, len(order) // _TOGETHER)):
            mean, ranges = self.came[group].mean(), [self._range(self.told[place]) for place in group]
            with_like = Range(
                low=float(np.mean([one.low for one in ranges])),
                value=float(np.mean([one.value for one in ranges])),
                high=float(np.mean([one.high for one in ranges])),
            )
            yield _holds(self.plain, mean, len(group)), _holds(with_like, mean, len(group))

    def _range(self, told: Like | None) -> Range:
        return self.plain if told is None else moved(*self.total, told, _CONFIDENCE)


def predictions(table: Table, rows: Floats, seed: int) -> Iterator[Predicted]:
    """Learn on all folds but one and predict that, of one capability's table and its prompts' vectors."""
    fold = folds(len(table), _FOLDS, seed)
    written = [packed(row) for row in rows]
    for number in range(_FOLDS):
        known = np.flatnonzero(fold != number)
        fit = learn_prompts(list(_outcomes(table, known)), {table.query_ids[row]: written[row] for row in known})
        held = np.flatnonzero(fold == number)
        read: list[Mapping[ModelId, Like]] = [{} if fit is None else fit.tell(unpacked([written[row]])) for row in held]
        for column, model in enumerate(table.models):
            total = float(table.score[known, column].sum())
            yield Predicted(
                came=table.score[held, column],
                plain=wilson(total, len(known), _CONFIDENCE),
                told=[one.get(ModelId(model)) for one in read],
                total=(total, len(known)),
            )


def _outcomes(table: Table, rows: Floats) -> Iterator[CaseOutcome]:
    for row in rows:
        for column, model in enumerate(table.models):
            yield CaseOutcome(
                capability="any",
                kind="label",
                query=table.query_ids[row],
                model=ModelId(model),
                score=float(np.clip(table.score[row, column], 0, 1)),
            )


def _loss(came: Floats, chance: Floats) -> float:
    kept = np.clip(chance, _LEAST, 1 - _LEAST)
    return float(-(came * np.log(kept) + (1 - came) * np.log(1 - kept)).sum())


def _holds(range_: Range, mean: float, count: int) -> bool:
    """Tell whether the mean of so many scores lies where it should: a mean of few scatters by itself."""
    scatter = wilson(range_.value * count, count, _CONFIDENCE)
    below = np.hypot(range_.value - range_.low, scatter.value - scatter.low)
    above = np.hypot(range_.high - range_.value, scatter.high - scatter.value)
    return bool(range_.value - below <= mean <= range_.value + above)


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--mixed", action="store_true", help="all tasks as one capability")
    parser.add_argument("--encoder", action="store_true", help="vectors by the local sentence encoder")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    table = read_table(options.table)
    read = vectors
    if options.encoder:
        from nubem_jupyter.providers.sentence_encoder import SentenceEncoder

        read = SentenceEncoder().embed
    rows = np.vstack([read_texts(table.prompts[at : at + 64], read) for at in range(0, len(table), 64)])
    names = np.array(["any"] * len(table) if options.mixed else table.datasets)
    parts = [names == name for name in sorted(set(names))]
    found = [one for part in parts for one in predictions(table.take(part), rows[part], options.seed)]
    print(json.dumps(_summary(found)))


def _summary(found: list[Predicted]) -> dict[str, object]:
    losses = np.array([one.losses() for one in found]).sum(axis=0) / sum(len(one.came) for one in found)
    held = np.array([pair for one in found for pair in one.held()]).mean(axis=0)
    return {
        "log_loss": {"capability": round(float(losses[0]), 4), "prompt": round(float(losses[1]), 4)},
        "coverage": {"capability": round(float(held[0]), 3), "prompt": round(float(held[1]), 3)},
    }


if __name__ == "__main__":
    main()
