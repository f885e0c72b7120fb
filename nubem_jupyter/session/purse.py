"""Setting aside what a call may cost, and waiting for it where siblings have set aside what it needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.model import Price
from nubem_jupyter.engine.budget import Ledger, Told
from nubem_jupyter.errors import BudgetError

_OF_A_USE = "raise --max-cost, or leave the step out"
"""What to do where a tool's use does not fit: it has one price, whatever it is given."""


async def set_aside(ledger: Ledger, name: str, price: Price | None, most: Usage) -> int:
    """Return the ticket to settle a call by, once the most that it can cost is set aside; ``name`` is for messages.

    Raises:
        BudgetError: it does not fit beside what is spent.
    """
    return await _served(ledger, lambda told: ledger.reserve(name, price, most, told))


async def set_aside_usd(ledger: Ledger, name: str, amount_usd: float) -> int:
    """Return the ticket to settle a tool's use by, once what it costs is set aside.

    Raises:
        BudgetError: it does not fit beside what is spent.
    """
    return await _served(ledger, lambda told: ledger.reserve_usd(name, amount_usd, told, _OF_A_USE))


async def _served(ledger: Ledger, reserve: Callable[[Told], int]) -> int:
    turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def told(refusal: BudgetError | None) -> None:
        if turn.done():
            return  # who waited was stopped, and gives back what came too late
        if refusal is None:
            turn.set_result(None)
        else:
            turn.set_exception(refusal)

    ticket = reserve(told)
    if ledger.waits(ticket):
        try:
            await turn
        except asyncio.CancelledError:
            ledger.settle(ticket, 0.0)
            raise
    return ticket
