"""What is measured, in the order of the table, and the limit that holds for our engine."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One figure of every engine."""

    key: str
    title: str
    limit: float
    at_least: bool = False
    """Whether the figure may not be lower, instead of not higher."""

    def holds(self, figure: float) -> bool:
        return figure >= self.limit if self.at_least else figure <= self.limit

    def limit_text(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.limit:g}"


ROWS = (
    Row("chain", "chain of 1,000 nodes: time, in plain's", 5.0),
    Row("fan", "fan of 1,000 nodes: time, in plain's", 5.0),
    Row("dag_max", "200 random flows: makespan / critical path, most", 1.02),
    Row("dag_finished", "200 random flows: share finished", 1.0, at_least=True),
    Row("many_throughput", "200 at once: throughput, in plain's", 0.9, at_least=True),
    Row("many_p95", "200 at once: p95, in plain's", 1.15),
    Row("errors_finished", "10 % HTTP 500: share finished", 0.999, at_least=True),
    Row("errors_calls", "10 % HTTP 500: calls, in those without errors", 1.2),
    Row("errors_p95", "10 % HTTP 500: p95 / critical path", 2.1),
    Row("storm_finished", "storm of HTTP 429: share finished", 1.0, at_least=True),
    Row("storm_time", "storm of HTTP 429: time, in the limit's own", 1.1),
    Row("late_p95", "5 % stragglers: p95, in plain's", 0.45),
    Row("late_p99", "5 % stragglers: p99, in plain's", 0.6),
    Row("late_calls", "5 % stragglers: calls, in those of plain", 1.06),
)
