"""What has changed in the catalog lately, and when; it outlives the kernel."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

import msgspec

from nubem_jupyter.catalog.difference import Difference
from nubem_jupyter.catalog.kept import Kept

_FORM = 1
_MOST_CHANGES = 50
_MOST_ENTRIES = 20_000
"""What is kept of all changes together; a new version of a table of prices may change thousands of entries."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """One difference, and when it was found."""

    at: str
    """ISO time, UTC."""
    difference: Difference
    """What it was."""


class History:
    """The newest changes."""

    def __init__(self, path: Path) -> None:
        self._kept: Kept[tuple[Changed, ...]] = Kept(path, tuple[Changed, ...], _FORM)

    def newest(self) -> tuple[Changed, ...]:
        """Return the changes, newest first."""
        return self._kept.load() or ()

    def add(self, changed: Changed) -> None:
        """Put one before the others; what is too much goes, oldest first.

        Kernels share the file, so it is read each time; what another kernel found as well is put down once.
        """
        with self._kept.alone():
            self._add(changed)

    def _add(self, changed: Changed) -> None:
        others = self.newest()
        if others and others[0].difference == changed.difference:
            return
        known = (changed, *others)[:_MOST_CHANGES]
        sizes = accumulate(_size(one.difference) for one in known)
        self._kept.save(
            tuple(one for one, size in zip(known, sizes, strict=True) if size <= _MOST_ENTRIES or one is changed)
        )


def _size(found: Difference) -> int:
    return len(found.added) + len(found.removed) + len(found.changed) + len(found.troubles) + len(found.mended)
