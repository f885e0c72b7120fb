"""Keeping an index in step with a folder: only what changed is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from nubem_jupyter.components.decode import decode
from nubem_jupyter.components.files import read_bytes
from nubem_jupyter.components.folders import Folders
from nubem_jupyter.components.retrieval.index import Index, Known
from nubem_jupyter.components.retrieval.pieces import pieces
from nubem_jupyter.components.stop import Stop
from nubem_jupyter.components.walk import Entry, walk
from nubem_jupyter.errors import NodeError, UsageError

_MOST_FILES = 20_000
_MOST_BYTES = 2 << 20


def bring_up_to_date(index: Index, folder: Path, folders: Folders, stop: Stop) -> None:
    """Read new and changed text files of at most 2 MiB, forget those that are gone.

    Raises:
        NodeError: the folder has more than 20,000 files.
    """
    known = index.known()
    changed: dict[str, Known] = {}
    seen: set[str] = set()
    for entry in _files(folder, stop):
        seen.add(entry.path)
        stamp = f"{entry.stat.st_mtime_ns}:{entry.stat.st_size}:{entry.stat.st_ino}"
        before = known.get(entry.path)
        if before is None or before.stamp != stamp:
            changed[entry.path] = Known(stamp, _taken_in(index, folder / entry.path, folders, stop))
    gone = known.keys() - seen
    if changed or gone:
        index.put_documents(changed, sorted(gone))


def _files(folder: Path, stop: Stop) -> Iterator[Entry]:
    count = 0
    for entry in walk(folder, stop):
        if entry.is_folder or entry.stat.st_size > _MOST_BYTES or not _is_text(entry.path):
            continue
        count += 1
        if count > _MOST_FILES:
            raise NodeError(f"'{folder.name}' has more than {_MOST_FILES:,} files", hint="look in a folder below it")
        yield entry


def _is_text(name: str) -> bool:
    """Tell whether a file's name is text, and no bytes that only its file system understands."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _taken_in(index: Index, path: Path, folders: Folders, stop: Stop) -> str:
    try:
        content = read_bytes(folders, str(path))
    except (NodeError, UsageError):  # gone since, a pipe, or not to be read: as if it were empty
        content = b""
    digest = hashlib.sha256(content).hexdigest()
    if not index.has(digest):
        index.put_pieces(digest, list(stop.each(pieces(_text_of(content, path.name)))))
    return digest


def _text_of(content: bytes, name: str) -> str:
    """Return what a file says, which is nothing where it is binary, or not in the encoding that its mark tells."""
    try:
        return decode(content, name)
    except NodeError:
        return ""
