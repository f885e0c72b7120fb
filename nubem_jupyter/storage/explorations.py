"""What trying models has cost, day by day, and what is set aside for runs under way."""

from __future__ import annotations

from collections.abc import Mapping

from nubem_jupyter.core.ids import RunId
from nubem_jupyter.storage.database import Database

_SPENT = "SELECT coalesce(sum(usd), 0.0) FROM exploration WHERE day = ?1 AND run <> ?2"
_PUT = "INSERT OR REPLACE INTO exploration (run, place, day, usd) VALUES (?, ?, ?, ?)"
_SETTLE = "UPDATE exploration SET usd = ? WHERE run = ? AND place = ?"


class ExplorationStore:
    """US dollars by run and step. What was set aside and never settled, since the process died, counts as spent.

    Every method raises ``StorageError`` where the file cannot be opened, read or written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def spent_usd(self, day: str) -> float:
        """Return what was spent or set aside on an ISO day."""
        with self._database.reading() as connection:
            (spent,) = connection.execute(_SPENT, (day, "")).fetchone()
        return float(spent)

    def set_aside(self, run: RunId, day: str, amounts_usd: Mapping[str, float], limit_usd: float) -> bool:
        """Set aside what steps of a run may cost, unless the day's limit would be passed; tell whether it was done.

        What was set aside for a step before is replaced. Two processes cannot both have the last of a limit.
        """
        with self._database.writing() as connection:
            (spent,) = connection.execute(_SPENT, (day, run)).fetchone()
            if spent + sum(amounts_usd.values()) > limit_usd:
                return False
            connection.executemany(_PUT, [(run, place, day, usd) for place, usd in amounts_usd.items()])
        return True

    def settle(self, run: RunId, amounts_usd: Mapping[str, float]) -> None:
        """Put what steps did cost in place of what was set aside for them."""
        with self._database.writing() as connection:
            connection.executemany(_SETTLE, [(usd, run, place) for place, usd in amounts_usd.items()])
