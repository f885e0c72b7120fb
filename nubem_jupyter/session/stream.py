"""Events on their way to readers: a slow reader never slows the run, and what waits for it stays small."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator

from nubem_jupyter.core.event import Event, Tokens
from nubem_jupyter.core.ids import NodePath


class _Text:
    """Text of one node that nobody has read yet; more of it is added here and not to the queue."""

    __slots__ = ("first", "pieces")

    def __init__(self, first: Tokens) -> None:
        self.first = first
        self.pieces = [first.text]

    def event(self) -> Tokens:
        first = self.first
        return Tokens(run=first.run, at_s=first.at_s, node=first.node, text="".join(self.pieces))


class EventQueue:
    """One reader's events. Unread text of a node waits as one event, so the queue grows with nodes, not tokens."""

    def __init__(self) -> None:
        self._waiting: deque[Event | _Text] = deque()
        self._texts: dict[NodePath, _Text] = {}
        self._wake = asyncio.Event()
        self._closed = False

    def push(self, event: Event) -> None:
        """Add an event; never waits."""
        if isinstance(event, Tokens):
            text = self._texts.get(event.node)
            if text is not None:
                text.pieces.append(event.text)
                return
            text = self._texts[event.node] = _Text(event)
            self._waiting.append(text)
        else:
            self._texts.pop(getattr(event, "node", NodePath("")), None)
            self._waiting.append(event)
        self._wake.set()

    def close(self) -> None:
        """Say that no event follows."""
        self._closed = True
        self._wake.set()

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

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield events as they come, until the end."""
        while True:
            for event in self.drain():
                yield event
            if self._closed and not self._waiting:
                return
            self._wake.clear()
            await self._wake.wait()


class EventStream:
    """All events of one run, kept from the first on, for any number of readers on the run's event loop."""

    def __init__(self) -> None:
        self._log = EventQueue()
        self._past: list[Event] = []
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
        self._past.extend(self._log.drain())
        return tuple(self._past)

    def reader(self) -> EventQueue:
        """Return a new reader that begins with the first event."""
        queue = EventQueue()
        for event in self.log():
            queue.push(event)
        if self._closed:
            queue.close()
        self._readers.append(queue)
        return queue
