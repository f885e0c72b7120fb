"""A run under way, as its starter holds it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future

from nubem_jupyter.core.event import Event
from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run
from nubem_jupyter.session.driver import Driver
from nubem_jupyter.session.lasting import to_its_end


class RunHandle:
    """Watch it, stop it, wait for it; all from the event loop that started it, but for ``stop``."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._task = asyncio.create_task(driver.drive(), name=f"run {driver.run.id}")
        # Readers of a run whose event loop ends before its first step would wait for ever.
        self._task.add_done_callback(lambda _: driver.stream.close())

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
        """Return the run once it is over. Cancelling the waiter stops the run, and what finished is on record.

        Raises:
            asyncio.CancelledError: the waiter was cancelled; the run is over by then, however often it was.
        """
        return await to_its_end(self._task, self.cancel)

    def when_over(self, act: Callable[[RunHandle], None]) -> None:
        """Have something done when the run is over, on its event loop."""
        self._task.add_done_callback(lambda _: act(self))

    def stop(self) -> Future[None] | None:
        """Stop the run from any thread; return what is done once it is over, None where its event loop stands still."""
        loop, over = self._task.get_loop(), Future[None]()
        if not loop.is_running():
            return None

        def halt() -> None:
            self._task.add_done_callback(lambda _: over.set_result(None))
            self.cancel()

        try:
            loop.call_soon_threadsafe(halt)
        except RuntimeError:  # it was closed just now
            return None
        return over
