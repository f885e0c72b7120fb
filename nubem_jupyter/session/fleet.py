"""The deployments of one model: who of them gets a call, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Site
from nubem_jupyter.engine.affinity import Affinity, Known, Marks, within_share
from nubem_jupyter.engine.allowance import Allowance, LimitedPacer
from nubem_jupyter.engine.breaker import BreakerState
from nubem_jupyter.engine.spread import Spread
from nubem_jupyter.errors import CallFailedError, ModelUnavailableError
from nubem_jupyter.session.deployment import Deployment


class _Member(NamedTuple):
    """What is learned of one site."""

    deployment: Deployment
    allowance: Allowance | None


_Key = tuple[ModelId, float | None, float | None]


class Trip:
    """One call at one site, from its turn to its end."""

    def __init__(
        self, fleet: Fleet, site: Site, member: _Member, sent_s: float, marks: Marks, before: Known | None
    ) -> None:
        self.site = site
        self.sent_s = sent_s
        """When its turn came."""
        self._fleet = fleet
        self._member = member
        self._marks = marks
        self._before = before

    def answered(self, now_s: float, usage: Usage) -> None:
        """Take in a whole answer."""
        self._member.deployment.answered(now_s)
        self._over(now_s, usage.input_tokens + usage.output_tokens)
        if self._marks:
            self._fleet.affinity.answered(self.site.id, self._marks, now_s, self._before, usage.cached_tokens)

    def failed(self, error: CallFailedError | ModelUnavailableError, sent_s: float, now_s: float) -> bool:
        """Take a failure in; tell whether the call may have another turn here, as ``Deployment.failed`` does.

        It may not where nobody can be called for now: a key is refused, or the model is gone.
        """
        self._over(now_s)
        if isinstance(error, CallFailedError):
            return self._member.deployment.failed(error, sent_s)
        self._member.deployment.unusable()
        return False

    def given_up(self, now_s: float) -> None:
        """Take in that the call was stopped, or failed for a reason that says nothing of the site."""
        self._over(now_s)
        self._member.deployment.given_up()

    def _over(self, now_s: float, tokens: int = 0) -> None:
        if self._member.allowance is not None:
            self._member.allowance.ended(now_s, tokens)


class SiteState(NamedTuple):
    """How one site is doing."""

    model: ModelId
    """Whose."""
    site: ModelId
    """Which one."""
    sent: int
    """Calls that it was sent."""
    rests: bool
    """Whether it is left alone for a while, because it failed too often."""
    wait_s: float
    """Seconds that a call would have to wait for its limits."""


class Fleet:
    """The sites of one model as one event loop sees them."""

    def __init__(
        self,
        made: Callable[[ModelId, LimitedPacer | None], Deployment],
        allowed: Callable[[Site], Allowance | None],
        seed: int,
    ) -> None:
        """Begin.

        Args:
            made: Makes what is learned of a site.
            allowed: Gives what a site has left of the limits that are said of it, if any are.
            seed: Decides between equals.
        """
        self.affinity = Affinity()
        self.sent: Counter[ModelId] = Counter()
        """Site -> calls that it was sent."""
        self._made = made
        self._allowed = allowed
        self._spread = Spread(seed)
        self._members: dict[_Key, _Member] = {}

    def take(self, sites: Sequence[Site], now_s: float, marks: Marks = ()) -> Trip | None:
        """Take a turn at a site that lets a call go now: one that knows its beginning, or whose turn it is by weight.

        None where nobody lets one go; ``marks`` are those of the prompt, where that may save something.
        """
        known = {one.name: one for one in self.affinity.known(marks, now_s)} if marks else {}
        free = {site.id: site for site in sites if self.deployment(site).lets_go(now_s)}
        while free:
            site = self._sticky(free, known) or free[ModelId(self._spread.take(_weights(free)))]
            if self.deployment(site).go(now_s):
                return self.trip(site, now_s, marks, known.get(site.id))
            del free[site.id]
        return None

    async def turn(self, sites: Sequence[Site], now_s: float, left_s: float | None = None) -> Trip:
        """Take a turn where there is one at once, else wait where one is due first; raises as ``Deployment.turn``."""
        trip = self.take(sites, now_s)
        if trip is None:
            site = self.soonest(sites, now_s)
            trip = self.trip(site, await self.deployment(site).turn(left_s))
        return trip

    def soonest(self, sites: Sequence[Site], now_s: float) -> Site:
        """Return who is likely to let a call go first, where nobody does now."""
        return min(sites, key=lambda site: self.deployment(site).expects_s(now_s))

    def trip(self, site: Site, now_s: float, marks: Marks = (), before: Known | None = None) -> Trip:
        """Begin a call at a site whose turn was taken."""
        self.sent[site.id] += 1
        if marks:
            self.affinity.sent(site.id, marks, now_s)
        return Trip(self, site, self._member(site), now_s, marks, before)

    def states(self, model: ModelId, now_s: float) -> Iterator[SiteState]:
        """Tell how each site is doing that calls were sent to."""
        for (site, _, _), (deployment, _) in tuple(self._members.items()):
            if sent := self.sent[site]:
                wait_s = deployment.expects_s(now_s)
                rests = deployment.state is BreakerState.OPEN
                yield SiteState(model, site, sent, rests, wait_s)

    def deployment(self, site: Site) -> Deployment:
        """Return what is learned of a site."""
        return self._member(site).deployment

    def _member(self, site: Site) -> _Member:
        key = site.id, site.calls_per_min, site.tokens_per_min
        found = self._members.get(key)
        if found is None:
            allowance = self._allowed(site)
            pacer = None if allowance is None else LimitedPacer(allowance)
            found = self._members[key] = _Member(self._made(site.id, pacer), allowance)
        return found

    def _sticky(self, free: dict[ModelId, Site], known: dict[str, Known]) -> Site | None:
        """Return who has read the prompt's beginning, where that pays and leaves it near its share of the load."""
        for name, one in known.items():
            site = free.get(ModelId(name))
            if site is not None and saves(site) and self.affinity.pays(one):
                under_way: dict[str, int] = {each: self.deployment(free[each]).under_way for each in free}
                if within_share(name, under_way, _weights(free)):
                    return site
        return None


def saves(site: Site) -> bool:
    """Tell whether tokens that were read before are listed as cheaper there."""
    price = site.price
    return (
        price is not None
        and price.cached_input_usd is not None
        and (price.cached_input_usd.value < price.input_usd.value)
    )


def _weights(sites: dict[ModelId, Site]) -> dict[str, float]:
    return {name: site.weight for name, site in sites.items()}
