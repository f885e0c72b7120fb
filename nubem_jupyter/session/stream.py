"""Events on their way to readers: a slow reader never slows the run, and what waits for it stays small."""

from __future__ import annotations

import asyncio
import io
from collections import deque
from collections.abc import AsyncIterator, Iterator

from nubem_jupyter.core.event import Event, Tokens
from nubem_jupyter.core.ids import NodePath

MOST_WAITING = 20_000
"""Events kept for one reader, or for the log; beyond it those of the steps inside maps are left out: a map tells how
far it has come by itself, and each of its items is on record."""


class _Text:
    """Text of one node that nobody has read yet; more of it is added here and not to the queue."""

    __slots__ = ("first", "written")

    def __init__(self, first: Tokens) -> None:
        self.first = first
        # Pieces are small and many: a million of them in a list would take far more memory than what they say.
        self.written = io.StringIO()
        self.written.write(first.text)

    def event(self) -> Tokens:
        first = self.first
        return Tokens(run=first.run, at_s=first.at_s, node=first.node, text=self.written.getvalue())


class EventQueue:
    """One reader's events. Unread text of a node waits as one event, so the queue grows with nodes, not tokens."""

    def __init__(self) -> None:
        self._waiting: deque[Event | _Text] = deque()
        self._texts: dict[NodePath, _Text] = {}
        self._has_text = False
        self._reader: asyncio.Event | None = None
        self._closed = False

    def push(self, event: Event) -> None:
        """Add an event; never waits."""
        if type(event) is Tokens:
            text = self._texts.get(event.node)
            if text is not None:
                text.written.write(event.text)
            elif len(self._waiting) < MOST_WAITING or not _of_an_item(event):
                text = self._texts[event.node] = _Text(event)
                self._has_text = True
                self._waiting.append(text)
        else:
            if self._texts:
                self._texts.pop(getattr(event, "node", NodePath("")), None)
            if len(self._waiting) < MOST_WAITING or not _of_an_item(event):
                self._waiting.append(event)
        if self._reader is not None:
            self._reader.set()

    def close(self) -> None:
        """Say that no event follows."""
        self._closed = True
        if self._reader is not None:
            self._reader.set()

    def drain(self) -> Iterator[Event]:
        """Yield what waits, without waiting."""
        while self._waiting:
            item = self._waiting.popleft()
            if isinstance(item, _Text):
                if self._texts.get(item.first.node) is item:
                    del self._texts[item.first.node]
                yield item.event()
            else:
                yield item

    def waiting(self) -> tuple[Event, ...]:
        """Return what waits, and leave it waiting."""
        if not self._has_text:
            return tuple(self._waiting)  # type: ignore[arg-type]  # nothing but events
        return tuple(item.event() if type(item) is _Text else item for item in self._waiting)  # type: ignore[misc]

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield events as they come, until the end."""
        wake = self._reader = asyncio.Event()
        while True:
            for event in self.drain():
                yield event
            if self._closed and not self._waiting:
                return
            wake.clear()
            await wake.wait()


class EventStream:
    """All events of one run, kept from the first on, for any number of readers on the run's event loop."""

    def __init__(self) -> None:
        self._log = EventQueue()
        self._readers: list[EventQueue] = []
        self._closed = False

    def push(self, event: Event) -> None:
        """Tell every reader."""
        self._log.push(event)
        for reader in self._readers:
            reader.push(event)

    def close(self) -> None:
        """End every reader's iteration."""
        self._closed = True
        for reader in self._readers:
            reader.close()

    def log(self) -> tuple[Event, ...]:
        """Return all events so far, each node's unbroken text as one."""
        return self._log.waiting()

    def reader(self) -> EventQueue:
        """Return a new reader that begins with the first event."""
        queue = EventQueue()
        for event in self.log():
            queue.push(event)
        if self._closed:
            queue.close()
        self._readers.append(queue)
        return queue


def _of_an_item(event: Event) -> bool:
    """Tell whether it happened at a step inside a map or a loop."""
    return "[" in getattr(event, "node", "")
