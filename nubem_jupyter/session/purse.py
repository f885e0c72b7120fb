"""Setting aside what a call may cost, and waiting for it where siblings have set aside what it needs."""

from __future__ import annotations

import asyncio

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.model import Price
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.errors import BudgetError


async def set_aside(ledger: Ledger, name: str, price: Price | None, most: Usage) -> int:
    """Return the ticket to settle a call by, once the most that it can cost is set aside; ``name`` is for messages.

    Raises:
        BudgetError: it does not fit beside what is spent.
    """
    turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def told(refusal: BudgetError | None) -> None:
        if turn.done():
            return  # who waited was stopped, and gives back what came too late
        if refusal is None:
            turn.set_result(None)
        else:
            turn.set_exception(refusal)

    ticket = ledger.reserve(name, price, most, told)
    if ledger.waits(ticket):
        try:
            await turn
        except asyncio.CancelledError:
            ledger.settle(ticket, 0.0)
            raise
    return ticket
