"""Lends out a model's lanes: starts the child for the first call, ends it when nobody has called for a while."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager

from nubem_jupyter.errors import ModelUnavailableError, ProviderError
from nubem_jupyter.providers.local.child import Child, ChildPlan, Lane

_END_S = 10.0


class Lanes:
    """The lanes of one model.

    Calls may come from any event loop of any thread: what they wait on is a thread-safe future, and the state is
    changed under a lock that is never held for long.
    """

    def __init__(self, plan: ChildPlan, idle_unload_s: float) -> None:
        self._plan = plan
        self._idle_unload_s = idle_unload_s
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._lanes: set[Lane] = set()
        self._free: deque[Lane] = deque()
        self._waiting: deque[Future[Lane]] = deque()
        self._rest: threading.Timer | None = None

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Lane]:
        """Wait for a lane and have it alone; cancelling gives up the place in the queue.

        Raises:
            ModelUnavailableError: the child could not start.
        """
        ticket = self._ask()
        try:
            lane = await asyncio.wrap_future(ticket)
        except asyncio.CancelledError:
            self._withdraw(ticket)
            raise
        try:
            yield lane
        finally:
            self._give_back(lane)

    async def aclose(self) -> None:
        """End the child, with the calls that wait for it; a later call starts another."""
        with self._lock:
            child = self._drop(ModelUnavailableError("the local models were closed", hint="open a new session"))
        if child is None:
            return
        try:
            await asyncio.to_thread(child.join, _END_S)
        except RuntimeError:
            # The interpreter is ending and starts no thread any more; nothing else waits for this loop then.
            child.join(_END_S)

    def _ask(self) -> Future[Lane]:
        ticket: Future[Lane] = Future()
        with self._lock:
            self._stay_awake()
            self._waiting.append(ticket)
            if self._child is None:
                child = Child(self._plan, self._on_lane, self._on_end)
                child.start()
                self._child = child
            self._hand_out()
        return ticket

    def _withdraw(self, ticket: Future[Lane]) -> None:
        if ticket.cancel():
            with self._lock:
                self._hand_out()
        elif ticket.exception() is None:
            # It was served in the very moment that its caller gave up.
            self._give_back(ticket.result())

    def _give_back(self, lane: Lane) -> None:
        with self._lock:
            # A lane of a child that has ended is of no more use.
            if lane in self._lanes:
                self._free.append(lane)
            self._hand_out()

    def _on_lane(self, child: Child, lane: Lane) -> None:
        with self._lock:
            if child is self._child:
                self._lanes.add(lane)
                self._free.append(lane)
                self._hand_out()

    def _on_end(self, child: Child, error: ProviderError) -> None:
        with self._lock:
            if child is self._child:
                self._drop(error)

    def _unload(self) -> None:
        with self._lock:
            # A timer that a call has replaced meanwhile must not unload what that call used.
            if threading.current_thread() is self._rest:
                self._drop(ModelUnavailableError("the local model was unloaded"))

    def _hand_out(self) -> None:
        while self._waiting and (self._free or self._waiting[0].cancelled()):
            ticket = self._waiting.popleft()
            if ticket.set_running_or_notify_cancel():
                ticket.set_result(self._free.popleft())
        if self._idle():
            self._grow_tired()

    def _idle(self) -> bool:
        return self._child is not None and not self._waiting and len(self._free) == len(self._lanes) > 0

    def _grow_tired(self) -> None:
        self._stay_awake()
        self._rest = threading.Timer(self._idle_unload_s, self._unload)
        self._rest.daemon = True
        self._rest.start()

    def _stay_awake(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def _drop(self, error: ProviderError) -> Child | None:
        child, self._child = self._child, None
        self._stay_awake()
        self._lanes.clear()
        self._free.clear()
        while self._waiting:
            ticket = self._waiting.popleft()
            if ticket.set_running_or_notify_cancel():
                ticket.set_exception(error)
        if child is not None:
            child.kill()
        return child
