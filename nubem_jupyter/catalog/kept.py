"""A part of the catalog that outlives the kernel: one file, whole or as good as none."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")

_ENCODER = msgspec.msgpack.Encoder()


class _Document(msgspec.Struct, frozen=True, array_like=True):
    format: int
    value: msgspec.Raw


class Kept(Generic[T]):
    """One value in one file. A file that is damaged, or of another format, holds nothing."""

    def __init__(self, path: Path, kind: Any, form: int) -> None:
        """Name the file.

        Args:
            path: Where it is.
            kind: The value's type, as msgspec reads it.
            form: Rises whenever the same thing would be written otherwise, or means something else.
        """
        self.path = path
        self._form = form
        self._document = msgspec.msgpack.Decoder(_Document)
        self._value: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kind)

    def load(self) -> T | None:
        """Read it; None where there is none."""
        try:
            document = self._document.decode(self.path.read_bytes())
            return self._value.decode(document.value) if document.format == self._form else None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def save(self, value: T) -> None:
        """Put another in its place; a disk that is full or read-only keeps what it has.

        So it does where the value cannot be written, as what other people's servers and files tell may be: a number
        too large, half a character, lists within lists.

        The file is whole or the old one, except where power fails: then it is damaged, and as good as none.
        """
        part = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.part")
        with contextlib.suppress(OSError, UnicodeEncodeError, OverflowError, RecursionError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                part.write_bytes(_ENCODER.encode((self._form, value)))
                os.replace(part, self.path)
            finally:
                part.unlink(missing_ok=True)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other thread and process that asks for the same from going on meanwhile.

        Where nothing can be locked, nobody is kept: what cannot be written is not worth the wait.
        """
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                file = stack.enter_context(self.path.with_name(f".{self.path.name}.lock").open("wb"))
                fcntl.flock(file, fcntl.LOCK_EX)
            yield
