"""What one try of a node has used so far."""

from __future__ import annotations

from nubem_jupyter.core.call import Answer, ModelCall, Usage
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Price
from nubem_jupyter.engine.budget import cost_usd, most_usage


class Tab:
    """Filled while the work goes on, so that a stop or a failure in the middle leaves it right."""

    def __init__(self) -> None:
        self.model: ModelId | None = None
        self.prompt = ""
        self.reason = ""
        self.usage = Usage()
        self.cost_usd = 0.0
        self.estimated = False
        self.call_s: float | None = None
        self.first_token_s: float | None = None
        self.finish_reason = ""
        self.refusals = 0
        self.hedges = 0

    def add(self, other: Tab) -> None:
        """Take in one call of several; the timing is the last one's."""
        self.usage += other.usage
        self.cost_usd += other.cost_usd
        self.estimated = self.estimated or other.estimated
        if not other.estimated:
            self.call_s, self.first_token_s = other.call_s, other.first_token_s
            self.finish_reason = other.finish_reason

    def settle(self, answer: Answer, price: Price | None) -> None:
        """Write down a whole answer, by the provider's own count."""
        self.usage += answer.usage
        self.cost_usd += cost_usd(price, answer.usage) if price else 0.0
        self.call_s = answer.total_s
        self.first_token_s = answer.first_token_s
        self.finish_reason = answer.finish_reason

    def settle_broken(self, call: ModelCall, heard: str, price: Price | None) -> None:
        """Write down a call that ended before the provider could tell what it used.

        It is billed at the most that it can have cost: a token stands for at least one byte.
        """
        most = Usage(input_tokens=most_usage(call).input_tokens, output_tokens=len(heard.encode()))
        self.usage += most
        self.cost_usd += cost_usd(price, most) if price else 0.0
        self.estimated = True
