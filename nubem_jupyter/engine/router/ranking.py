"""In which order the models that may do a step would be taken, each with its reason.

Where no measured model may be right half of the time or more, measurements guide nobody, and the larger model goes
first. A model that nothing is measured of is never called good: where others are measured it comes after them. Two that
were measured on the same cases are held against each other there (``same_cases``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from nubem_jupyter.core.constraint import Preference
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.plan import Candidate
from nubem_jupyter.engine.estimator.told import ToldOfModels
from nubem_jupyter.engine.interval import difference
from nubem_jupyter.engine.router import axes
from nubem_jupyter.engine.router.same_cases import on_same_cases
from nubem_jupyter.engine.router.words import because, compare, known, score


def rank(
    candidates: Sequence[Candidate],
    prefer: Preference,
    parameters: Mapping[ModelId, float],
    capability: str,
    told: ToldOfModels = MappingProxyType({}),
) -> tuple[Candidate, ...]:
    """Order the candidates (one or more), best first; ``told`` is what scored cases tell of them at the step.

    The first one's reason says why it is chosen, the others' why they are not.
    """
    match prefer:
        case Preference.COST:
            return _by_amount(sorted(candidates, key=axes.by_price_then_quality), axes.cost, ("cheapest", "cheap"))
        case Preference.LATENCY:
            return _by_amount(sorted(candidates, key=axes.by_time), axes.latency, ("fastest", "fast"))
        case _ if guides(candidates):
            return _by_evidence(candidates, prefer is Preference.BALANCED, parameters, capability, told)
        case _:
            return _by_size(candidates, parameters, capability)


def _by_amount(
    order: Sequence[Candidate], amount: Callable[[Candidate], float], words: tuple[str, str]
) -> tuple[Candidate, ...]:
    first, *others = order
    tied = bool(others) and amount(others[0]) == amount(first)
    why = f"as {words[1]} as any, and the surest to be right of those" if tied else f"the {words[0]}"
    return (
        because(first, f"{why} ({known(first)})"),
        *(because(one, f"{compare(one, first)}; {known(one)}") for one in others),
    )


def guides(candidates: Iterable[Candidate]) -> bool:
    """Tell whether some measured model may be right at least half of the time."""
    return any(one.quality.high >= 0.5 for one in candidates if one.quality)


def quality_lost(
    candidates: Sequence[Candidate],
    *,
    balanced: bool,
    best: Candidate | None = None,
    told: ToldOfModels = MappingProxyType({}),
) -> tuple[float | None, ...]:
    """Return how much less sure to be right each is than the surest, 0 where evidence cannot tell and need not.

    ``best`` is the surest where that is not to be looked for; ``told`` as for ``rank``.

    None where evidence says nothing: of a model that nothing is measured of, or where measurements guide nobody.
    """
    if not guides(candidates):
        return (None,) * len(candidates)
    best = best or min((one for one in candidates if one.quality), key=axes.by_quality)
    return tuple(_lost(one, best, balanced, told) for one in candidates)


def _lost(one: Candidate, best: Candidate, balanced: bool, told: ToldOfModels) -> float | None:
    """Return how much less sure one is; where that is asked, 0 if the 90 % interval of their difference holds 0."""
    if one.quality is None or best.quality is None:
        return None
    apart = axes.surest(best) - axes.surest(one)
    if not balanced:
        return apart
    gap = on_same_cases(best, one, told)
    if gap is None:
        return apart if difference(best.quality, one.quality).low > 0 else 0.0
    # Each by itself may be as sure as the other.
    return max(apart, gap.surer.low) if gap.surer.low > 0 else 0.0


def _by_evidence(
    candidates: Sequence[Candidate],
    balanced: bool,
    parameters: Mapping[ModelId, float],
    capability: str,
    told: ToldOfModels,
) -> tuple[Candidate, ...]:
    measured = sorted((one for one in candidates if one.quality), key=axes.by_quality)
    best = measured[0]
    lost = quality_lost(measured, balanced=balanced, best=best, told=told)
    order = sorted(zip(measured, lost, strict=True), key=lambda pair: pair[1] or 0.0)  # of equals the surest first
    equals = [one for one, less in order if one is best or (balanced and not less)]
    equals.sort(key=axes.by_price)
    worse = [one for one, _ in order if one not in equals]
    unmeasured = sorted((one for one in candidates if not one.quality), key=lambda one: axes.by_size(one, parameters))
    first, *others = equals
    return (
        because(first, _why_first(first, others, best, told)),
        *(because(one, _why_other(one, first, best, told)) for one in others),
        *(
            because(one, f"{score(one)}, against {score(best)} by {_called(best)}{_less(one, best, told)}")
            for one in worse
        ),
        *(because(one, f"no evidence yet for {capability}") for one in unmeasured),
    )


def _called(best: Candidate) -> str:
    """Name the best beside what is worse; the names of a cascade's members would be longer than all that is said."""
    return best.model if best.cascade is None else "the surest cascade"


def _why_other(one: Candidate, first: Candidate, best: Candidate, told: ToldOfModels) -> str:
    gap = on_same_cases(best, first if one is best else one, told)
    tells = "evidence" if gap is None else f"the same {gap.n} cases"
    return f"as good as far as {tells} can tell, but {compare(one, first)}"


def _less(one: Candidate, best: Candidate, told: ToldOfModels) -> str:
    """Say by how much one is less sure than the best, where the same cases tell that it is."""
    gap = on_same_cases(best, one, told)
    if gap is None or gap.surer.low <= 0:
        return ""
    low, less, high = gap.surer.low, gap.surer.value, gap.surer.high
    return f"; on the same {gap.n} cases {less:.2f} less ({low:.2f} to {high:.2f})"


def _why_first(first: Candidate, others: Sequence[Candidate], best: Candidate, told: ToldOfModels) -> str:
    if not others:
        return f"the best by evidence ({score(first)})"
    word = _lead(first, others[0])
    if first is best:
        return f"the best by evidence ({score(first)}), and the {word} of those that evidence cannot tell from it"
    gap = on_same_cases(best, first, told)
    where = "" if gap is None else f", on the same {gap.n} cases"
    scores = f"{score(first)} against {score(best)}{where}"
    return f"the {word} of the models that evidence cannot tell from the best ({scores})"


def _lead(first: Candidate, second: Candidate) -> str:
    """Say in what the first of equally good ones leads."""
    if axes.cost(first) < axes.cost(second):
        return "cheapest"
    if axes.latency(first) == axes.latency(second) and first.tries < second.tries:
        return "most reliable"
    return "fastest"


def _by_size(
    candidates: Sequence[Candidate], parameters: Mapping[ModelId, float], capability: str
) -> tuple[Candidate, ...]:
    first, *others = sorted(candidates, key=lambda one: axes.by_size(one, parameters))
    if any(one.quality for one in candidates):
        lack = f"no evidence of a model that is right half of the time at {capability}"
    else:
        lack = f"no evidence yet for {capability}"
    return (
        because(first, f"{lack}; {_why_by_size(first, others, parameters)}"),
        *(because(one, f"{lack}, and not the larger model ({known(one)})") for one in others),
    )


def _why_by_size(first: Candidate, others: Sequence[Candidate], parameters: Mapping[ModelId, float]) -> str:
    if not others:
        return f"it is the only model that satisfies the constraints ({known(first)})"
    if first.model not in parameters:
        return f"no size is published to go by, and it is the cheapest ({known(first)})"
    return f"the larger model is taken ({known(first)})"
