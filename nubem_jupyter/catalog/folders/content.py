"""Opening a component file: it never waits for a pipe, and reads no more than the limit."""

from __future__ import annotations

import os
import stat
import time
from typing import NamedTuple

from nubem_jupyter.catalog.folders.tree import Signature, signature_of
from nubem_jupyter.catalog.source import LIMIT_BYTES

_TICK_NS = 100_000_000
"""Two changes within one tick of a file system's clock may leave the same time behind; this is longer than a tick."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""What a pipe needs so that opening it does not wait, and Windows so that bytes stay what they are."""

UNSETTLED: Signature = (0, 0, 0)
"""What no file has, so that the next look at the file reads it again."""


class Content(NamedTuple):
    """What a file held."""

    source: bytes
    """Its bytes, at most one more than the limit."""
    signature: Signature
    """What the file was listed as; ``UNSETTLED`` if it was written since, or may be without a trace."""


def read_content(path: str, listed: Signature) -> Content:
    """Read a file that was listed as this.

    Raises:
        OSError: it cannot be read, or it is no file any more.
    """
    descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is no file but a pipe, socket or device")
        source = _all(file.fileno())
        after = signature_of(os.fstat(descriptor))
    # A listing holds no inode on Windows, so the inode is not compared with one of another source.
    settled = after[:2] == listed[:2] and time.time_ns() - after[0] > _TICK_NS
    return Content(source, listed if settled else UNSETTLED)


def _all(descriptor: int) -> bytes:
    """Read to the end or one byte beyond the limit; most files are there with one call and one that finds the end."""
    parts: list[bytes] = []
    left = LIMIT_BYTES + 1
    while left > 0 and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
