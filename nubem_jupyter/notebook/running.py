"""A run that a cell waits for: shown while it happens, and kept when the cell is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.core.run import Outcome, Run
from nubem_jupyter.errors import CancelledRunError
from nubem_jupyter.render.bundle import bundle, page_bundle

if TYPE_CHECKING:
    from nubem_jupyter.core.event import Event
    from nubem_jupyter.notebook.live import LiveView
    from nubem_jupyter.notebook.workbench import Workbench
    from nubem_jupyter.session.handle import RunHandle

Begin = Callable[[], Awaitable["RunHandle"]]
"""Starts a run, on the session's loop."""


def run_shown(workbench: Workbench, begin: Begin, view: LiveView) -> Run:
    """Begin a run and wait for it.

    Raises:
        RunError: it did not finish; its page stands below.
    """
    follower = _Follower(view.take, workbench.keep)
    view.look()
    try:
        run = workbench.call(follower.follow(begin), look=view.look)
    except KeyboardInterrupt:
        view.close(_below_error(follower.run) if follower.run else None)
        raise CancelledRunError(
            "the run was stopped; what finished is kept",
            hint="%nubem run shows it, %nubem run resume goes on with it",
        ) from None
    except BaseException:
        view.close()
        raise
    if run.outcome is not Outcome.FINISHED:
        view.close(_below_error(run))
        _raise(run)
    view.end(run)
    return run


def _raise(run: Run) -> None:
    """Raise what a run ended with that did not finish; where a limit stopped it, the hint names what allows more."""
    from nubem_jupyter.render.notices import going_on  # late: loading the extension shows nothing yet

    onward = going_on(run, "%nubem run resume")
    if run.failure is not None and onward:
        hint = "; ".join(filter(None, (run.failure.hint, onward)))
        run = msgspec.structs.replace(run, failure=msgspec.structs.replace(run.failure, hint=hint))
    run.raise_for_outcome()


class _Follower:
    """Starts a run, passes its events on, and keeps the run even when the cell was stopped."""

    def __init__(self, take: Callable[[Event], None], keep: Callable[[Run], None]) -> None:
        self._take = take
        self._keep = keep
        self.run: Run | None = None

    async def follow(self, begin: Begin) -> Run:
        handle = await begin()
        try:
            async for event in handle.events():
                self._take(event)
        except asyncio.CancelledError:
            handle.cancel()
            await self._end(handle)
            raise
        return await self._end(handle)

    async def _end(self, handle: RunHandle) -> Run:
        self.run = await handle.wait()
        self._keep(self.run)
        return self.run


def _below_error(run: Run) -> dict[str, Any]:
    """Return the bundle of a run whose failure the cell's error tells, so that its page need not."""
    from nubem_jupyter.render.pages import page  # late: loading the extension shows nothing yet

    return bundle(run) | page_bundle(page(msgspec.structs.replace(run, failure=None)))
