"""What one answer by a cascade is expected to be worth and to take, from what its members' calls are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from nubem_jupyter.core.cascade import LearnedCascade
from nubem_jupyter.core.plan import Candidate, Range
from nubem_jupyter.engine.estimator.prediction import with_like
from nubem_jupyter.engine.estimator.told import Like


def predict_cascade(learned: LearnedCascade, calls: Sequence[Candidate]) -> Candidate:
    """Predict one answer; ``calls`` has the prediction for each member's call, in the order of asking.

    At the low end the first ones agree; at the high end all are asked, so that a budget which holds it holds the whole
    cascade. What is unknown of one member is unknown of the cascade.
    """
    quality, like = with_like((learned.evidence,), _like(learned, calls))
    costs = [one.cost_usd for one in calls if one.cost_usd is not None]
    times = [one.latency_s for one in calls if one.latency_s is not None]
    return Candidate(
        model=learned.cascade.name,
        cascade=learned.cascade,
        quality=quality,
        like=like,
        cost_usd=_in_turn(costs, learned, math.fsum, learned.dearer) if len(costs) == len(calls) else None,
        latency_s=_in_turn(times, learned, max, learned.slower) if len(times) == len(calls) else None,
        tries=max(one.tries for one in calls),
        evidence=(learned.evidence,),
    )


def _like(learned: LearnedCascade, calls: Sequence[Candidate]) -> Like | None:
    """Return what like prompts tell of the whole: the mean of what they tell of each call that is made.

    A prompt that is hard for the members is hard for what is made of their answers.
    """
    told = [(one.like, share) for one, share in zip(calls, learned.asked, strict=True) if one.like is not None]
    if not told:
        return None
    return Like(
        log_odds=math.fsum(like.log_odds * share for like, share in told) / math.fsum(learned.asked),
        as_cases=min(like.as_cases for like, _ in told),
        n=min(like.n for like, _ in told),
    )


def _in_turn(
    amounts: Sequence[Range], learned: LearnedCascade, at_once: Callable[[Iterable[float]], float], times: float
) -> Range:
    """Add up what calls take, each as often as it is made; ``at_once`` combines those that are made together.

    ``times`` is what the mean is beside that sum.
    """
    begin = learned.cascade.at_once
    first, later = amounts[:begin], list(zip(amounts[begin:], learned.asked[begin:], strict=True))
    low = at_once(one.low for one in first)
    # As one machine does them that answers one call after the other.
    high = math.fsum(one.high for one in amounts)
    mean = at_once(one.value for one in first) + math.fsum(share * one.value for one, share in later)
    return Range(low=low, value=min(high, max(low, times * mean)), high=high)
