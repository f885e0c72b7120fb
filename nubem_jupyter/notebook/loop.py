"""One event loop in a thread of its own: the kernel's loop is busy with the cell that waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from typing import Any, TypeVar

T = TypeVar("T")

_LOOK_EVERY_S = 0.1
_GRACE_S = 0.4
"""How long a stopped cell waits for what finished to be stored, inside the half second that a stop may take."""


class BackgroundLoop:
    """Runs coroutines for a thread that waits for them; the thread starts with the first one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def call(self, coroutine: Coroutine[Any, Any, T], *, look: Callable[[], None] | None = None) -> T:
        """Run the coroutine and return its result; ``look`` is called about ten times a second while it runs.

        Raises:
            KeyboardInterrupt: the caller was interrupted; the coroutine was cancelled and given a moment to end.
        """
        job = _Job(coroutine, self._running_loop())
        try:
            while wait([job.future], timeout=_LOOK_EVERY_S).not_done:
                if look is not None:
                    look()
        except KeyboardInterrupt:
            job.cancel()
            wait([job.future], timeout=_GRACE_S)
            raise
        except BaseException:
            job.cancel()
            raise
        result: T = job.future.result()
        return result

    @property
    def is_running(self) -> bool:
        """Whether the thread is there."""
        return self._loop is not None

    def close(self, *, timeout_s: float = 5.0) -> None:
        """Cancel what still runs and end the thread; may be called twice."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        wait([asyncio.run_coroutine_threadsafe(_cancel_others(), loop)], timeout=timeout_s)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout_s)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                # A daemon, so that a call that hangs cannot keep a kernel from ending.
                self._thread = threading.Thread(target=_serve, args=(self._loop,), name="nubem", daemon=True)
                self._thread.start()
            return self._loop


class _Job:
    """A coroutine on the loop that can be cancelled and then still waited for."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._task: asyncio.Task[Any] | None = None
        self.future: Future[Any] = asyncio.run_coroutine_threadsafe(self._run(coroutine), loop)

    async def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(coroutine)
        self._task = task
        return await task

    def cancel(self) -> None:
        """Cancel the inner task: cancelling ``future`` would count as done before the task has cleaned up."""
        self._loop.call_soon_threadsafe(self._cancel_task)

    def _cancel_task(self) -> None:
        if self._task is not None:
            self._task.cancel()


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _cancel_others() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
