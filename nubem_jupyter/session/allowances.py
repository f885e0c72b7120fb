"""The limits that are said of deployments, kept for a whole session: on whichever event loop a call is made."""

from __future__ import annotations

from threading import RLock

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Site
from nubem_jupyter.engine.allowance import Allowance


class SharedAllowance(Allowance):
    """An allowance that several threads use at once, each with an event loop of its own."""

    def __init__(self, calls_per_min: float | None = None, tokens_per_min: float | None = None) -> None:
        super().__init__(calls_per_min, tokens_per_min)
        self._lock = RLock()

    def wait_s(self, now_s: float) -> float:
        """Return the seconds after which to ask again, as ``Allowance.wait_s``."""
        with self._lock:
            return super().wait_s(now_s)

    def take(self, now_s: float) -> float:
        """Look and take at once, as ``Allowance.take``: nobody comes between."""
        with self._lock:
            return super().take(now_s)

    def ended(self, now_s: float, tokens: int) -> None:
        """Take in that a call ended, as ``Allowance.ended``."""
        with self._lock:
            super().ended(now_s, tokens)


class Allowances:
    """Those of one session's deployments."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._known: dict[tuple[ModelId, float | None, float | None], Allowance] = {}

    def of(self, site: Site) -> Allowance | None:
        """Return what a deployment has left; None where no limit is said of it."""
        if site.calls_per_min is None and site.tokens_per_min is None:
            return None
        key = site.id, site.calls_per_min, site.tokens_per_min
        with self._lock:
            found = self._known.get(key)
            if found is None:
                found = self._known[key] = SharedAllowance(site.calls_per_min, site.tokens_per_min)
            return found
