"""The store, written to from one thread beside the event loop, in order."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import NodeRun, Run
from nubem_jupyter.ports import RunStore


class AnswerLog(Protocol):
    """Where answers are kept for replay."""

    def save(self, run: RunId, digest: str, answer: Answer) -> None:
        """Keep a run's answer under its call's digest."""
        ...


class RunWriter:
    """Writes runs. What was awaited is on disk; what was only submitted is by the time ``end`` returns."""

    def __init__(self, store: RunStore, answers: AnswerLog, thread: ThreadPoolExecutor) -> None:
        self._store = store
        self._answers = answers
        self._thread = thread
        self._submitted: list[Future[None]] = []

    async def begin(self, run: Run) -> None:
        """Record a run that starts.

        Raises:
            StorageError: it cannot be written; so for every method that is awaited.
        """
        await self._written(self._thread.submit(self._store.begin, run))

    async def save_node(self, run: RunId, node: NodeRun) -> None:
        """Record a node that cost something; its readers wait for this."""
        await self._written(self._thread.submit(self._store.save_node, run, node))

    def submit_node(self, run: RunId, node: NodeRun) -> None:
        """Record a node that could be worked out again for nothing; nobody waits for it."""
        self._submitted.append(self._thread.submit(self._store.save_node, run, node))

    async def save_answer(self, run: RunId, digest: str, answer: Answer) -> None:
        """Record a model's answer under its call's digest, for replay."""
        await self._written(self._thread.submit(self._answers.save, run, digest, answer))

    async def end(self, run: Run) -> None:
        """Record how the run ended."""
        submitted, self._submitted = self._submitted, []
        for future in submitted:
            await asyncio.wrap_future(future)
        await asyncio.wrap_future(self._thread.submit(self._store.end, run))

    async def _written(self, future: Future[None]) -> None:
        """Wait for a write; a stop ends the waiting and not the write, which ``end`` then waits for."""
        try:
            await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            self._submitted.append(future)
            raise


class NoWriter:
    """Keeps nothing: for runs that belong to something that is stored as a whole, such as an evaluation."""

    async def begin(self, run: Run) -> None:
        """Do nothing."""

    async def save_node(self, run: RunId, node: NodeRun) -> None:
        """Do nothing."""

    def submit_node(self, run: RunId, node: NodeRun) -> None:
        """Do nothing."""

    async def save_answer(self, run: RunId, digest: str, answer: Answer) -> None:
        """Do nothing."""

    async def end(self, run: Run) -> None:
        """Do nothing."""


Writer = RunWriter | NoWriter
