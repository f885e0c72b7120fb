"""Putting a run on record while it goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import NodeRun, Run
from nubem_jupyter.ports import RunStore
from nubem_jupyter.session.lasting import to_its_end

_SYNC_S = 0.25
"""How often what was written is brought to the disk itself: a killed process loses nothing, a power failure this."""


class RunWriter:
    """Writes one run: its begin and its end in a thread, its nodes at once."""

    def __init__(self, store: RunStore, thread: ThreadPoolExecutor, *, resumed: bool = False) -> None:
        self._store = store
        self._thread = thread
        self._resumed = resumed
        self._run = RunId("")
        self._sync: asyncio.TimerHandle | None = None

    async def begin(self, run: Run) -> None:
        """Record a run that starts; one that goes on is on record already.

        Raises:
            StorageError: it cannot be written; so for every method.
        """
        self._run = run.id
        if not self._resumed:
            # A stop ends the waiting and not the write, which comes before that of the end.
            await asyncio.shield(self._written(self._store.begin, run))

    def save_node(self, node: NodeRun, answers: Mapping[str, Answer]) -> None:
        """Record a node that ended and what it was answered; it is kept when this returns."""
        self._store.save_node(self._run, node, answers)
        if self._sync is None:
            self._sync = asyncio.get_running_loop().call_later(_SYNC_S, self._bring)

    async def end(self, run: Run) -> None:
        """Record how the run ended; a cancel only comes up after that."""
        if self._sync is not None:
            self._sync.cancel()
        await to_its_end(self._written(self._store.end, run))

    def _bring(self) -> None:
        self._sync = None
        # What goes wrong here goes wrong again at the end, and is told then.
        with contextlib.suppress(RuntimeError):  # the session closes, or the interpreter ends
            self._thread.submit(self._store.sync, self._run)

    def _written(self, write: Callable[[Run], None], run: Run) -> asyncio.Future[None]:
        try:
            return asyncio.wrap_future(self._thread.submit(write, run))
        except RuntimeError:
            # No thread takes work while the interpreter ends; what is left to write then is little.
            write(run)
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            done.set_result(None)
            return done


class NoWriter:
    """Keeps nothing: for runs that belong to something that is stored as a whole, such as an evaluation."""

    async def begin(self, run: Run) -> None:
        """Do nothing."""

    def save_node(self, node: NodeRun, answers: Mapping[str, Answer]) -> None:
        """Do nothing."""

    async def end(self, run: Run) -> None:
        """Do nothing."""


class SettlingWriter:
    """Writes as another one does, and has something settled when the run has ended."""

    def __init__(self, writer: RunWriter | NoWriter, settle: Callable[[Run], None], thread: ThreadPoolExecutor) -> None:
        self._writer = writer
        self._settle = settle
        self._thread = thread
        self.begin = writer.begin
        self.save_node = writer.save_node

    async def end(self, run: Run) -> None:
        """Record how the run ended, then settle; a cancel only comes up after that."""
        try:
            await self._writer.end(run)
        finally:
            try:
                settled = asyncio.wrap_future(self._thread.submit(self._settle, run))
            except RuntimeError:  # the interpreter ends
                self._settle(run)
            else:
                await to_its_end(settled)


Writer = RunWriter | NoWriter | SettlingWriter
