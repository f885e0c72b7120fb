"""Folders of component files as a part of the catalog; only what has changed since the last look is read."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from nubem_jupyter.catalog.folders.cache import Entry, kept_entries
from nubem_jupyter.catalog.folders.content import UNSETTLED, read_content
from nubem_jupyter.catalog.folders.tree import Found, cannot_read, walk
from nubem_jupyter.catalog.snapshot import Snapshot, unique
from nubem_jupyter.catalog.source import Place, Reading, read_components
from nubem_jupyter.core.component import ComponentInfo, Trouble

LAST_GOOD = "; its last good version stays"
"""Ends the trouble of a file that keeps what it offered before it broke."""


def cache_file(home: Path, folders: Iterable[Path]) -> Path:
    """Return where what was read of these folders is kept, so that workspaces do not take each other's place."""
    names = "\n".join(str(folder) for folder in folders)
    return home / "catalog" / f"components-{hashlib.sha256(names.encode(errors='replace')).hexdigest()[:16]}.cache"


class ComponentFolders:
    """Reads component files without running them; the earlier folder has the word where a name is taken twice.

    A file that is broken keeps what its last good version offered, and has its trouble. It may be asked from any
    thread; one look is made at a time.
    """

    def __init__(self, folders: Sequence[Path], cache: Path | None = None) -> None:
        self._folders = tuple(str(folder) for folder in folders)
        self._cache = kept_entries(cache) if cache else None
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] | None = None
        self._barred: tuple[Trouble, ...] = ()
        self._snapshot: Snapshot | None = None

    def remembered(self) -> Snapshot:
        """Return what was there at the last look, of this kernel or an earlier one; no folder is looked at."""
        with self._lock:
            if self._snapshot is None:
                self._snapshot = _compiled(self._known().values(), ())
            return self._snapshot

    @property
    def kept_bytes(self) -> int:
        """Size of what an earlier look has left: tells how long the first of this kernel takes, and is not read."""
        try:
            return self._cache.path.stat().st_size if self._cache else 0
        except OSError:
            return 0

    def scan(self) -> Snapshot:
        """Look at the folders; the very same value is returned as long as nothing has changed."""
        with self._lock:
            old = self._known()
            listed = [found for folder in self._folders for found in walk(folder)]
            entries = (_entry(found, old.get(found.path)) for found in listed if isinstance(found, Found))
            new = {entry.path: entry for entry in entries if entry is not None}
            barred = tuple(found for found in listed if isinstance(found, Trouble))
            if self._snapshot is None or barred != self._barred or not _same(old, new):
                self._snapshot = _compiled(new.values(), barred)
            if self._cache is not None and new != old:
                self._cache.save(tuple(new.values()))
            self._entries, self._barred = new, barred
            return self._snapshot

    def _known(self) -> dict[str, Entry]:
        if self._entries is None:
            kept = self._cache.load() if self._cache else None
            self._entries = {entry.path: entry for entry in kept or ()}
        return self._entries


def _entry(found: Found, last: Entry | None) -> Entry | None:
    """Return a file as it is now; None where it is gone since it was listed."""
    if last is not None and last.vendor != found.vendor:
        last = None
    if last is not None and last.signature == found.signature:
        return last
    try:
        return _read(found, last)
    except FileNotFoundError:
        return None


def _read(found: Found, last: Entry | None) -> Entry:
    """Read a file that is new or has changed.

    Raises:
        FileNotFoundError: it is gone.
    """
    signature = UNSETTLED
    try:
        source, signature = read_content(found.path, found.signature)
        reading = read_components(source, Place(found.path, found.vendor))
    except FileNotFoundError:
        raise
    except OSError as error:
        reading = Reading(troubles=(cannot_read(found.path, error),), broken=True)
    if reading.broken and last is not None and last.components:
        reading = Reading(last.components, tuple(map(_with_last_good, reading.troubles)))
    read = Entry(
        path=found.path,
        vendor=found.vendor,
        signature=signature,
        components=reading.components,
        troubles=reading.troubles,
    )
    # What reads the same stays the same value, so that comparing ten thousand of them costs nothing.
    same = last is not None and (last.components, last.troubles) == (read.components, read.troubles)
    return msgspec.structs.replace(read, components=last.components) if same and last is not None else read


def _with_last_good(trouble: Trouble) -> Trouble:
    return msgspec.structs.replace(trouble, message=trouble.message + LAST_GOOD)


def _same(old: dict[str, Entry], new: dict[str, Entry]) -> bool:
    """Tell whether two looks found the same, in the same order."""
    return len(old) == len(new) and all(
        one is other or (one.components, one.troubles) == (other.components, other.troubles)
        for one, other in zip(old.values(), new.values(), strict=True)
    )


def _compiled(entries: Iterable[Entry], barred: tuple[Trouble, ...]) -> Snapshot:
    components: list[ComponentInfo] = []
    troubles: list[Trouble] = []
    for entry in entries:
        components += entry.components
        troubles += entry.troubles
    kept, doubles = unique(components)
    return Snapshot(components=kept, troubles=(*barred, *troubles, *doubles))
