"""What a router may see: the prompt and its task, and of a model nothing before it was called on that query.

A ``Query`` holds what may be seen; the table stays with the ``Desk`` that hands queries out. Scores are handed to
nobody: a router names the model whose answer it takes, and the desk looks up what that was worth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.routing.tables import Table


class ForbiddenError(Exception):
    """A router wanted what it may not have."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a call gives."""

    answer: str | None
    out_tokens: float | None
    latency_s: float | None
    cost_usd: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a router got on one query, and what it took."""

    score: float
    cost_usd: float
    latency_s: float


class Query:
    """One query, as a router sees it."""

    __slots__ = ("_call", "dataset", "models", "prompt")

    def __init__(self, prompt: str, dataset: str | None, models: tuple[str, ...], call: Callable[..., list[Reply]]):
        self.prompt = prompt
        self.dataset = dataset
        self.models = models
        self._call = call

    def call(self, *models: str) -> list[Reply]:
        """Call models at the same time; each is paid for, and takes as long as the slowest of them."""
        return self._call(*models)


Router = Callable[[Query], str]
"""Calls models, and returns the one whose answer it takes."""


class Desk:
    """Hands out the queries of a table, and keeps the bill."""

    def __init__(self, table: Table, *, labels: bool = True) -> None:
        self._table = table
        self._labels = labels
        self._place = {model: column for column, model in enumerate(table.models)}

    def serve(self, row: int, router: Router) -> Result:
        """Let a router answer one query.

        Raises:
            ForbiddenError: it takes the answer of a model that it did not call, or calls one twice or after the end.
        """
        table, bill = self._table, _Bill()

        def call(*models: str) -> list[Reply]:
            replies = [self._reply(row, model) for model in models]
            bill.add(models, replies)
            return replies

        dataset = table.datasets[row] if self._labels else None
        taken = router(Query(table.prompts[row], dataset, table.models, call))
        bill.close(taken)
        return Result(
            score=float(table.score[row, self._place[taken]]), cost_usd=bill.cost_usd, latency_s=bill.latency_s
        )

    def serve_all(self, router: Router) -> list[Result]:
        """Let a router answer every query."""
        return [self.serve(row, router) for row in range(len(self._table))]

    def _reply(self, row: int, model: str) -> Reply:
        if model not in self._place:
            raise ForbiddenError(f"there is no model '{model}'")
        column, table = self._place[model], self._table
        return Reply(
            answer=table.answers[row][column],
            out_tokens=None if table.out_tokens is None else float(table.out_tokens[row, column]),
            latency_s=None if table.latency is None else float(table.latency[row, column]),
            cost_usd=float(table.cost[row, column]),
        )


class _Bill:
    """The calls of one query."""

    def __init__(self) -> None:
        self.cost_usd = 0.0
        self.latency_s = 0.0
        self._called: set[str] = set()
        self._open = True

    def add(self, models: Sequence[str], replies: Sequence[Reply]) -> None:
        if not self._open:
            raise ForbiddenError("the query is over")
        for model in models:
            if model in self._called:
                raise ForbiddenError(f"'{model}' was called already: its second answer was not recorded")
            self._called.add(model)
        self.cost_usd += sum(reply.cost_usd for reply in replies)
        self.latency_s += max((reply.latency_s or 0.0 for reply in replies), default=0.0)

    def close(self, taken: str) -> None:
        self._open = False
        if taken not in self._called:
            raise ForbiddenError(f"the answer of '{taken}' was taken, which was not called")
