"""Money: what a call may cost at most is set aside before it starts, and what it did cost is settled after."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from nubem_jupyter.core.call import ModelCall, Usage
from nubem_jupyter.core.digest import encode
from nubem_jupyter.core.model import Price, Rates
from nubem_jupyter.errors import BudgetError, ConstraintError

_TURN_TOKENS = 16
"""Room for the markers that a chat template puts around one turn."""
_SCHEMA_TOKENS = 256
"""Room for the words that tell a model to keep to a schema."""
NO_TICKET = 0
"""Where there is no limit, nothing is set aside."""
_WARN_SHARE = 0.8
"""Share of the budget at which its user is warned."""
_CHEAPER = "raise --max-cost, shorten the input, or choose a cheaper model"
"""What to do where a call does not fit."""


def cost_usd(price: Price, usage: Usage) -> float:
    """Return what the tokens of one call cost at the listed price, in US dollars."""
    rates = price.rates(usage.input_tokens)
    plain_usd = usage.input_tokens * rates.input_usd.value + usage.output_tokens * rates.output_usd.value
    return plain_usd + _of_parts(rates, usage) if usage.has_parts else plain_usd


def most_usd(price: Price, usage: Usage) -> float:
    """Return what so many tokens can cost at most, whichever of them turn out to have a price of their own."""
    of_input, of_output = price.rates(usage.input_tokens).most_usd
    return usage.input_tokens * of_input + usage.output_tokens * of_output


def _of_parts(rates: Rates, usage: Usage) -> float:
    """Return by how much the parts with prices of their own are dearer or cheaper than the rest."""
    parts = (
        (usage.cached_tokens, rates.cached_input_usd, rates.input_usd),
        (usage.cache_write_tokens, rates.cache_write_usd, rates.input_usd),
        (usage.reasoning_tokens, rates.reasoning_usd, rates.output_usd),
    )
    return sum(tokens * (own.value - plain.value) for tokens, own, plain in parts if own is not None)


def most_usage(call: ModelCall) -> Usage:
    """Return the most tokens that a call can use: a token stands for at least one byte of what is sent.

    A schema counts as sent twice over, since some providers write it into the prompt with words around it.
    """
    sent = sum(len(message.content.encode()) + _TURN_TOKENS for message in call.messages)
    schema = 0 if call.schema is None else 2 * len(encode(call.schema)) + _SCHEMA_TOKENS
    return Usage(input_tokens=sent + schema, output_tokens=call.max_tokens)


Told = Callable[[BudgetError | None], None]
"""Is told, once, that an amount is set aside, or why it never will be."""


class _Wish(NamedTuple):
    name: str
    amount_usd: float
    told: Told
    hint: str


class Ledger:
    """The money of one run, or of one evaluation's runs together: spent + reserved never passes the limit.

    Most calls cost much less than the most that they can, so what is set aside beside a call mostly comes back. Who
    can wait for that is served in turn; a large amount at the head of the queue is not overtaken by small ones, or it
    might wait forever. Who waits has nothing set aside, so nobody waits for somebody who waits.
    """

    def __init__(self, limit_usd: float | None = None) -> None:
        if limit_usd is not None and not limit_usd >= 0:
            raise ConstraintError(f"a budget of {limit_usd} is not an amount", hint="give US dollars, for example 0.10")
        self.limit_usd = limit_usd
        self.spent_usd = 0.0
        self._reserved: dict[int, float] = {}
        self._reserved_usd = 0.0
        self._waiting: OrderedDict[int, _Wish] = OrderedDict()
        self._tickets = itertools.count(1)
        self._warned = False

    @property
    def committed_usd(self) -> float:
        """US dollars spent and set aside."""
        return self.spent_usd + self._reserved_usd

    @property
    def overspent(self) -> bool:
        """Whether more was spent than the limit: a call cost more than its listed price allows."""
        # A sum of floats may end a hair above the limit that its parts kept.
        return self.limit_usd is not None and self.spent_usd > self.limit_usd * (1 + 1e-9)

    def reserve(self, name: str, price: Price | None, most: Usage, told: Told | None = None) -> int:
        """Set aside the most that a call can cost; return the ticket to settle it by. ``name`` is for messages.

        With ``told``, what does not fit only because of what others have set aside ``waits`` for its turn.

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
        return self.reserve_usd(name, most_usd(price, most), told)

    def reserve_usd(self, name: str, amount_usd: float, told: Told | None = None, hint: str = _CHEAPER) -> int:
        """Set an amount aside, as ``reserve`` does for a call; ``hint`` says what to do where it does not fit.

        Raises:
            BudgetError: it does not fit.
        """
        if self.limit_usd is None:
            return NO_TICKET
        if not self._waiting and self._fits(amount_usd):
            ticket = next(self._tickets)
            self._set_aside(ticket, amount_usd)
            return ticket
        if told is None or not self._fits(amount_usd, of_spent=True):
            raise self._too_much(name, amount_usd, hint, of_spent=told is not None)
        ticket = next(self._tickets)
        self._waiting[ticket] = _Wish(name, amount_usd, told, hint)
        return ticket

    def waits(self, ticket: int) -> bool:
        """Tell whether what the ticket stands for waits to be set aside."""
        return ticket in self._waiting

    def affords(self, price: Price | None, most: Usage) -> bool:
        """Tell whether a call could be paid, at the latest when all that others have set aside is given back."""
        if self.limit_usd is None:
            return True
        return price is not None and self._fits(most_usd(price, most), of_spent=True)

    def spend(self, actual_usd: float) -> None:
        """Take in what was spent without having been set aside, where there is no limit."""
        self.spent_usd += actual_usd

    def settle(self, ticket: int, actual_usd: float) -> None:
        """Replace what was set aside by what the call did cost; 0 gives it back, once or more often, or ends a wait."""
        self._waiting.pop(ticket, None)
        self._reserved_usd -= self._reserved.pop(ticket, 0.0)
        if not self._reserved:
            self._reserved_usd = 0.0  # without what a sum of floats may leave
        self.spent_usd += actual_usd
        self._serve()

    def _serve(self) -> None:
        """Set aside, in turn, what fits now; turn down what no longer can."""
        while self._waiting:
            ticket, wish = next(iter(self._waiting.items()))
            fits = self._fits(wish.amount_usd)
            if not fits and self._fits(wish.amount_usd, of_spent=True):
                return
            del self._waiting[ticket]
            if fits:
                self._set_aside(ticket, wish.amount_usd)
            wish.told(None if fits else self._too_much(wish.name, wish.amount_usd, wish.hint, of_spent=True))

    def _fits(self, amount_usd: float, *, of_spent: bool = False) -> bool:
        return amount_usd <= self._left_usd(of_spent=of_spent)

    def _left_usd(self, *, of_spent: bool) -> float:
        """Return what is left beside all that is committed, or beside what is spent alone."""
        assert self.limit_usd is not None  # noqa: S101  # without a limit nobody asks
        return self.limit_usd - (self.spent_usd if of_spent else self.committed_usd)

    def _set_aside(self, ticket: int, amount_usd: float) -> None:
        self._reserved[ticket] = amount_usd
        self._reserved_usd += amount_usd

    def _too_much(self, name: str, amount_usd: float, hint: str, *, of_spent: bool) -> BudgetError:
        left_usd = max(self._left_usd(of_spent=of_spent), 0.0)
        return BudgetError(
            f"'{name}' could cost up to ${amount_usd:.6f}, and ${left_usd:.6f} of the budget are left",
            hint=hint,
        )

    def warns(self) -> bool:
        """Tell, once in a run, that four fifths of the budget are spent or set aside."""
        if self._warned or not self.limit_usd or self.committed_usd < _WARN_SHARE * self.limit_usd:
            return False
        self._warned = True
        return True
