"""The runs of a session that are under way, each on an event loop of its own perhaps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nubem_jupyter.session.handle import RunHandle

_GRACE_S = 10.0
"""How long a provider may take to stop before the session closes without it."""


class LiveRuns:
    """Knows a run from its start to its end; for any thread."""

    def __init__(self) -> None:
        self._handles: set[RunHandle] = set()

    def add(self, handle: RunHandle) -> RunHandle:
        """Know a run until it has ended; return it. For its own event loop."""
        self._handles.add(handle)
        handle.when_over(self._handles.discard)
        return handle

    async def stop(self) -> None:
        """Halt all and wait until they are on record; one whose event loop stands still is left as it is."""
        ending = [end for handle in tuple(self._handles) if (end := handle.stop()) is not None]
        if ending:
            await asyncio.wait(map(asyncio.wrap_future, ending), timeout=_GRACE_S)
