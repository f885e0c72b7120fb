"""Work in a thread that ends when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from nubem_jupyter.errors import NodeError

T = TypeVar("T")


class StoppedError(Exception):
    """Nobody waits for the work; raised inside its thread, where nobody sees it."""


class Stop:
    """Tells a thread that nobody waits for it any more."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._interrupts: list[Callable[[], None]] = []

    @property
    def is_set(self) -> bool:
        """Whether nobody waits."""
        return self._event.is_set()

    def check(self) -> None:
        """Go on only while somebody waits.

        Raises:
            StoppedError: nobody does.
        """
        if self._event.is_set():
            raise StoppedError

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items while somebody waits.

        Raises:
            StoppedError: nobody does.
        """
        for item in items:
            self.check()
            yield item

    def interrupt_by(self, interrupt: Callable[[], None]) -> None:
        """Have a call made when nobody waits any more, at once where that is so already: for a library's long call."""
        with self._lock:
            self._interrupts.append(interrupt)
        if self._event.is_set():
            interrupt()

    def set(self) -> None:
        """Say that nobody waits."""
        self._event.set()
        with self._lock:
            interrupts, self._interrupts = self._interrupts, []
        for interrupt in interrupts:
            interrupt()


async def off_loop(work: Callable[[Stop], T], *, limit_s: float, what: str) -> T:
    """Do the work in a thread; cancelling the caller or passing the limit stops it at its next check.

    Raises:
        NodeError: it took longer than ``limit_s``.
    """
    stop = Stop()
    try:
        async with asyncio.timeout(limit_s) as scope:
            return await asyncio.to_thread(work, stop)
    except TimeoutError:
        if not scope.expired():
            raise
        raise NodeError(f"{what} took longer than {limit_s:g} s", hint="ask for less at a time") from None
    finally:
        stop.set()
