"""Where text goes: results to the output, everything else to the error stream."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple, TextIO

import msgspec

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Terminal(NamedTuple):
    """The two streams of a program."""

    out: TextIO
    """Takes results, which another program may read."""
    err: TextIO
    """Takes progress, notes and errors."""
    width: int = 80
    """Columns."""

    @property
    def shows_all(self) -> bool:
        """Whether one person reads both streams, so that a text written to one need not come on the other."""
        return self.out.isatty() and self.err.isatty()

    def show(self, text: str) -> None:
        """Write a result."""
        _write(self.out, text if text.endswith("\n") else text + "\n")

    def show_json(self, value: Any) -> None:
        """Write a value as indented JSON."""
        plain = msgspec.to_builtins(value)
        self.show(json.dumps(plain, indent=2, ensure_ascii=False))

    def note(self, text: str) -> None:
        """Write a line beside the result."""
        _write(self.err, text.rstrip(" ") + "\n")

    def stream(self, text: str) -> None:
        """Write a piece of text beside the result at once."""
        _write(self.err, text)

    def redraw(self, line: str) -> None:
        """Write a line over the current one; only for a real terminal."""
        self.err.write("\r" + line)
        self.err.flush()


def _write(stream: TextIO, text: str) -> None:
    # A model's text could move the cursor or rename the window; files and pipes get it unchanged.
    safe = _CONTROL.sub("", text) if stream.isatty() else text
    encoding = stream.encoding or "utf-8"
    stream.write(safe.encode(encoding, "replace").decode(encoding))
    stream.flush()
