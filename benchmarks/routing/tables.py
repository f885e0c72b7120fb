"""Outcome tables: one row a query, and per model its score, cost, and where recorded tokens, seconds and answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

POOLS = (
    (
        "claude-3-5-sonnet-20240620",
        "claude-3-opus-20240229",
        "claude-3-haiku-20240307",
        "gpt-4-turbo-2024-04-09",
        "gpt-4o-2024-08-06-FC",
        "gpt-4o-mini-2024-07-18",
        "gpt-3.5-turbo-0125",
        "gemini-1.5-pro-preview-0514",
        "gemini-1.5-flash-preview-0514",
        "mistral-large-2407-FC-Any",
        "open-mistral-nemo-2407-FC-Auto",
        "open-mixtral-8x22b",
        "command-r-plus",
        "yi-large-fc",
    ),
)
"""Where a table has all of these and more, these are its models: the others are further ways to call the same ones."""
UNPARSED = ("", "?")
"""In place of an answer that could not be read. ``NONE``, no call at all, is an answer."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Queries by models."""

    models: tuple[str, ...]
    query_ids: tuple[str, ...]
    datasets: tuple[str, ...]
    prompts: tuple[str, ...]
    score: Any
    cost: Any
    latency: Any | None
    out_tokens: Any | None
    answers: tuple[tuple[str | None, ...], ...]

    def __len__(self) -> int:
        return len(self.query_ids)

    def take(self, rows: Any) -> Table:
        """Return the rows that are marked."""
        places = np.flatnonzero(rows)
        return replace(
            self,
            query_ids=tuple(self.query_ids[place] for place in places),
            datasets=tuple(self.datasets[place] for place in places),
            prompts=tuple(self.prompts[place] for place in places),
            score=self.score[places],
            cost=self.cost[places],
            latency=None if self.latency is None else self.latency[places],
            out_tokens=None if self.out_tokens is None else self.out_tokens[places],
            answers=tuple(self.answers[place] for place in places),
        )

    @property
    def best(self) -> int:
        """The single model that is best on average."""
        return int(self.score.mean(axis=0).argmax())


def read_table(path: Path) -> Table:
    """Read a Parquet file, in the order of its query ids."""
    import duckdb  # from the extra `data`

    found = duckdb.connect().execute("SELECT * FROM read_parquet(?) ORDER BY query_id", [str(path)])
    names = [column[0] for column in found.description]
    columns = dict(zip(names, zip(*found.fetchall(), strict=True), strict=True))
    listed = tuple(name.split("|", 1)[1] for name in names if name.startswith("score|"))
    models = next((pool for pool in POOLS if set(pool) < set(listed)), listed)
    answers = [columns.get(f"ans|{model}", (None,) * len(columns["query_id"])) for model in models]
    return Table(
        models=models,
        query_ids=columns["query_id"],
        datasets=columns["dataset"],
        prompts=columns["prompt"],
        score=_numbers(columns, "score", models),
        cost=_numbers(columns, "cost", models),
        latency=_numbers(columns, "latency", models),
        out_tokens=_numbers(columns, "out_tok", models),
        answers=tuple(
            tuple(None if text is None or str(text) in UNPARSED else str(text) for text in row)
            for row in zip(*answers, strict=True)
        ),
    )


def _numbers(columns: dict[str, Any], kind: str, models: tuple[str, ...]) -> Any | None:
    if f"{kind}|{models[0]}" not in columns:
        return None
    return np.array([columns[f"{kind}|{model}"] for model in models], dtype=np.float64).T.copy()
