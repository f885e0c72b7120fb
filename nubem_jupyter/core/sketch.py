"""Quantiles of a stream whose values fade, in less than 2 KB.

The buckets are DDSketch's (Masson, Rim and Lee 2019): each holds values within a hundredth of its middle, so a quantile
is off by 1 % at most. Where more than ``MOST_BUCKETS`` are taken, neighbours are put together in pairs, as UDDSketch
does (Epicoco and others 2020), and the error doubles; that takes values of which the largest is several hundred times
the smallest. Weights decay exponentially (Cormode, Korn and Tirthapura 2008) and are kept as of the newest value, so
nothing has to be done while nothing happens.
"""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterable, Iterator

import msgspec

from nubem_jupyter.core.beta import low_rank
from nubem_jupyter.core.decay import LEAST_CALLS, MOST_CALLS, remaining
from nubem_jupyter.core.plan import Range
from nubem_jupyter.errors import FormatError

MOST_BUCKETS = 320
"""Buckets of one sketch."""

_FINEST = 0.01
"""Relative error of a quantile until buckets are put together."""
_LOG_BASE = math.log((1 + _FINEST) / (1 - _FINEST))
_LEAST, _MOST = 1e-9, 1e12
"""Values beyond are taken for these."""
_COARSEST = 8
"""More often than this neighbours are never put together: all values there can be fill fewer buckets long before."""
_NOTHING = 1e-6
"""A bucket that counts for less than this part of one value is forgotten."""
_TAIL = 0.05
"""What lies beyond each end of a range."""
_FORM = 1
_HEAD = struct.Struct("<BBHdd")


class Sketch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is left of a stream of positive values."""

    half_life_s: float
    """After how long a value counts half."""
    at_s: float = 0.0
    """As of when the weights are: the time of the newest value."""
    level: int = 0
    """How often neighbours were put together."""
    indexes: tuple[int, ...] = ()
    """Numbers of the buckets that hold something, rising; bucket i ends at the i-th power of the base."""
    weights: tuple[float, ...] = ()
    """What each counts for, in values of ``at_s``."""

    @property
    def relative_error(self) -> float:
        """By which part of itself a quantile may be off."""
        return math.tanh(_log_base(self.level) / 2)

    def plus(self, values: Iterable[tuple[float, float]], now_s: float) -> Sketch:
        """Take values in, each with its time; a time after ``now_s`` comes from a clock that was wrong, and is now."""
        timed = [(at_s if at_s < now_s else now_s, value) for at_s, value in values]
        if not timed:
            return self
        kept = self.until(now_s)
        at_s, log_base, half_life_s = max(kept.at_s, max(timed)[0]), _log_base(self.level), self.half_life_s
        # Written out, and not with the functions that tell the same: this is done for each call of every run.
        new = [
            (
                math.ceil(math.log(value if _LEAST < value < _MOST else min(max(value, _LEAST), _MOST)) / log_base),
                2.0 ** ((seen_s - at_s) / half_life_s),
            )
            for seen_s, value in timed
        ]
        return self._with(at_s, self.level, itertools.chain(kept._as_of(at_s), new))

    def until(self, now_s: float) -> Sketch:
        """Return the same with what seems to come from after ``now_s`` taken as of then: else nothing newer counts."""
        return self if self.at_s <= now_s else msgspec.structs.replace(self, at_s=now_s)

    def merged(self, *others: Sketch) -> Sketch:
        """Return the sketch of all streams; it fades as this one does."""
        every = (self, *others)
        at_s, level = max(each.at_s for each in every), max(each.level for each in every)
        raised = (_collapsed(each._as_of(at_s), level - each.level) for each in every)
        return self._with(at_s, level, itertools.chain.from_iterable(raised))

    def count(self, now_s: float) -> float:
        """Return how many values of now the faded ones count for; it is at most their effective number (Kish 1965)."""
        return math.fsum(self.weights) * remaining(now_s - self.at_s, self.half_life_s)

    def value_at(self, share: float) -> float:
        """Return the least value, to its bucket, that has at least this share (0 to 1) at or below it.

        Raises:
            IndexError: there is no value.
        """
        wanted = share * math.fsum(self.weights)
        held = zip(self.indexes, itertools.accumulate(self.weights), strict=True)
        index = next((index for index, below in held if below >= wanted), self.indexes[-1])
        log_base = _log_base(self.level)
        return math.exp(index * log_base) * 2 / (1 + math.exp(log_base))

    def above(self, value: float) -> float:
        """Return what the values above another count for as of the newest, those of its own bucket by half."""
        log_base = _log_base(self.level)
        index = math.ceil(math.log(min(max(value, _LEAST), _MOST)) / log_base)
        sides = ((held > index) + 0.5 * (held == index) for held in self.indexes)
        return math.fsum(weight * side for weight, side in zip(self.weights, sides, strict=True))

    def mean(self) -> float:
        """Return the mean of the values, each as the middle of its bucket.

        Raises:
            ZeroDivisionError: there is no value.
        """
        log_base = _log_base(self.level)
        middles = (math.exp(index * log_base) * 2 / (1 + math.exp(log_base)) for index in self.indexes)
        held = zip(middles, self.weights, strict=True)
        return math.fsum(middle * weight for middle, weight in held) / math.fsum(self.weights)

    def quantile(self, share: float, now_s: float) -> Range | None:
        """Return a quantile with its 90 % interval; None where what was seen has faded, or nothing was.

        The interval holds for every distribution. An end that so few values cannot tell is 0, or infinite.
        """
        n = min(self.count(now_s), MOST_CALLS)
        if n < LEAST_CALLS:
            return None
        below, above = low_rank(share, n, _TAIL), low_rank(1 - share, n, _TAIL)
        off = self.relative_error
        # A value begins where the ones below it end; whole ranks would let the ends jump inwards as evidence fades.
        return Range(
            low=0.0 if below is None else self.value_at((below - 1) / n) * (1 - off),
            value=self.value_at(share),
            high=math.inf if above is None else self.value_at(1 - (above - 1) / n) * (1 + off),
        )

    def to_bytes(self) -> bytes:
        """Write it down, weights to seven digits."""
        count = len(self.indexes)
        head = _HEAD.pack(_FORM, self.level, count, self.at_s, self.half_life_s)
        return head + struct.pack(f"<{count}h{count}f", *self.indexes, *self.weights)

    def _as_of(self, at_s: float) -> Iterator[tuple[int, float]]:
        left = remaining(at_s - self.at_s, self.half_life_s)
        return ((index, weight * left) for index, weight in zip(self.indexes, self.weights, strict=True))

    def _with(self, at_s: float, level: int, buckets: Iterable[tuple[int, float]]) -> Sketch:
        held = _summed(buckets)
        while len(held) > MOST_BUCKETS:
            level += 1
            held = _summed(_collapsed(held.items(), 1))
        indexes = tuple(sorted(held))
        return Sketch(
            half_life_s=self.half_life_s,
            at_s=at_s,
            level=level if indexes else 0,
            indexes=indexes,
            weights=tuple(held[index] for index in indexes),
        )


def read_sketch(written: bytes) -> Sketch:
    """Read what ``to_bytes`` wrote.

    Raises:
        FormatError: it is damaged, or of a newer form.
    """
    try:
        form, level, count, at_s, half_life_s = _HEAD.unpack_from(written)
        numbers = struct.unpack(f"<{count}h{count}f", written[_HEAD.size :])
    except struct.error as error:
        raise _unreadable() from error
    sketch = Sketch(half_life_s=half_life_s, at_s=at_s, level=level, indexes=numbers[:count], weights=numbers[count:])
    if form != _FORM or not _sound(sketch):
        raise _unreadable()
    return sketch


def _sound(sketch: Sketch) -> bool:
    times = math.isfinite(sketch.at_s) and math.isfinite(sketch.half_life_s) and sketch.half_life_s > 0
    rising = all(low < high for low, high in itertools.pairwise(sketch.indexes))
    weighted = all(weight > 0 and math.isfinite(weight) for weight in sketch.weights)
    return times and rising and weighted and sketch.level <= _COARSEST and len(sketch.indexes) <= MOST_BUCKETS


def _unreadable() -> FormatError:
    return FormatError("this sketch of timings is damaged, or was written by a newer version", hint="measure again")


def _log_base(level: int) -> float:
    return math.ldexp(_LOG_BASE, level)


def _collapsed(buckets: Iterable[tuple[int, float]], times: int) -> Iterator[tuple[int, float]]:
    """Put neighbours together, so many times: 2i - 1 and 2i become i."""
    return ((-(-index >> times), weight) for index, weight in buckets)


def _summed(buckets: Iterable[tuple[int, float]]) -> dict[int, float]:
    """Add up what falls into one bucket, without what has faded to nothing."""
    held: dict[int, float] = {}
    for index, weight in buckets:
        held[index] = held.get(index, 0.0) + weight
    return {index: weight for index, weight in held.items() if weight >= _NOTHING}
