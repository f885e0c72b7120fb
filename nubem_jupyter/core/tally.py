"""How often calls fail: counts that fade, and the share that they make."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from nubem_jupyter.core.beta import beta_quantile
from nubem_jupyter.core.decay import LEAST_CALLS, MOST_CALLS, remaining
from nubem_jupyter.core.plan import Range

_TAIL = 0.05
"""What lies beyond each end of a range."""
_MOST_KINDS = 8
"""Kinds of failure that are told apart; the rarest others are one."""
_OTHERS = "other"
_NOTHING = 1e-6


class Tally(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Calls that ended well and calls that failed, by kind."""

    half_life_s: float
    """After how long a call counts half."""
    at_s: float = 0.0
    """As of when the counts are: the time of the newest call."""
    answered: float = 0.0
    """What calls that were answered count for."""
    failed: tuple[tuple[str, float], ...] = ()
    """What failed ones count for, by kind, the most frequent first."""

    def plus(self, ends: Iterable[tuple[float, str]], now_s: float) -> Tally:
        """Take calls in, each with its time and its kind of failure, which is empty where it was answered.

        A time after ``now_s`` comes from a clock that was wrong, and is now.
        """
        timed = [(at_s if at_s < now_s else now_s, kind) for at_s, kind in ends]
        if not timed:
            return self
        new: dict[str, float] = {}
        at_s = max(timed)[0]
        half_life_s = self.half_life_s
        for seen_s, kind in timed:
            new[kind] = new.get(kind, 0.0) + 2.0 ** ((seen_s - at_s) / half_life_s)
        answered = new.pop("", 0.0)
        fresh = Tally(half_life_s=self.half_life_s, at_s=at_s, answered=answered, failed=_ranked(new))
        return self.until(now_s).merged(fresh)

    def until(self, now_s: float) -> Tally:
        """Return the same with what seems to come from after ``now_s`` taken as of then: else nothing newer counts."""
        return self if self.at_s <= now_s else msgspec.structs.replace(self, at_s=now_s)

    def merged(self, other: Tally) -> Tally:
        """Return the tally of both; it fades as this one does."""
        at_s = max(self.at_s, other.at_s)
        failed: dict[str, float] = {}
        answered = 0.0
        for each in (self, other):
            left = remaining(at_s - each.at_s, each.half_life_s)
            answered += each.answered * left
            for kind, count in each.failed:
                failed[kind] = failed.get(kind, 0.0) + count * left
        return Tally(half_life_s=self.half_life_s, at_s=at_s, answered=answered, failed=_ranked(failed))

    def count(self, now_s: float) -> float:
        """Return how many calls of now the faded ones count for."""
        return (self.answered + self._failures) * remaining(now_s - self.at_s, self.half_life_s)

    def rate(self, now_s: float) -> Range | None:
        """Return the share that fails with its 90 % interval; None where what was seen has faded, or nothing was.

        The interval is that of the posterior from Jeffreys' prior, whose ends are moved to 0 and 1 where nothing failed
        or nothing else was seen (Brown, Cai and DasGupta 2001); faded counts make it wider and leave the share alone.
        """
        n = self.count(now_s)
        if n < LEAST_CALLS:
            return None
        part = min(n, MOST_CALLS) / (self.answered + self._failures)
        bad, good = self._failures * part, self.answered * part
        a, b, share = bad + 0.5, good + 0.5, bad / (bad + good)
        # A share that next to nothing is left of lies below where the interval of so few calls begins.
        return Range(
            low=min(beta_quantile(_TAIL, a, b), share) if bad else 0.0,
            value=share,
            high=max(beta_quantile(1 - _TAIL, a, b), share) if good else 1.0,
        )

    @property
    def _failures(self) -> float:
        return sum(count for _, count in self.failed)


def _ranked(failed: dict[str, float]) -> tuple[tuple[str, float], ...]:
    """Order kinds by count, put those above the most that are kept together, and forget what has faded to nothing."""
    ranked = sorted(failed.items(), key=lambda pair: (-pair[1], pair[0]))
    named = [pair for pair in ranked if pair[0] != _OTHERS][: _MOST_KINDS - 1]
    others = sum(count for _, count in ranked) - sum(count for _, count in named)
    return tuple(pair for pair in (*named, (_OTHERS, others)) if pair[1] >= _NOTHING)
