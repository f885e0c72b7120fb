"""A plan: the flow, the model for each step with the reasons, and what it is expected to take."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from nubem_jupyter.core.cascade import CascadePlan
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.explanation import figures
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.frozen import freeze_fields
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import CallsChange, Evidence, ResultsChange
from nubem_jupyter.core.text import nearest
from nubem_jupyter.core.wire import stored
from nubem_jupyter.errors import UsageError


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """An estimate with the ends of its 90 % range; the unit stands in the name of the field that holds it."""

    low: float
    """Lower end."""
    value: float
    """Best single value."""
    high: float
    """Upper end."""


class LikePrompts(msgspec.Struct, frozen=True, kw_only=True):
    """What cases with prompts like this one told of a model."""

    shift: float
    """By how much they moved its quality, which without them is its mean at the capability."""
    log_odds: float
    """By how much its odds of being right are other than those of the mean case."""
    as_cases: float
    """How many cases of just this prompt that is worth."""
    n: int
    """How many cases it was learned from."""


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What a model's size or price lets expect of it, as the models show that were measured at the capability."""

    chance: Range
    """That an answer is right."""
    as_cases: float
    """How many cases that is worth beside its own."""
    by: str
    """What it follows from: ``size`` or ``price``."""
    n: int
    """How many other models it was learned from."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One model, or a cascade, that could do a step, with what is predicted and why it was or was not taken."""

    model: ModelId
    """Which model; of a cascade its name, which is no model's."""
    cascade: CascadePlan | None = None
    """Whom it asks where it is a cascade; its cost and time are then those of all calls that it is expected to make,
    and at the high end of all that it may."""
    quality: Range | None = None
    """Chance that the answer is right, 0 to 1; None where there is no evidence at all."""
    like: LikePrompts | None = None
    """What like prompts told; None where the prompt is not known yet, or they tell nothing. It is in ``quality``."""
    expected: Expected | None = None
    """What others let expect of it, which draws its quality as far as it has few cases of its own; None where too few
    are measured. Where ``quality`` is None it is all that is known, and no evidence."""
    cost_usd: Range | None = None
    """US dollars for the step; None where the price is unknown."""
    latency_s: Range | None = None
    """Seconds for the step; None where the speed is unknown."""
    tries: float = 1.0
    """Calls that its answer is expected to take, on which cost and time rest; above 1 where calls failed lately."""
    evidence: tuple[Evidence, ...] = ()
    """What the quality rests on."""
    changes: tuple[ResultsChange, ...] = ()
    """Where that is other than it was."""
    calls_changed: tuple[CallsChange, ...] = ()
    """Where its calls go otherwise than they did."""
    feasible: bool = True
    """Whether it satisfies the constraints."""
    reason: str = ""
    """One sentence: why it was chosen, or why it was not."""

    @property
    def models(self) -> tuple[ModelId, ...]:
        """The models that it may ask."""
        return (self.model,) if self.cascade is None else self.cascade.models


class Exploration(msgspec.Struct, frozen=True, kw_only=True):
    """A model that is tried at a step so that more becomes known of it; the one that would be taken comes after it."""

    seed: int
    """What it was drawn with."""
    chance: float
    """What was drawn for its chance of being right, 0 to 1: the highest draw of those that keep the limits."""
    rank: int
    """Its place among the alternatives, were it not tried."""
    reason: str
    """Why it would not be taken."""
    instead_reason: str
    """Why the first of the alternatives would be."""


class Choice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The model chosen for one step, and the others, best first."""

    chosen: Candidate
    """The one that will be called."""
    alternatives: tuple[Candidate, ...] = ()
    """The rest, in the order in which they would be taken; infeasible ones last."""
    explored: Exploration | None = None
    """How the chosen one was drawn, where it is tried and is not the best."""

    @property
    def model(self) -> ModelId:
        """The chosen model's id."""
        return self.chosen.model

    @property
    def reason(self) -> str:
        """Why it was chosen."""
        return self.chosen.reason

    @property
    def in_turn(self) -> tuple[Candidate, ...]:
        """The chosen model and those that may take its place when it fails, in that order."""
        return (self.chosen, *(other for other in self.alternatives if other.feasible))

    @property
    def unexplored(self) -> Choice:
        """The choice as it would be were nothing tried; itself where nothing is."""
        tried = self.explored
        if tried is None:
            return self
        first, *others = self.alternatives
        others.insert(tried.rank, msgspec.structs.replace(self.chosen, reason=tried.reason))
        return Choice(chosen=msgspec.structs.replace(first, reason=tried.instead_reason), alternatives=tuple(others))


class Estimate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a plan is expected to take; a part that cannot be known is None."""

    cost_usd: Range | None = None
    """US dollars, all steps together."""
    latency_s: Range | None = None
    """Seconds along the slowest path."""
    quality: Range | None = None
    """Chance that every step is right, taken as independent."""


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that the request leaves open."""

    text: str
    """The question, in the request's language."""
    name: str
    """The input that an answer fills."""
    options: tuple[str, ...] = ()
    """Likely answers; empty asks for free text."""


class Rewrite(msgspec.Struct, frozen=True, kw_only=True):
    """One change that the optimizer made to the flow."""

    rule: str
    """The rule's name."""
    description: str
    """What changed, in a sentence."""
    removed: tuple[str, ...] = ()
    """Ids of nodes that are gone."""


@stored("nubem.plan", 1)
class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What will be done, by whom, and what that is expected to take; making one spends nothing."""

    request: str = ""
    """What the user asked for; empty for a flow written by hand."""
    language: str = "en"
    """The request's language, as ISO 639-1."""
    flow: Flow
    """The steps."""
    constraints: Constraints = Constraints()
    """What the run must stay within."""
    route: Mapping[str, Choice] = {}
    """Place of each model call (as ``Flow.walk`` names it) -> its choice."""
    estimate: Estimate = Estimate()
    """What the whole is expected to take."""
    questions: tuple[Question, ...] = ()
    """What the request leaves open."""
    alternatives: tuple[Plan, ...] = ()
    """Other plans for the same request, with their own estimates."""
    rewrites: tuple[Rewrite, ...] = ()
    """What the optimizer changed."""
    confidence: float | None = None
    """How much of the request the planner understood, 0 to 1: the share of its clauses that became a step."""
    explanation: str = ""
    """How the request was read, in sentences."""
    warnings: tuple[str, ...] = ()
    """What the user should know before running."""
    cascades: bool = True
    """Whether a step might be given to several models."""
    spent_usd: float = 0.0
    """What a model-made plan cost already, in US dollars; it counts against the run's budget."""

    def __post_init__(self) -> None:
        freeze_fields(self, "route")

    def explain(self, node: str | None = None) -> str:
        """Say how the request was read and why each model was chosen, or only the latter for one node.

        Of each candidate it gives quality, cost and time as predicted, with their 90 % ranges, and the evidence.

        Raises:
            UsageError: no model call stands at that place.
        """
        if node is None:
            parts = [self.explanation, *(self.explain(place) for place in self.route)]
            return "\n".join(part for part in parts if part)
        if node not in self.route:
            raise UsageError(f"no model is chosen for '{node}'", hint=self._hint(node))
        choice = self.route[node]
        lines = [f"{node}: {choice.model}, {choice.reason}", _known(choice.chosen, "  ")]
        for other in choice.alternatives:
            lines += [f"  not {other.model}: {other.reason}", _known(other, "    ")]
        return "\n".join(filter(None, lines))

    def _hint(self, node: str) -> str:
        if not self.route:
            return "this plan calls no model"
        close = nearest(node, self.route)
        return f"did you mean '{close}'?" if close else f"models are chosen for: {' '.join(self.route)}"


def _known(candidate: Candidate, indent: str) -> str:
    told = figures(candidate)
    return indent + told if told else ""
