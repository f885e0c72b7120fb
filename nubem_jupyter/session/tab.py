"""What one try of a node has used so far."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nubem_jupyter.core.call import Answer, ModelCall, Usage
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Price
from nubem_jupyter.core.run import MemberRun
from nubem_jupyter.core.similar import FalseHits
from nubem_jupyter.engine.budget import cost_usd, most_usage, most_usd

_NOTHING = Usage()


class Tab:
    """Filled while the work goes on, so that a stop or a failure in the middle leaves it right.

    What most tries leave as it is stands at the class: making a tab must cost nothing.
    """

    model: ModelId | None = None
    prompt = ""
    reason = ""
    usage = _NOTHING
    cost_usd = 0.0
    unpriced = 0
    estimated = False
    call_s: float | None = None
    first_token_s: float | None = None
    finish_reason = ""
    sent_tokens = 0
    """What the call that was answered was sent; 0 where none was."""
    ended_s = 0.0
    """When the answer was whole, by the session's clock; 0 where nobody looked."""
    deployment: ModelId | None = None
    """Which of the model's deployments answered; None where it has one alone."""
    refusals = 0
    hedges = 0
    cached = False
    saved_usd = 0.0
    similarity: float | None = None
    false_hits: FalseHits | None = None
    members: tuple[MemberRun, ...] = ()
    """Whom a cascade has asked so far."""
    answers: Mapping[str, Answer] = MappingProxyType({})
    """Call digest -> answer, of those to be put on record."""

    def settle(self, answer: Answer, price: Price | None) -> float:
        """Write down a whole answer, by the provider's own count; return what it cost, in US dollars."""
        cost = self._bill(answer.usage, None if price is None else cost_usd(price, answer.usage))
        self.call_s = answer.total_s
        self.first_token_s = answer.first_token_s
        self.finish_reason = answer.finish_reason
        self.sent_tokens = answer.usage.input_tokens
        return cost

    def settle_broken(self, call: ModelCall, heard: str, price: Price | None) -> float:
        """Write down a call that ended before the provider could tell what it used; return what it may have cost.

        It is billed at the most that it can have cost: a token stands for at least one byte, and there are no more of
        them than the call allows. What was sent is known where the call beside it was answered.
        """
        most = most_usage(call)
        sent = min(self.sent_tokens or most.input_tokens, most.input_tokens)
        most = Usage(input_tokens=sent, output_tokens=min(most.output_tokens, len(heard.encode())))
        self.estimated = True
        return self._bill(most, None if price is None else most_usd(price, most))

    def absorb(self, call: Tab) -> None:
        """Add what one member's calls used."""
        self.usage = call.usage if self.usage is _NOTHING else self.usage + call.usage
        self.cost_usd += call.cost_usd
        self.unpriced += call.unpriced
        self.estimated = self.estimated or call.estimated
        self.refusals += call.refusals
        self.hedges += call.hedges
        self.saved_usd += call.saved_usd
        self.answers = {**self.answers, **call.answers}

    def follow(self, latest: Tab) -> None:
        """Add what a member's latest try used, and take over how it went."""
        self.absorb(latest)
        self.call_s, self.first_token_s, self.cached = latest.call_s, latest.first_token_s, latest.cached
        self.deployment = latest.deployment

    def _bill(self, usage: Usage, cost: float | None) -> float:
        """Add what one call used; several of a try may be billed, where some were beside the first, or broke."""
        self.usage = usage if self.usage is _NOTHING else self.usage + usage
        if cost is None:
            self.unpriced += 1
            return 0.0
        self.cost_usd += cost
        return cost
