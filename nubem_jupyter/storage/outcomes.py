"""What models did on scored cases, and the cascades that were learned from it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from nubem_jupyter.core.cascade import LearnedCascade
from nubem_jupyter.core.digest import digest
from nubem_jupyter.core.outcome import CaseOutcome, Stamp
from nubem_jupyter.errors import FlowError
from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.records import to_json

MOST_QUERIES = 1000
"""Of each capability and kind of answer the newest are kept."""
_KEEP = """INSERT OR REPLACE INTO outcome (capability, kind, query, model, sample, record)
    VALUES (?, ?, ?, ?, ?, ?)"""
_TRIM = """DELETE FROM outcome WHERE capability = ?1 AND kind = ?2 AND query NOT IN (
    SELECT query FROM outcome WHERE capability = ?1 AND kind = ?2
    GROUP BY query ORDER BY max(number) DESC LIMIT ?3)"""
_STAMPS = """SELECT capability, kind, count(*), max(number) FROM outcome WHERE kind <> ''
    GROUP BY capability, kind ORDER BY 1, 2"""
_FIT = "SELECT record FROM cascade_fit WHERE kind = ? AND models = ? AND stamp = ?"
_ALL = ""
"""In the column of the capability: what is learned of a kind of answer is learned of all capabilities together."""
_FORM = 3
"""Of what is learned: it changes where the same outcomes teach something else."""

Fit = Mapping[str, tuple[LearnedCascade, ...]]
"""Capability -> the cascades for it."""

_FITTED = msgspec.json.Decoder(dict[str, tuple[LearnedCascade, ...]])
_OUTCOME = msgspec.json.Decoder(CaseOutcome)


class OutcomeStore:
    """Outcomes by capability, kind of answer, query, model and sample; the newest of each stands.

    Every method raises ``StorageError`` where the file cannot be opened, read or written.
    """

    def __init__(self, database: Database, most_queries: int = MOST_QUERIES) -> None:
        self._database = database
        self._most_queries = most_queries

    def add(self, outcomes: Iterable[CaseOutcome]) -> None:
        """Record outcomes, and let go of the oldest where there are too many; none is kept without finite figures."""
        listed = [one for one in outcomes if _is_finite(one)]
        rows = [(one.capability, one.kind, one.query, one.model, one.sample, to_json(one)) for one in listed]
        with self._database.writing() as connection:
            connection.executemany(_KEEP, rows)
            for capability, kind in dict.fromkeys((one.capability, one.kind) for one in listed):
                connection.execute(_TRIM, (capability, kind, self._most_queries))

    def stamps(self) -> tuple[Stamp, ...]:
        """Say of what there are outcomes whose answers can be compared, and whether there are new ones."""
        with self._database.reading() as connection:
            rows = connection.execute(_STAMPS).fetchall()
        return tuple(Stamp(capability=one, kind=two, count=count, newest=newest) for one, two, count, newest in rows)

    def of(self, capability: str, kind: str) -> tuple[CaseOutcome, ...]:
        """Return the outcomes that can be read, the oldest first."""
        return self._read("capability = ? AND kind = ?", capability, kind)

    def about(self, capability: str) -> tuple[CaseOutcome, ...]:
        """Return the outcomes of every kind of answer, also of those that cannot be compared, the oldest first."""
        return self._read("capability = ?", capability)

    def _read(self, where: str, *given: str) -> tuple[CaseOutcome, ...]:
        query = f"SELECT record FROM outcome WHERE {where} ORDER BY number"  # noqa: S608  # a constant
        with self._database.reading() as connection:
            rows = connection.execute(query, given).fetchall()
        return tuple(outcome for (record,) in rows if (outcome := _read(record)) is not None)

    def fitted(self, stamps: Sequence[Stamp], models: str) -> Fit | None:
        """Return what was learned of these models from just the outcomes of a kind; None where that is not known.

        ``stamps`` are those of the kind, one or more.
        """
        with self._database.reading() as connection:
            row = connection.execute(_FIT, (stamps[0].kind, models, _written(stamps))).fetchone()
        try:
            return None if row is None else _FITTED.decode(row[0])
        except (msgspec.DecodeError, UnicodeDecodeError, FlowError):
            return None  # another version wrote it, or it is damaged: it is learned anew

    def keep_fit(self, stamps: Sequence[Stamp], models: str, learned: Fit) -> None:
        """Keep what was learned, in place of what older outcomes told."""
        kind, now = stamps[0].kind, _written(stamps)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM cascade_fit WHERE kind = ? AND stamp <> ?", (kind, now))
            connection.execute(
                "INSERT OR REPLACE INTO cascade_fit VALUES (?, ?, ?, ?, ?)", (_ALL, kind, models, now, to_json(learned))
            )


def _written(stamps: Sequence[Stamp]) -> str:
    told = sorted((one.capability, one.count, one.newest) for one in stamps)
    return digest([_FORM, told])


def _is_finite(outcome: CaseOutcome) -> bool:
    figures = (outcome.score, outcome.cost_usd, outcome.latency_s, outcome.first_token_s)
    return all(math.isfinite(figure) for figure in figures if figure is not None)


def _read(record: bytes) -> CaseOutcome | None:
    """Return an outcome; None where it is damaged, or another version wrote it: the others tell enough."""
    try:
        return _OUTCOME.decode(record)
    except (msgspec.DecodeError, TypeError, UnicodeDecodeError):
        return None
