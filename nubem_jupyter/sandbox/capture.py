"""What comes out of a process, up to a limit."""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Callable, Mapping
from typing import IO

_DRAIN_S = 1.0
"""How long the other streams are read after the last one has closed."""
_READ_BYTES = 64 << 10


class Capture:
    """The first ``limit_bytes`` of a stream; what comes after is counted as too much and let go."""

    def __init__(self, limit_bytes: int) -> None:
        self._left_bytes = limit_bytes
        self._parts: list[bytes] = []
        self.overflowed = False
        """Whether more came than may be kept."""

    def add(self, part: bytes) -> None:
        """Take the next piece."""
        self.overflowed = self.overflowed or len(part) > self._left_bytes
        kept = part[: self._left_bytes]
        self._left_bytes -= len(kept)
        self._parts.append(kept)

    @property
    def content(self) -> bytes:
        """What was kept."""
        return b"".join(self._parts)

    @property
    def text(self) -> str:
        """What was kept, as text; bytes that are no UTF-8 become replacement marks."""
        return self.content.decode("utf-8", "replace")


def drain(
    captures: Mapping[IO[bytes], Capture], last: IO[bytes], within_s: float, too_much: Callable[[], None]
) -> None:
    """Read every stream to its end, or until time is up; call ``too_much`` when one goes over its limit.

    Once ``last`` has closed the others have a second to close too: a process that got away may hold them open.
    """
    until_s = time.monotonic() + within_s
    with selectors.DefaultSelector() as selector:
        for stream, capture in captures.items():
            selector.register(stream, selectors.EVENT_READ, capture)
        while selector.get_map() and (left_s := until_s - time.monotonic()) > 0:
            for key, _ in selector.select(left_s):
                if part := os.read(key.fd, _READ_BYTES):
                    _keep(key.data, part, too_much)
                    continue
                selector.unregister(key.fileobj)
                if key.fileobj is last:
                    until_s = min(until_s, time.monotonic() + _DRAIN_S)


def _keep(capture: Capture, part: bytes, too_much: Callable[[], None]) -> None:
    before = capture.overflowed
    capture.add(part)
    if capture.overflowed and not before:
        too_much()
