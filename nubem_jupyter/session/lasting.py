"""Waiting for what must come to its end, and for runs that must be given back: a cancel is heard, and waits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import Run
from nubem_jupyter.errors import StorageError
from nubem_jupyter.ports import RunStore

T = TypeVar("T")


async def to_its_end(work: asyncio.Future[T], on_cancel: Callable[[], None] | None = None) -> T:
    """Return the result of the work. However often the waiter is cancelled, the work goes on and is waited for.

    Raises:
        asyncio.CancelledError: the waiter was cancelled; the work has ended all the same. ``on_cancel`` was called.
    """
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait((work,))
        except asyncio.CancelledError as error:
            cancelled = error
            if on_cancel is not None:
                on_cancel()
    if cancelled is None:
        return work.result()
    # Looked at, so that nobody is told of an error that was never asked for.
    raise cancelled from (None if work.cancelled() else work.exception())


@contextlib.asynccontextmanager
async def taken_up(store: RunStore, name: RunId) -> AsyncIterator[Run]:
    """Take a run up; where the block then does not go on with it, the store has it back as it was.

    Raises:
        StorageError: as ``RunStore.resume``.
    """
    loop = asyncio.get_running_loop()
    taking = loop.run_in_executor(None, store.resume, name)
    try:
        yield await to_its_end(taking)
    except BaseException:
        if taking.exception() is None:
            with contextlib.suppress(StorageError):  # why it could not go on is what has to be told
                await to_its_end(loop.run_in_executor(None, store.end, taking.result()))
        raise
