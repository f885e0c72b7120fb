"""Everything below a folder, hidden entries and links left out, and patterns that choose among it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nubem_jupyter.components.stop import Stop
from nubem_jupyter.errors import UsageError

_WORDS = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_MOST_WILDCARDS = 8
_PIECES = re.compile(r"\*\*/|\*\*|\*|\?")


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


def pattern_of(pattern: str) -> re.Pattern[str]:
    """Compile a pattern: ``*`` and ``?`` stand for letters of one name, ``**`` for folders too.

    Raises:
        UsageError: it has more than 8 of them.
    """
    if len(_PIECES.findall(pattern)) > _MOST_WILDCARDS:  # each may multiply the time that a match takes
        raise UsageError(f"the pattern has more than {_MOST_WILDCARDS} wildcards", hint="write one such as **/*.md")
    parts = _PIECES.split(pattern)
    pieces = [_WORDS[word] for word in _PIECES.findall(pattern)]
    return re.compile("".join(re.escape(part) + piece for part, piece in zip(parts, [*pieces, ""], strict=True)))


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
