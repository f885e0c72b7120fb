"""What a program writes beside its answers: its end is kept, however much of it comes."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import TextIO

_MOST_BYTES = 2048
_AT_ONCE_BYTES = 65_536
_LATE_S = 0.5
"""How long to wait for what a program that has ended wrote last."""


class Notes:
    """Takes in what is written to ``file``, in a thread, since a pipe that nobody empties would stop the writer."""

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.file: TextIO = os.fdopen(writing, "w", encoding="utf-8")
        """Where the program writes."""
        self._kept = b""
        self._listener = threading.Thread(target=self._listen, args=(reading,), name="nubem-mcp-notes", daemon=True)
        self._listener.start()

    def last_line(self) -> str:
        """End the taking of notes, and return the last line that is not blank; empty where there is none."""
        self.close()
        self._listener.join(_LATE_S)  # it ends with the last program that has the pipe
        lines = [line.strip() for line in self._kept.decode(errors="replace").splitlines() if line.strip()]
        return lines[-1] if lines else ""

    def close(self) -> None:
        """Write nothing more; may be called twice."""
        self.file.close()

    def _listen(self, reading: int) -> None:
        with os.fdopen(reading, "rb", buffering=0) as source:
            while heard := source.read(_AT_ONCE_BYTES):
                self._kept = (self._kept + heard)[-_MOST_BYTES:]


@contextlib.contextmanager
def taken_notes() -> Iterator[Notes]:
    """Take notes for as long as a program runs; what is not asked for is lost."""
    notes = Notes()
    try:
        yield notes
    finally:
        notes.close()
