"""Trying models of which little is known: now and then a step is given to one that is drawn, and not to the best.

Thompson sampling (Thompson 1933; Chapelle and Li 2011): of each model that may do the step a chance of being right is
drawn from what is known of it, the posterior of a uniform prior, and the highest draw is taken. So a model comes up as
often as it may be the best, and no more once it is known not to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from nubem_jupyter.core.beta import beta_quantile
from nubem_jupyter.core.constraint import Constraints, Preference
from nubem_jupyter.core.digest import digest
from nubem_jupyter.core.flow import Branch, Flow, Node
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.plan import Candidate, Choice, Exploration, Range
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.estimator import known_sizes, most_cost
from nubem_jupyter.engine.router.limits import Known, broken
from nubem_jupyter.engine.router.words import because
from nubem_jupyter.engine.router.words import known as measured

_ENOUGH_CALLS = 20
"""Where answers are not checked, a call tells only how fast and how reliable a model is, and after so many the 90 %
range of that is one that was seen."""
_DIGITS = 12
"""Hexadecimal digits of a digest that make a number between 0 and 1."""

Route = Mapping[str, Choice]


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How much is tried."""

    share: float
    """Of the steps that may be, 0 to 1."""
    seed: int
    """What is drawn follows from it and from the step's place."""
    left_usd: float
    """What trying may still cost, in US dollars; what costs nothing may always be tried."""
    calls: Mapping[ModelId, int] = {}
    """How many calls of a model have told how fast and how reliable it is."""


def explore(flow: Flow, route: Route, constraints: Constraints, known: Known, terms: Terms) -> Route:
    """Return the route with some of the steps given to a model that is tried; equal arguments give equal routes.

    Only what may do the step anyway is drawn, and only what keeps the whole run within its limits even where its answer
    is refused and the one that would be taken is asked after it. A step that is done more than once is left alone: all
    its items would hang on one draw. So is every step where quality is not what is preferred.
    """
    if constraints.prefer not in (Preference.BALANCED, Preference.QUALITY):
        return route
    trial = _Trial(flow, route, constraints, known, terms)
    for place, node in _done_once(flow):
        if uniform(terms.seed, place) < terms.share:
            trial.draw(place, node)
    return trial.route


def uniform(seed: int, *words: str) -> float:
    """Return a number between 0 and 1, neither included, that follows from the seed and the words."""
    return (int(digest((seed, *words))[:_DIGITS], 16) + 0.5) / 16.0**_DIGITS


def drawn_chance(candidate: Candidate, number: float) -> float:
    """Return the chance of being right that a number between 0 and 1 draws from what is known of a candidate.

    What others let expect of it counts as so many cases, as it does in its quality.
    """
    expected = candidate.expected
    if not candidate.evidence and expected is None:
        return number
    cases = sum(entry.n * entry.weight for entry in candidate.evidence)
    right = sum(entry.score_sum * entry.weight for entry in candidate.evidence)
    if expected is not None:
        cases += expected.as_cases
        right += expected.as_cases * expected.chance.value
    return beta_quantile(number, 1 + right, 1 + max(cases - right, 0.0))


class _Trial:
    """A route while models are drawn for it."""

    def __init__(self, flow: Flow, route: Route, constraints: Constraints, known: Known, terms: Terms) -> None:
        self.route = dict(route)
        self._flow = flow
        self._constraints = constraints
        self._known = known
        self._terms = terms
        self._left_usd = terms.left_usd
        self._items = known_sizes(flow, known.inputs).items
        self._worst_usd = {place: max(_high_usd(one) for one in choice.in_turn) for place, choice in route.items()}
        """What each step may come to cost."""

    def draw(self, place: str, node: Node) -> None:
        """Give the step to the highest draw that fits."""
        first = self.route[place].chosen
        own = self._number(place, first)
        higher = sorted(
            ((number, one) for one in self._others(place, node) if (number := self._number(place, one)) > own),
            key=lambda pair: (-pair[0], pair[1].model),
        )
        for number, one in higher:
            if self._fits(place, one):
                self._take(place, one, number, own)
                return

    def _number(self, place: str, one: Candidate) -> float:
        return drawn_chance(one, uniform(self._terms.seed, place, one.model))

    def _others(self, place: str, node: Node) -> Iterator[Candidate]:
        """Yield the models that calls of this step would tell something of."""
        assert isinstance(node.work, Prompt)  # noqa: S101  # a route has no other steps
        for one in self.route[place].in_turn[1:]:
            if one.cascade is None and (node.work.check or self._terms.calls.get(one.model, 0) < _ENOUGH_CALLS):
                yield one

    def _fits(self, place: str, one: Candidate) -> bool:
        """Tell whether trying it breaks no limit, with the one after it that would be taken."""
        cost_usd, limits = one.cost_usd, self._constraints
        if cost_usd is None or not (cost_usd.high == 0 or cost_usd.high <= self._left_usd):
            return False
        if limits.max_latency_s is not None and one.latency_s is None:
            return False
        first = self.route[place].chosen
        both = msgspec.structs.replace(
            one,
            cost_usd=_sum(cost_usd, first.cost_usd),
            latency_s=one.latency_s and _sum(one.latency_s, first.latency_s),
        )
        chosen = {other: choice.chosen for other, choice in self.route.items()} | {place: both}
        return self._is_paid(place, one) and not broken(self._flow, chosen, limits, self._known)

    def _is_paid(self, place: str, one: Candidate) -> bool:
        """Tell whether the run keeps its budget whoever fails."""
        most_usd = self._constraints.max_cost_usd
        amounts = {**self._known.uses_usd, **self._worst_usd, place: self._with_tried(place, one)}
        return most_usd is None or most_cost(self._flow, amounts, self._items) <= most_usd

    def _with_tried(self, place: str, one: Candidate) -> float:
        """Return what the step may come to cost where a model is tried before the others."""
        return _high_usd(one) + max(_high_usd(other) for other in self.route[place].in_turn if other is not one)

    def _take(self, place: str, one: Candidate, number: float, own: float) -> None:
        choice = self.route[place]
        self._left_usd -= _high_usd(one)
        self._worst_usd[place] = self._with_tried(place, one)
        first = choice.chosen
        why = (
            f"tried so that more is known of it: {number:.2f} was drawn for its chance of being right "
            f"({measured(one)}), against {own:.2f} for {first.model} ({measured(first)})"
        )
        self.route[place] = Choice(
            chosen=because(one, why),
            alternatives=(
                because(first, f"would be taken, but {one.model} is tried this time"),
                *(other for other in choice.alternatives if other is not one),
            ),
            explored=Exploration(
                seed=self._terms.seed,
                chance=number,
                rank=choice.alternatives.index(one),
                reason=one.reason,
                instead_reason=first.reason,
            ),
        )


def _done_once(flow: Flow, prefix: str = "") -> Iterator[tuple[str, Node]]:
    """Yield the model calls that are made once a run at most."""
    for node in flow.nodes:
        place = prefix + node.id
        if isinstance(node.work, Prompt):
            yield place, node
        elif isinstance(node.work, Branch):
            for name, body in node.bodies:
                yield from _done_once(body, f"{place}/{name}/")


def _high_usd(one: Candidate) -> float:
    return one.cost_usd.high if one.cost_usd else float("inf")


def _sum(one: Range, other: Range | None) -> Range:
    if other is None:
        return one
    return Range(low=one.low + other.low, value=one.value + other.value, high=one.high + other.high)
