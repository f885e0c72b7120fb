"""A discrete-event world for tests of policies: time jumps from event to event, so nothing sleeps and all repeats."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable
from functools import partial

DEPENDENCIES: dict[str, tuple[str, ...]] = {
    "plan": (),
    "classify": (),
    "extract": (),
    "s1": ("plan",),
    "s2": ("plan",),
    "s3": ("plan", "extract"),
    "s4": ("plan",),
    "safety": ("classify",),
    "draft": ("s1", "s2", "extract"),
    "table": ("s3", "s4"),
    "critique": ("safety", "s2"),
    "final": ("draft", "table", "critique"),
}
"""Twelve calls in four levels."""


class World:
    """Events in the order of their times."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._events = []
        self._numbers = itertools.count()

    def after(self, wait_s: float, then: Callable[..., None], *args: object) -> None:
        heapq.heappush(self._events, (self.now_s + wait_s, next(self._numbers), then, args))

    def run(self, until_s: float = math.inf) -> None:
        while self._events and self._events[0][0] <= until_s:
            self.now_s, _, then, args = heapq.heappop(self._events)
            then(*args)


def start_flow(call: Callable[[Callable[[], None]], None], ended: Callable[[], None] = lambda: None) -> None:
    """Run the twelve calls by ``call(done)``, each as soon as those it depends on are done."""
    left = {name: len(needed) for name, needed in DEPENDENCIES.items()}

    def finish(name: str) -> None:
        if name == "final":
            ended()
        for reader, needed in DEPENDENCIES.items():
            if name in needed:
                left[reader] -= 1
                if left[reader] == 0:
                    call(partial(finish, reader))

    for name, needed in DEPENDENCIES.items():
        if not needed:
            call(partial(finish, name))
