"""The component files below a folder, each with what tells whether it has changed; no file is opened here."""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from nubem_jupyter.core.component import Trouble

SUFFIX = ".py"
_PACKAGE = "__init__.py"
_FOREIGN = frozenset({"node_modules", "site-packages"})
"""Folders of other people's packages; projects of other kinds have a folder ``components`` too."""

Signature = tuple[int, int, int]
"""Time of the last change in nanoseconds, size in bytes, inode: another content has another one."""


class Found(NamedTuple):
    """One file as the file system lists it."""

    path: str
    """Where it is."""
    vendor: str
    """The names of the folders below the root and of the file, with dots between them."""
    signature: Signature
    """What it was when it was listed."""


class _Folder(NamedTuple):
    path: str
    vendor: str
    """What stands before the names of its files, with a dot at its end; empty in the root."""


def signature_of(status: os.stat_result) -> Signature:
    """Return what tells one state of a file from another."""
    return status.st_mtime_ns, status.st_size, status.st_ino


def walk(root: str) -> Iterator[Found | Trouble]:
    """Yield each file that may hold components, and what stands in the way; a root that is not there is empty.

    Names that begin with a dot or an underscore are passed over. Folders behind links are looked at last, and each
    folder once, so that loops end.
    """
    if not os.path.lexists(root):
        return
    seen: set[tuple[int, int]] = set()
    real, linked = deque([_Folder(root, "")]), deque[_Folder]()
    while real or linked:
        folder = real.popleft() if real else linked.popleft()
        try:
            status = os.stat(folder.path)
            place = (status.st_dev, status.st_ino)
            if place in seen:
                yield Trouble(
                    where=printable(folder.path),
                    message="the link leads to a folder that was read already, perhaps in a loop",
                    hint="take the link away",
                )
                continue
            seen.add(place)
            yield from _files(folder, real, linked)
        except OSError as error:
            yield cannot_read(folder.path, error)


def cannot_read(path: str, error: OSError) -> Trouble:
    """Say why the system does not let a file or folder be read."""
    return Trouble(
        where=printable(path),
        message=f"it cannot be read: {error.strerror or error}",
        hint="check that it is there and that you may read it, or take it away",
    )


def printable(path: str) -> str:
    """Return a path that any text can hold; bytes that are no UTF-8 are written as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _files(folder: _Folder, real: deque[_Folder], linked: deque[_Folder]) -> Iterator[Found | Trouble]:
    """Yield a folder's files; put its folders where they wait for their turn."""
    with os.scandir(folder.path) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        if (entry.name[0] in "._" and entry.name != _PACKAGE) or entry.name in _FOREIGN:
            continue
        try:
            if entry.is_dir():
                below = _Folder(entry.path, f"{folder.vendor}{entry.name}.")
                (linked if entry.is_symlink() else real).append(below)
            elif entry.name.endswith(SUFFIX):
                yield _found(entry, folder)
        except FileNotFoundError as error:
            if entry.is_symlink():  # any other is gone since it was listed, and that is no trouble
                yield cannot_read(entry.path, error)
        except OSError as error:
            yield cannot_read(entry.path, error)


def _found(entry: os.DirEntry[str], folder: _Folder) -> Found | Trouble:
    status = entry.stat()
    shown = printable(entry.path)
    if shown != entry.path:
        return Trouble(where=shown, message="its name is not UTF-8", hint="rename the file")
    if not stat.S_ISREG(status.st_mode):
        return Trouble(where=shown, message="it is no file but a pipe, socket or device", hint="take it away")
    vendor = folder.vendor[:-1] if entry.name == _PACKAGE else folder.vendor + entry.name[: -len(SUFFIX)]
    return Found(entry.path, vendor, signature_of(status))
