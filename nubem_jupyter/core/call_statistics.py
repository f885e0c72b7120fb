"""What the calls of one model for one capability have told so far; a few thousand bytes, however many there were."""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.observation import CallObservation
from nubem_jupyter.core.sketch import Sketch, read_sketch
from nubem_jupyter.core.tally import Tally
from nubem_jupyter.errors import FormatError

_DAY_S = 86_400.0
_TIMES_FADE_S = 7 * _DAY_S
"""How fast a model is changes with its deployment and its load, and those who call once a week know it still."""
_FAILURES_FADE_S = 2 * _DAY_S
"""An outage is over sooner; one of the last minutes is the breaker's business."""

CallKey = tuple[ModelId, str]
"""Model and capability."""


class CallStatistics(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Times, failures, and what was kept of prompts, which fade."""

    first_token_s: Sketch = Sketch(half_life_s=_TIMES_FADE_S)
    """Seconds to the first text."""
    tokens_per_s: Sketch = Sketch(half_life_s=_TIMES_FADE_S)
    """Tokens a second after it."""
    ends: Tally = Tally(half_life_s=_FAILURES_FADE_S)
    """How calls ended."""
    cached_share: Sketch = Sketch(half_life_s=_TIMES_FADE_S)
    """Shares of prompts that the provider had read before."""

    @property
    def at_s(self) -> float:
        """When the newest call ended, in seconds since 1970; 0 where there was none."""
        return max(self.ends.at_s, self.first_token_s.at_s, self.tokens_per_s.at_s)

    def plus(self, calls: Iterable[CallObservation], now_s: float) -> CallStatistics:
        """Take calls in."""
        made = [call for call in calls if not call.cached]
        return CallStatistics(
            first_token_s=self.first_token_s.plus(_figures([(call.at_s, call.first_token_s) for call in made]), now_s),
            tokens_per_s=self.tokens_per_s.plus(_figures([(call.at_s, call.tokens_per_s) for call in made]), now_s),
            ends=self.ends.plus([(call.at_s, "" if call.ok else call.error_kind or "error") for call in made], now_s),
            cached_share=self.cached_share.plus(
                [(call.at_s, call.cached_share) for call in made if call.output_tokens], now_s
            ),
        )

    def until(self, now_s: float) -> CallStatistics:
        """Return the same with what seems to come from after ``now_s`` taken as of then."""
        return CallStatistics(
            first_token_s=self.first_token_s.until(now_s),
            tokens_per_s=self.tokens_per_s.until(now_s),
            ends=self.ends.until(now_s),
            cached_share=self.cached_share.until(now_s),
        )

    def merged(self, other: CallStatistics) -> CallStatistics:
        """Return what both streams of calls told."""
        return CallStatistics(
            first_token_s=self.first_token_s.merged(other.first_token_s),
            tokens_per_s=self.tokens_per_s.merged(other.tokens_per_s),
            ends=self.ends.merged(other.ends),
            cached_share=self.cached_share.merged(other.cached_share),
        )

    def to_bytes(self) -> bytes:
        """Write it down."""
        times = self.first_token_s.to_bytes(), self.tokens_per_s.to_bytes()
        return _ENCODER.encode((*times, self.ends, self.cached_share.to_bytes()))


def read_statistics(written: bytes) -> CallStatistics:
    """Read what ``to_bytes`` wrote.

    Raises:
        FormatError: it is damaged, or of a newer form.
    """
    try:
        first, rate, ends, *cached = _decoded(written)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise FormatError(
            "these statistics of calls are damaged, or were written by a newer version", hint="measure again"
        ) from error
    times = CallStatistics(first_token_s=read_sketch(first), tokens_per_s=read_sketch(rate), ends=ends)
    return msgspec.structs.replace(times, cached_share=read_sketch(cached[0])) if cached else times


def _decoded(written: bytes) -> tuple[bytes, bytes, Tally] | tuple[bytes, bytes, Tally, bytes]:
    try:
        return _DECODER.decode(written)
    except msgspec.ValidationError:  # it may be from before shares of prompts were kept
        return _EARLIER.decode(written)


def fold(
    known: Mapping[CallKey, CallStatistics], calls: Iterable[CallObservation], now_s: float
) -> dict[CallKey, CallStatistics]:
    """Return what is known with calls taken in, each where it belongs."""
    sorted_calls: dict[CallKey, list[CallObservation]] = defaultdict(list)
    for call in calls:
        if not call.cached:
            sorted_calls[call.model, call.capability].append(call)
    new = {key: known.get(key, _NOTHING).plus(made, now_s) for key, made in sorted_calls.items()}
    return {**known, **new}


def pooled(statistics: Sequence[CallStatistics]) -> CallStatistics:
    """Return what all of them told together."""
    return functools.reduce(CallStatistics.merged, statistics, _NOTHING)


def _figures(timed: Iterable[tuple[float, float | None]]) -> list[tuple[float, float]]:
    """Leave out what is unknown; a provider's own count may be any number, or none."""
    return [(at_s, value) for at_s, value in timed if value is not None and 0 <= value < math.inf]


_NOTHING = CallStatistics()
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[bytes, bytes, Tally, bytes])
_EARLIER = msgspec.msgpack.Decoder(tuple[bytes, bytes, Tally])
