"""How fast a model is and how often its calls fail, as this machine's own calls told; old ones count less."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from nubem_jupyter.catalog.call_changes import Days, as_since, by_model, calls_changed
from nubem_jupyter.catalog.days import begin_of, day_of
from nubem_jupyter.core.call_statistics import CallKey, CallStatistics, fold, pooled
from nubem_jupyter.core.decay import LEAST_CALLS
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import CachedShare, Figure, ModelInfo, Speed
from nubem_jupyter.core.observation import CallObservation
from nubem_jupyter.core.sketch import Sketch
from nubem_jupyter.ports import SpeedSample

_SOURCE = "measured here"
_TAIL = 0.05
"""What lies beyond each end of a range of calls."""
_HARDLY_ANY = 0.001
"""A share of prompts below it is none."""
_UNSEEN = 4.0
"""How many times faster or slower than all that was seen a call is taken to be at most, where few were seen."""


def with_learned(
    models: Iterable[ModelInfo],
    known: Mapping[CallKey, CallStatistics],
    now_s: float,
    days: Mapping[tuple[ModelId, str], CallStatistics] | None = None,
) -> tuple[ModelInfo, ...]:
    """Give each model the speed and the error rate that its calls for all capabilities told, in the models' order.

    What was measured here comes before what a model has already; where it has faded, that stands. Statistics of models
    that are not among these are left out. ``days`` is what each model told each of the last days: where its calls have
    changed, it is as it has been since.
    """
    told_days = by_model(days or {})
    of_model: dict[ModelId, dict[str, CallStatistics]] = {}
    for (model, capability), statistics in known.items():
        of_model.setdefault(model, {})[capability] = statistics
    return tuple(
        # Thousands are listed and few were called; the others stay the values that they are.
        _with_learned(info, of_model[info.id], now_s, told_days.get(info.id, ())) if info.id in of_model else info
        for info in models
    )


def earlier_calls(
    samples: Iterable[SpeedSample], known: Mapping[CallKey, CallStatistics], now_s: float
) -> dict[CallKey, CallStatistics]:
    """Return what timings on record tell of models of which no call is known: runs made before calls told of theirs.

    They say nothing of failures, and how fast they fade goes by their day.
    """
    told = {model for model, _ in known}
    calls = [call for sample in samples if sample.model not in told and (call := _call(sample))]
    return {
        key: msgspec.structs.replace(statistics, ends=_NO_ENDS) for key, statistics in fold({}, calls, now_s).items()
    }


def learned_speed(statistics: CallStatistics, now_s: float) -> Speed | None:
    """Return medians with the 90 % ranges of calls; None where too little is known, or it has faded."""
    first, rate = _figure(statistics.first_token_s, now_s), _figure(statistics.tokens_per_s, now_s)
    return Speed(first_token_s=first, tokens_per_s=rate) if first and rate else None


def learned_error_rate(statistics: CallStatistics, now_s: float) -> Figure | None:
    """Return the share of calls that failed with its 90 % interval; None where too little is known, or it has faded."""
    rate = statistics.ends.rate(now_s)
    if rate is None:
        return None
    n = _whole(statistics.ends.count(now_s))
    return Figure(
        value=rate.value, source=_SOURCE, low=rate.low, high=rate.high, n=n, date=day_of(statistics.ends.at_s)
    )


def learned_cached_share(capability: str, statistics: CallStatistics, now_s: float) -> CachedShare | None:
    """Return how much of prompts was read before; None where nothing ever was, too little is known, or it has faded."""
    sketch = statistics.cached_share
    n = sketch.count(now_s)
    if n < LEAST_CALLS or (mean := sketch.mean()) < _HARDLY_ANY:
        return None
    low, high = (min(sketch.value_at(share), 1.0) for share in (_TAIL, 1 - _TAIL))
    figure = Figure(value=min(mean, 1.0), source=_SOURCE, low=low, high=high, n=_whole(n), date=day_of(sketch.at_s))
    return CachedShare(capability=capability, share=figure)


def _with_learned(info: ModelInfo, told: Mapping[str, CallStatistics], now_s: float, days: Days) -> ModelInfo:
    changes = calls_changed(days)
    statistics = as_since(pooled(list(told.values())), changes, days)
    shares = (learned_cached_share(capability, told[capability], now_s) for capability in sorted(told))
    return msgspec.structs.replace(
        info,
        cached_shares=tuple(share for share in shares if share is not None),
        speed=learned_speed(statistics, now_s) or info.speed,
        error_rate=learned_error_rate(statistics, now_s) or info.error_rate,
        calls_changed=changes,
    )


def _call(sample: SpeedSample) -> CallObservation | None:
    at_s = begin_of(sample.date)
    if at_s is None:
        return None
    return CallObservation(
        model=sample.model,
        capability="",
        at_s=at_s,
        ok=True,
        first_token_s=sample.first_token_s,
        output_tokens=sample.output_tokens,
        total_s=sample.total_s,
    )


def _figure(sketch: Sketch, now_s: float) -> Figure | None:
    """Return the median and the range that holds the next call with 90 %, whatever the distribution is.

    The next of n + 1 calls is as likely in each place among the others (conformal prediction: Vovk, Gammerman and
    Shafer 2005), so 19 are needed before the range is one that was seen. Fewer, as faded ones are, make it wider.
    """
    n = sketch.count(now_s)
    if n < LEAST_CALLS:
        return None
    wider = _UNSEEN ** max(0.0, 1 - _TAIL * (n + 1))
    return Figure(
        value=sketch.value_at(0.5),
        source=_SOURCE,
        low=sketch.value_at(_TAIL) / wider,
        high=sketch.value_at(1 - _TAIL) * wider,
        n=_whole(n),
        date=day_of(sketch.at_s),
    )


def _whole(n: float) -> int:
    return max(1, round(n))


_NO_ENDS = CallStatistics().ends
