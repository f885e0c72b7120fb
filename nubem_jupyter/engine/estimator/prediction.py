"""What one answer to a step by one model is expected to be worth and to take."""

from __future__ import annotations

from collections.abc import Sequence

from nubem_jupyter.core.flow import Node
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.core.plan import Candidate, Expected, LikePrompts, Range
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.estimator.tokens import input_tokens, output_tokens
from nubem_jupyter.engine.estimator.told import NOTHING, Like, Told, moved
from nubem_jupyter.engine.estimator.tries import expected_tries, with_tries
from nubem_jupyter.engine.interval import wilson
from nubem_jupyter.errors import RoutingError

CONFIDENCE = 0.9
"""Of every range of a prediction."""


def predict(
    node: Node,
    model: ModelInfo,
    *,
    filled_chars: int = 0,
    task: str = "",
    told: Told = NOTHING,
    expected: Expected | None = None,
) -> Candidate:
    """Predict one answer for a model node; inside maps and loops that is one item and one round.

    ``filled_chars`` is by how many characters the known inputs make its templates longer. ``task`` is the step's digest
    where its own check may have told of the model, ``told`` what scored cases tell beyond the evidence, ``expected``
    what others let expect of the model.

    Raises:
        RoutingError: the node calls no model.
    """
    if not isinstance(node.work, Prompt):
        raise RoutingError(f"node '{node.id}' calls no model", hint="predict the steps that do")
    evidence = model.evidence_for(node.capability, task)
    given, made = input_tokens(node.work, filled_chars), output_tokens(node.work, told.output_tokens)
    # A call is only made where the budget holds the longest answer, however long answers were.
    paid = Range(low=made.low, value=made.value, high=float(node.work.max_tokens))
    tries, cached = expected_tries(model.error_rate), model.cached_share(node.capability)
    quality, like = with_like(evidence, told.like, expected)
    return Candidate(
        model=model.id,
        quality=quality,
        like=like,
        expected=expected,
        cost_usd=with_tries(_cost(model.price, given, paid, cached), tries) if model.price else None,
        latency_s=with_tries(_latency(model.speed, made), tries) if model.speed else None,
        tries=tries,
        evidence=evidence,
        changes=model.changes_for(node.capability, task),
        calls_changed=model.calls_changed,
    )


def pooled(evidence: Sequence[Evidence]) -> tuple[float, int]:
    """Return the sum of the scores and the number of cases of all the evidence together, old and new alike."""
    return sum(entry.score_sum for entry in evidence), sum(entry.n for entry in evidence)


def with_like(
    evidence: Sequence[Evidence], like: Like | None, expected: Expected | None = None
) -> tuple[Range | None, LikePrompts | None]:
    """Return the chance that an answer to a prompt is right, None without evidence, and what like prompts do to it.

    Each case is taken for what it counts now: old ones leave the mean where it is among them, and make it less sure.
    What is expected of the model counts as so many cases more.
    """
    n, counting = sum(entry.n for entry in evidence), sum(entry.n * entry.weight for entry in evidence)
    if not counting:
        return None, None
    total = sum(entry.score_sum * entry.weight for entry in evidence)
    more = expected.as_cases if expected else 0.0
    whole, cases = total + (more * expected.chance.value if expected else 0.0), counting + more
    mean = wilson(whole, cases, CONFIDENCE)
    if like is None:
        return mean, None
    # The cases that tell are as old as the others.
    now = like._replace(as_cases=like.as_cases * counting / n)
    quality = moved(whole, cases, now, CONFIDENCE)
    shift = quality.value - mean.value
    return quality, LikePrompts(shift=shift, log_odds=now.log_odds, as_cases=now.as_cases, n=now.n)


def _cost(price: Price, given: Range, made: Range, cached: Figure | None = None) -> Range:
    """Price each end at its own length: long prompts may have prices of their own.

    What calls told of tokens that were read before counts at their own price. At the high end, by which budgets are
    held, none were.
    """
    low, value, high = (_token_ends(price, tokens) for tokens in (given.low, given.value, given.high))
    return Range(
        low=low[0].low * given.low * _paid_part(price, given.low, _most_share(cached)) + low[1].low * made.low,
        value=value[0].value * given.value * _paid_part(price, given.value, _expected_share(cached))
        + value[1].value * made.value,
        high=high[0].high * given.high + high[1].high * made.high,
    )


def _paid_part(price: Price, input_tokens: float, cached_share: float) -> float:
    """Return what a prompt costs of which a share was read before, as a part of what it costs read anew."""
    rates = price.rates(input_tokens)
    own, plain = rates.cached_input_usd, rates.input_usd
    if own is None or own.value >= plain.value:
        return 1.0
    return 1 - cached_share * (1 - own.value / plain.value)


def _expected_share(cached: Figure | None) -> float:
    """Return the share to expect: one call is added to those that told, of which nothing had been read before."""
    return 0.0 if cached is None else cached.value * cached.n / (cached.n + 1)


def _most_share(cached: Figure | None) -> float:
    """Return the share that few calls are above, and never less than what is expected."""
    return 0.0 if cached is None else max(cached.high or 0.0, cached.value)


def _token_ends(price: Price, input_tokens: float) -> tuple[Range, Range]:
    """Return what a prompt token and a generated one cost, beside a prompt of this length."""
    rates = price.rates(input_tokens)
    return _ends(rates.input_usd), _ends(rates.output_usd)


def _latency(speed: Speed, made: Range) -> Range:
    first, rate = _ends(speed.first_token_s), _ends(speed.tokens_per_s)
    return Range(
        low=first.low + made.low / rate.high,
        value=first.value + made.value / rate.value,
        high=first.high + made.high / rate.low,
    )


def _ends(figure: Figure) -> Range:
    """Return the figure's range; one without measured ends stands for itself."""
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    return Range(low=low, value=figure.value, high=high)
