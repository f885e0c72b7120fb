"""What was read of component files, kept from one kernel to the next; a file that is damaged is as good as none."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import msgspec

from nubem_jupyter.catalog.folders.tree import Signature
from nubem_jupyter.core.component import ComponentInfo, Trouble

_FORMAT = 1
"""Rises whenever the same source would be read otherwise, or what was read is kept otherwise."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One file as it was last read."""

    path: str
    """Where it is."""
    vendor: str
    """By what name it was read."""
    signature: Signature
    """What it was."""
    components: tuple[ComponentInfo, ...]
    """What it offers; of a broken file that of its last good version."""
    troubles: tuple[Trouble, ...] = ()
    """What is wrong with it."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    format: int
    entries: tuple[Entry, ...]


_DECODER = msgspec.msgpack.Decoder(_Kept)
_ENCODER = msgspec.msgpack.Encoder()


def load_entries(path: Path) -> tuple[Entry, ...]:
    """Read what was kept; nothing where there is no such file, where it is damaged, or of another format."""
    try:
        kept = _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ()
    return kept.entries if kept.format == _FORMAT else ()


def save_entries(path: Path, entries: Iterable[Entry]) -> None:
    """Replace what is kept; a disk that is full or read-only keeps what it has, and the next kernel reads more files.

    The file is whole or the old one, except where power fails: then it is damaged, and as good as none.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(_ENCODER.encode(_Kept(_FORMAT, tuple(entries))))
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
