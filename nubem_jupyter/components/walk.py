"""Everything below a folder, hidden entries and links left out, and patterns that choose among it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from nubem_jupyter.components.stop import Stop


class Entry(NamedTuple):
    """One file or folder."""

    path: str
    """From the folder that was walked on, with slashes."""
    is_folder: bool
    """Whether it is a folder."""
    stat: os.stat_result
    """Its size and times."""


def walk(folder: Path, stop: Stop, *, deep: bool = True) -> Iterator[Entry]:
    """Yield what is in the folder and, where ``deep``, in those below, sorted; what cannot be read is left out.

    Links are not followed, so the walk ends and never leaves the folder.
    """
    waiting = [("", folder)]
    while waiting:
        prefix, here = waiting.pop()
        below = []
        for entry in stop.each(_sorted(here)):
            found = _entry(prefix, entry)
            if found is None:
                continue
            yield found
            if deep and found.is_folder:
                below.append((found.path + "/", Path(entry.path)))
        waiting += reversed(below)


class Pattern:
    """Which paths are wanted: ``*``, ``?`` and ``[abc]`` stand for letters of one name, ``**`` for any folders."""

    def __init__(self, pattern: str) -> None:
        self._names = tuple(pattern.split("/"))

    def matches(self, path: str) -> bool:
        """Tell whether a path is one; in time that grows with its length, however many ``**`` there are."""
        places = self._from(0)
        for name in path.split("/"):
            places = set().union(*(self._after(place, name) for place in places))
        return len(self._names) in places

    def _after(self, place: int, name: str) -> set[int]:
        """Return where in the pattern one can stand once a name was read at a place of it."""
        if place == len(self._names):
            return set()
        if self._names[place] == "**":
            return self._from(place)
        return self._from(place + 1) if fnmatchcase(name, self._names[place]) else set()

    def _from(self, place: int) -> set[int]:
        """Return a place and those behind it that may be reached over ``**``, which may stand for nothing."""
        places = {place}
        while place < len(self._names) and self._names[place] == "**":
            place += 1
            places.add(place)
        return places


def _sorted(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _entry(prefix: str, entry: os.DirEntry[str]) -> Entry | None:
    if entry.name.startswith(".") or entry.is_symlink():
        return None
    try:
        return Entry(prefix + entry.name, entry.is_dir(follow_symlinks=False), entry.stat(follow_symlinks=False))
    except OSError:  # gone since
        return None
