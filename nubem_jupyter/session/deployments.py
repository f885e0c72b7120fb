"""What was learned of all deployments lately, by event loop."""

from __future__ import annotations

import asyncio
import random
import weakref
from typing import TYPE_CHECKING

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.engine.hedge import Hedger
from nubem_jupyter.engine.pace import Pacer
from nubem_jupyter.session.allowances import Allowances
from nubem_jupyter.session.deployment import Clock, Deployment

if TYPE_CHECKING:
    from nubem_jupyter.session.fleet import Fleet, SiteState

_SEEDS = 1 << 16


class Neighbours:
    """The deployments as one event loop sees them."""

    def __init__(self, clock: Clock, hedger: Hedger, rng: random.Random, allowances: Allowances) -> None:
        self.clock = clock
        self._hedger = hedger
        self._rng = rng
        self._allowances = allowances
        self._known: dict[ModelId, Deployment] = {}
        self.fleets: dict[ModelId, Fleet] = {}
        """Those that calls were spread over so far."""

    def of(self, model: ModelId) -> Deployment:
        """Return the model's deployment."""
        found = self._known.get(model)
        if found is None:
            found = self._known[model] = Deployment(model, self.clock, self._hedger)
        return found

    def fleet(self, model: ModelId) -> Fleet:
        """Return the deployments of a model that has several, or one with limits that are said."""
        found = self.fleets.get(model)
        if found is None:
            from nubem_jupyter.session.fleet import Fleet  # most models are served at one place

            def made(site: ModelId, pacer: Pacer | None) -> Deployment:
                return Deployment(site, self.clock, self._hedger, pacer)

            found = self.fleets[model] = Fleet(made, self._allowances.of, self._rng.randrange(_SEEDS))
        return found


class Deployments:
    """All deployments of one session.

    State is kept by event loop: a turn is waited for on the loop that calls. Limits that are said hold for all of them.
    """

    def __init__(self, clock: Clock, hedger: Hedger | None = None, rng: random.Random | None = None) -> None:
        self._clock = clock
        self._rng = rng or random.Random()  # noqa: S311  # who of equals is asked first, nothing secret
        self._hedger = hedger or Hedger()
        self._allowances = Allowances()
        self._by_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Neighbours] = weakref.WeakKeyDictionary()

    def states(self) -> tuple[SiteState, ...]:
        """Tell how the deployments are doing that calls were spread over, on whichever event loop; from any thread."""
        now_s = self._clock()
        fleets = (pair for neighbours in tuple(self._by_loop.values()) for pair in tuple(neighbours.fleets.items()))
        return tuple(state for model, fleet in fleets for state in fleet.states(model, now_s))

    def here(self) -> Neighbours:
        """Return those of the current event loop."""
        loop = asyncio.get_running_loop()
        found = self._by_loop.get(loop)
        if found is None:
            found = self._by_loop[loop] = Neighbours(self._clock, self._hedger, self._rng, self._allowances)
        return found
