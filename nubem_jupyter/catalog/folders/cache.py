"""What was read of component files, kept from one kernel to the next."""

from __future__ import annotations

from pathlib import Path

import msgspec

from nubem_jupyter.catalog.folders.tree import Signature
from nubem_jupyter.catalog.kept import Kept
from nubem_jupyter.core.component import ComponentInfo, Trouble

_FORM = 2
"""Rises whenever the same source would be read otherwise, or what was read is kept otherwise."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
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


def kept_entries(path: Path) -> Kept[tuple[Entry, ...]]:
    """Return where what was read is kept."""
    return Kept(path, tuple[Entry, ...], _FORM)
