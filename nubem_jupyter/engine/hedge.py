"""When a call that takes long gets another one beside it, of which the first answer counts."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import msgspec

from nubem_jupyter.engine.quantile import RecentValues


class HedgePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How late is late, and how many extra calls that may cost."""

    share: float = 0.055
    """Extra calls allowed, as a share of all calls, and what they may cost, as a share of what all calls cost."""
    allowance: float = 8.0
    """Extra calls allowed before any call is made, if they cost nothing: what others cost has to be earned first."""
    most_saved: float = 20.0
    """Allowed calls that were not needed are saved up to this many."""
    least_seen: int = 20
    """Latencies to be seen before any call is taken to be late."""
    most_seen: int = 256
    """Latencies remembered; older ones no longer count."""
    high: float = 0.9
    """Share of calls that are not late whatever happens."""
    slack: float = 1.2
    """A call is not late before it takes this many times the latency that the ``high`` share stays under."""
    least_wait_s: float = 0.02
    """Below this, lateness is the event loop's and not the deployment's."""


NEVER = HedgePolicy(share=0.0, allowance=0.0)
"""No call gets another one beside it."""


class Hedger:
    """Decides on extra calls beside stragglers, by what calls of the same kind took lately (Dean and Barroso 2013).

    A call is late when it is beyond the 90th percentile by more than that is beyond the median, and by a fifth at
    least: a fence in the manner of Tukey's, built on quantiles that up to a tenth of stragglers cannot move. Constant
    latencies leave it just above themselves; of lognormal ones it takes 1 to 4 in 100 as late, whatever their spread.
    Extra calls are paid from a bucket that each call fills by ``share`` of one, so that neither a slow hour nor a
    change of latency can double the load. What they cost stays within the same share of what all calls cost: an extra
    call is expected to cost what calls of its kind do on average, until its bill is there. One that is late itself gets
    another, out of the same allowance.

    Latencies are seen by kind: whatever key the caller takes, such as model and capability. A call that is given up
    for another one is observed too, with the time that it had taken: else the tail would vanish from sight, and the
    fence would sink.
    """

    def __init__(self, policy: HedgePolicy | None = None) -> None:
        self._policy = policy or HedgePolicy()
        self._seen: dict[Hashable, RecentValues] = {}
        self._costs: dict[Hashable, _Costs] = {}
        self._extra_usd = 0.0
        self._saved = self._policy.allowance

    def observer(self, kind: Hashable) -> Callable[[float], None]:
        """Return what takes in the seconds that one call of this kind took, or had taken when it was given up."""
        seen = self._seen.get(kind)
        if seen is None:
            seen = self._seen[kind] = RecentValues(self._policy.most_seen)
        return seen.add

    def biller(self, kind: Hashable) -> Callable[[float], None]:
        """Return what takes in the US dollars that one call of this kind cost, extra calls aside."""
        return self._costs.setdefault(kind, _Costs()).add

    def after_s(self, kind: Hashable) -> float | None:
        """Return how long a call of this kind may take before it is late; None while too few were seen."""
        policy, seen = self._policy, self._seen.get(kind)
        if seen is None or len(seen) < policy.least_seen:
            return None
        middle_s, high_s = seen.quantiles(0.5, policy.high)
        return max(2 * high_s - middle_s, policy.slack * high_s, policy.least_wait_s)

    def called(self) -> None:
        """Take in that a call is made, extra calls aside."""
        self._saved = min(self._saved + self._policy.share, self._policy.most_saved)

    def may_hedge(self, kind: Hashable) -> bool:
        """Tell whether an extra call of this kind can be paid for now."""
        if self._saved < 1:
            return False
        all_usd = sum(costs.usd for costs in self._costs.values())
        return self._extra_usd + self._expected_usd(kind) <= self._policy.share * all_usd

    def hedged(self, kind: Hashable) -> Callable[[float], None]:
        """Take in that an extra call is made; return what takes in, once, the US dollars that it did cost."""
        self._saved -= 1
        expected_usd = self._expected_usd(kind)
        self._extra_usd += expected_usd

        def billed(actual_usd: float) -> None:
            self._extra_usd += actual_usd - expected_usd

        return billed

    def _expected_usd(self, kind: Hashable) -> float:
        costs = self._costs.get(kind)
        return costs.usd / costs.calls if costs is not None and costs.calls else 0.0


class _Costs:
    """What the calls of one kind cost."""

    def __init__(self) -> None:
        self.calls = 0
        self.usd = 0.0

    def add(self, usd: float) -> None:
        """Take in what one call cost."""
        self.calls += 1
        self.usd += usd
