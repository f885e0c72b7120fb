"""A thread in the background that asks others for their lists on a schedule, and less often while they are away."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import msgspec

_LOG = logging.getLogger(__name__)

Ask = Callable[[], Awaitable[bool]]
"""Asks one of them; tells whether it answered."""


class PollTiming(msgspec.Struct, frozen=True, kw_only=True):
    """How often others are asked."""

    every_s: float = 60.0
    """The time between two questions to one that answers."""
    longest_s: float = 1800.0
    """The longest time between two questions to one that does not."""
    spread: float = 0.1
    """By which share of itself each time is varied, so that kernels which began together do not ask together."""

    def wait_s(self, failures: int, chance: float) -> float:
        """Return the time until the next question, after so many in a row without an answer; ``chance`` is 0 to 1."""
        doubled_s = min(self.every_s * 2.0 ** min(failures, 30), max(self.longest_s, self.every_s))
        return doubled_s * (1 + self.spread * (2 * chance - 1))


class Poller:
    """Asks each of several others in turn, on an event loop in a thread of its own."""

    def __init__(
        self,
        asked: Mapping[str, Ask],
        on_answer: Callable[[], None],
        *,
        rng: random.Random,
        timing: PollTiming | None = None,
    ) -> None:
        """Set up.

        Args:
            asked: Name -> how to ask.
            on_answer: Is called after each question, in the poller's thread.
            rng: Varies the times.
            timing: How often; None for the usual.
        """
        self._asked = dict(asked)
        self._on_answer = on_answer
        self._rng = rng
        self._timing = timing or PollTiming()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], object] | None = None
        self._stopped = False

    def start(self) -> None:
        """Begin in the background; the first questions are asked at once. Without anybody to ask no thread begins."""
        with self._lock:
            if self._thread is None and self._asked and not self._stopped:
                self._thread = threading.Thread(target=self._run, name="nubem-poller", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End for good, also in the middle of a question."""
        with self._lock:
            self._stopped = True
            if self._stop is not None:
                self._stop()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop, everyone = asyncio.get_running_loop(), asyncio.current_task()
        assert everyone is not None  # noqa: S101  # a coroutine that runs is in a task
        with self._lock:
            if self._stopped:
                return
            self._stop = partial(loop.call_soon_threadsafe, everyone.cancel)
        try:
            await asyncio.gather(*(self._poll(name, ask) for name, ask in self._asked.items()))
        finally:
            with self._lock:
                self._stop = None

    async def _poll(self, name: str, ask: Ask) -> None:
        failures = 0
        while True:
            failures = 0 if await self._answers(name, ask) else failures + 1
            await asyncio.sleep(self._timing.wait_s(failures, self._rng.random()))

    async def _answers(self, name: str, ask: Ask) -> bool:
        try:
            answered = await ask()
            self._on_answer()
        except Exception:  # noqa: BLE001 - what one of them raises keeps nobody from asking the others
            _LOG.exception("'%s' could not be asked for its list", name)
            return False
        return answered
