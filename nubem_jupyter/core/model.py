"""What is known of a model, and how it is known."""

from __future__ import annotations

import msgspec

from nubem_jupyter.core.ids import ModelId

STANDS_IN = "testing"
"""Feature of models that only stand in for real ones: they are there to be named, never to be routed to."""


class Figure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A number with its source; where a figure is unknown there is no ``Figure``, never a zero."""

    value: float
    """The best single value, in the unit that the field's name says."""
    source: str
    """``listed`` (by whom), or ``measured`` (where)."""
    low: float | None = None
    """Lower end of the 90 % range, where measured."""
    high: float | None = None
    """Upper end of the 90 % range, where measured."""
    n: int = 0
    """How many measurements; 0 for a listed figure."""
    date: str = ""
    """ISO date of the newest measurement or of the list."""


class Rates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What tokens cost; a part whose own price is unknown is billed as the rest of its kind."""

    input_usd: Figure
    """US dollars a prompt token."""
    output_usd: Figure
    """US dollars a generated token."""
    cached_input_usd: Figure | None = None
    """US dollars a prompt token that the provider has read before; None where unknown."""
    cache_write_usd: Figure | None = None
    """US dollars a prompt token that it puts aside for later calls; None where unknown."""
    reasoning_usd: Figure | None = None
    """US dollars a generated token that no answer shows; None where unknown."""

    @property
    def most_usd(self) -> tuple[float, float]:
        """What a prompt token and a generated one can cost at most."""
        dearest = (self.input_usd, self.cached_input_usd, self.cache_write_usd), (self.output_usd, self.reasoning_usd)
        of_input, of_output = (max(figure.value for figure in figures if figure) for figures in dearest)
        return of_input, of_output


class Tier(Rates, frozen=True, kw_only=True, omit_defaults=True):
    """What tokens of a call cost when its prompt is long."""

    above_tokens: int
    """Prompts longer than this."""


class Price(Rates, frozen=True, kw_only=True, omit_defaults=True):
    """What tokens cost, by the length of the prompt."""

    tiers: tuple[Tier, ...] = ()
    """Other prices for calls with long prompts, by rising bound; they hold for all tokens of such a call."""

    def rates(self, input_tokens: float) -> Rates:
        """Return the prices that hold for a prompt of this length."""
        if not self.tiers:
            return self
        held = [tier for tier in self.tiers if input_tokens > tier.above_tokens]
        return held[-1] if held else self


class Speed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How fast answers come."""

    first_token_s: Figure
    """Seconds to the first piece of text."""
    tokens_per_s: Figure
    """Generated tokens a second after that."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How often a model's answers were right for one capability: scores are summed, each from 0 to 1."""

    capability: str
    """Which capability."""
    n: int
    """How many cases were scored."""
    score_sum: float
    """Sum of their scores; for right-or-wrong scores the number of right answers."""
    source: str
    """Where measured: the suite's or evaluation's name."""
    date: str
    """ISO date of the newest case."""
    weight: float = 1.0
    """What each case counts for now, 0 to 1: models change behind their names, so what is old tells less."""
    task: str = ""
    """Digest of the step whose own check told, which is evidence for that step alone; empty where it is for all."""
    method: str = ""
    """Digest of the cases, the flow and the scorer: only what was measured alike can be held against each other. Empty
    where nobody knows."""
    replayed: bool = False
    """Whether the sum is what replaying cases lets expect, those of other capabilities among them: no answer counted.
    """


class ResultsChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That a model's results at a capability are others than they were, by more than chance."""

    capability: str
    """At which capability."""
    task: str = ""
    """Digest of the step whose own check told; empty where an evaluation did."""
    source: str
    """What told: the same cases measured again, or a step's check."""
    since: str
    """ISO day from which they are others."""
    n_before: int
    """How many cases there were before."""
    score_before: float
    """Sum of their scores."""
    n_since: int
    """How many there are since."""
    score_since: float
    """Sum of their scores."""
    weight: float
    """What a case from before counts for, 0 to 1."""


class CachedShare(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much of prompts for one capability its provider had read before, and need not read anew."""

    capability: str
    """Which capability."""
    share: Figure
    """Share of a prompt's tokens, 0 to 1: the mean, and the range of single calls."""


class Site(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One place where a model is served; the same model at another address, or with another key, is another one."""

    id: ModelId
    """What its provider is asked for; the model's own id where that serves it at one place alone."""
    weight: float = 1.0
    """What share of the calls it gets, beside the weights of the others."""
    calls_per_min: float | None = None
    """Calls that it may be sent in any minute; None where no limit is said."""
    tokens_per_min: float | None = None
    """Tokens that calls sent in any minute may use, given and generated; None where no limit is said."""
    local: bool = False
    """Whether data stays on this machine."""
    regions: tuple[str, ...] = ()
    """Where it may run, by its provider's names; empty where nobody says."""
    missing: str = ""
    """What to do before it can be called; empty where it can."""
    price: Price | None = None
    """What tokens cost there; None where unknown."""


class CallsChange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """That a model's calls go otherwise than they did, by more than chance."""

    what: str
    """``first text`` and ``pace`` are medians, in seconds and in tokens a second; ``failures`` is a share of calls."""
    since: str
    """ISO day from which they do."""
    before: float
    """How it was."""
    now: float
    """How it has been since."""


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One model as the catalog lists it."""

    id: ModelId
    """``provider/model``."""
    provider: str
    """Who serves it."""
    via: str = ""
    """The adapter that calls it; empty where it is named as its provider."""
    local: bool = False
    """Whether data stays on this machine."""
    available: bool = True
    """Whether it can be called now."""
    missing: str = ""
    """What to do before it can be called; empty when available."""
    context_tokens: int | None = None
    """Prompt and answer together; None where unknown."""
    max_output_tokens: int | None = None
    """The longest answer; None where unknown."""
    parameters: float | None = None
    """Weights of the network, where published; a prior for routing when nothing is measured."""
    features: tuple[str, ...] = ()
    """What calls may ask for: ``json_schema``, ``seed``, ``vision``, ``tools``, …"""
    regions: tuple[str, ...] = ()
    """Where its provider serves it, by the provider's names; empty where that is not listed."""
    retires: str = ""
    """ISO date from which its provider no longer serves it; empty where none is listed."""
    price: Price | None = None
    """What tokens cost; None where unknown."""
    speed: Speed | None = None
    """How fast it is; None where unknown."""
    error_rate: Figure | None = None
    """Share of calls that its deployment lets fail, 0 to 1; None where unknown."""
    calls_changed: tuple[CallsChange, ...] = ()
    """Where its calls go otherwise than they did; speed and error rate are then those since."""
    evidence: tuple[Evidence, ...] = ()
    """What is known of its quality, by capability."""
    changes: tuple[ResultsChange, ...] = ()
    """Where its results are others than they were; what is known from before counts for less."""
    cached_shares: tuple[CachedShare, ...] = ()
    """What of its prompts was read before, by capability, as calls told; none where nobody has seen that."""
    deployments: tuple[Site, ...] = ()
    """Where it is served, where calls are spread from here over several places, or a limit is said of the only one."""

    @property
    def caller(self) -> str:
        """The name of the adapter that calls it."""
        return self.via or self.provider

    def cached_share(self, capability: str) -> Figure | None:
        """Return which share of prompts for one capability was read before; None where nothing is known."""
        return next((one.share for one in self.cached_shares if one.capability == capability), None)

    def changes_for(self, capability: str, task: str = "") -> tuple[ResultsChange, ...]:
        """Return the changes that ``evidence_for`` is about."""
        return tuple(one for one in self.changes if one.capability == capability and one.task in ("", task))

    def evidence_for(self, capability: str, task: str = "") -> tuple[Evidence, ...]:
        """Return what is known for one capability, and for one step where its digest is given (``engine.checked``)."""
        return tuple(entry for entry in self.evidence if entry.capability == capability and entry.task in ("", task))
