"""Money: what a call may cost at most is set aside before it starts, and what it did cost is settled after."""

from __future__ import annotations

import itertools

from nubem_jupyter.core.call import ModelCall, Usage
from nubem_jupyter.core.digest import encode
from nubem_jupyter.core.model import Price
from nubem_jupyter.errors import BudgetError, ConstraintError

_TURN_TOKENS = 16
"""Room for the markers that a chat template puts around one turn."""
_SCHEMA_TOKENS = 256
"""Room for the words that tell a model to keep to a schema."""
NO_TICKET = 0
"""Where there is no limit, nothing is set aside."""
_WARN_SHARE = 0.8
"""Share of the budget at which its user is warned."""


def cost_usd(price: Price, usage: Usage) -> float:
    """Return what the tokens of one call cost at the listed price, in US dollars."""
    of_input, of_output = price.rates(usage.input_tokens)
    return usage.input_tokens * of_input.value + usage.output_tokens * of_output.value


def most_usage(call: ModelCall) -> Usage:
    """Return the most tokens that a call can use: a token stands for at least one byte of what is sent.

    A schema counts as sent twice over, since some providers write it into the prompt with words around it.
    """
    sent = sum(len(message.content.encode()) + _TURN_TOKENS for message in call.messages)
    schema = 0 if call.schema is None else 2 * len(encode(call.schema)) + _SCHEMA_TOKENS
    return Usage(input_tokens=sent + schema, output_tokens=call.max_tokens)


class Ledger:
    """The money of one run, or of one evaluation's runs together: spent + reserved never passes the limit."""

    def __init__(self, limit_usd: float | None = None) -> None:
        if limit_usd is not None and not limit_usd >= 0:
            raise ConstraintError(f"a budget of {limit_usd} is not an amount", hint="give US dollars, for example 0.10")
        self.limit_usd = limit_usd
        self.spent_usd = 0.0
        self._reserved: dict[int, float] = {}
        self._tickets = itertools.count(1)
        self._warned = False

    @property
    def committed_usd(self) -> float:
        """US dollars spent and set aside."""
        return self.spent_usd + sum(self._reserved.values())

    @property
    def overspent(self) -> bool:
        """Whether more was spent than the limit: a call cost more than its listed price allows."""
        # A sum of floats may end a hair above the limit that its parts kept.
        return self.limit_usd is not None and self.spent_usd > self.limit_usd * (1 + 1e-9)

    def reserve(self, name: str, price: Price | None, most: Usage) -> int:
        """Set aside the most that a call can cost; return the ticket to settle it by. ``name`` is for messages.

        Raises:
            BudgetError: it does not fit, or the price is unknown while there is a limit.
        """
        if self.limit_usd is None:
            return NO_TICKET
        if price is None:
            raise BudgetError(
                f"the price of the model for '{name}' is unknown, so the budget cannot be kept",
                hint="choose a model with a listed price, or leave out the budget",
            )
        amount = cost_usd(price, most)
        left = self.limit_usd - self.committed_usd
        if amount > left:
            raise BudgetError(
                f"'{name}' could cost up to ${amount:.6f}, and ${max(left, 0.0):.6f} of the budget are left",
                hint="raise --max-cost, shorten the input, or choose a cheaper model",
            )
        ticket = next(self._tickets)
        self._reserved[ticket] = amount
        return ticket

    def spend(self, actual_usd: float) -> None:
        """Take in what was spent without having been set aside, where there is no limit."""
        self.spent_usd += actual_usd

    def settle(self, ticket: int, actual_usd: float) -> None:
        """Replace what was set aside by what the call did cost; 0 gives it back."""
        if ticket != NO_TICKET:
            self._reserved.pop(ticket, None)
        self.spent_usd += actual_usd

    def warns(self) -> bool:
        """Tell, once in a run, that four fifths of the budget are spent or set aside."""
        if self._warned or not self.limit_usd or self.committed_usd < _WARN_SHARE * self.limit_usd:
            return False
        self._warned = True
        return True
