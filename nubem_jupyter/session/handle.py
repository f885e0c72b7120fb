"""A run under way, as its starter holds it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from nubem_jupyter.core.event import Event
from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run
from nubem_jupyter.session.driver import Driver


class RunHandle:
    """Watch it, stop it, wait for it; all from the event loop that started it."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._task = asyncio.create_task(driver.drive(), name=f"run {driver.run.id}")

    @property
    def id(self) -> RunId:
        """The run's name in the store."""
        return self._driver.run.id

    @property
    def plan(self) -> Plan:
        """What is being done."""
        return self._driver.run.plan

    def events(self) -> AsyncIterator[Event]:
        """Iterate over the events from the first on, until the run is over."""
        return aiter(self._driver.stream.reader())

    def cancel(self) -> None:
        """Stop the run; ``wait`` then gives it with what finished."""
        if not self._task.done():
            self._driver.halt()

    async def wait(self) -> Run:
        """Return the run once it is over. Cancelling the waiter stops the run, and what finished is on record."""
        try:
            return await asyncio.shield(self._task)
        except asyncio.CancelledError:
            self.cancel()
            await self._task
            raise
