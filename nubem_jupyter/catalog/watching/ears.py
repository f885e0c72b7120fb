"""The file system's own events about folders that may come and go; a tap on the shoulder, and no more than that."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.catalog.folders.tree import SUFFIX
from nubem_jupyter.catalog.watching.mounts import is_silent

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers.api import BaseObserver

_SILENCE = logging.NullHandler()

_Identity = tuple[int, int] | None
"""Device and inode of a folder; None where there is none."""


class Ears:
    """Listens to folders, and to their parents for folders that are made or moved there later; and to single files."""

    def __init__(self, folders: Sequence[str], on_event: Callable[[], None], files: Sequence[str] = ()) -> None:
        self._folders = tuple(folders)
        self._files = tuple(files)
        self._on_event = on_event
        self._observer: BaseObserver | None = None
        self._heard: tuple[_Identity, ...] = ()
        self.deaf = False
        """Whether some change may come without an event."""

    def listen(self) -> None:
        """Begin to listen, or begin again where a folder has come, gone or been replaced since."""
        # Of a file its folder: an editor puts another file in its place, and that is heard there.
        present = tuple(map(_identity, (*self._folders, *map(os.path.dirname, self._files))))
        if present == self._heard and self._as_begun():
            return
        self.close()
        self._heard = present
        self.deaf = any(map(is_silent, (*self._folders, *self._files)))
        try:
            self._open()
        except (OSError, ImportError, RuntimeError):  # the system's limit of watches is reached, or it has none
            self.deaf = True
            self.close()

    def close(self) -> None:
        """Stop listening; no thread is left."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            if observer.is_alive():
                observer.join()

    def _as_begun(self) -> bool:
        """Tell whether all still listens; that ends with a folder, though another one may take its inode.

        What could not be begun is not tried again at each look: to be refused, the system walks through all folders.
        """
        return self._observer is None or all(emitter.is_alive() for emitter in self._observer.emitters)

    def _open(self) -> None:
        from watchdog.observers import Observer  # imported late: only a watcher's own thread needs it
        from watchdog.observers.polling import PollingObserver

        _hush()
        observer = Observer()
        if isinstance(observer, PollingObserver):  # it compares listings too, and ours knows what matters
            self.deaf = True
            return
        self._observer = observer
        observer.start()
        for folder, present in zip(self._folders, self._heard, strict=False):  # the files' folders come after
            # The system tells real paths, and watches no link.
            if present is not None:
                self._schedule(observer, os.path.realpath(folder), only=None)
            self._schedule_in_parent(observer, folder)
        for file in self._files:
            self._schedule_in_parent(observer, file)

    def _schedule_in_parent(self, observer: BaseObserver, path: str) -> None:
        parent = os.path.realpath(os.path.dirname(os.path.abspath(path)))
        if _identity(parent) is not None:
            self._schedule(observer, parent, only=os.path.join(parent, os.path.basename(path)))

    def _schedule(self, observer: BaseObserver, path: str, only: str | None) -> None:
        from watchdog import events

        wanted: list[type[FileSystemEvent]] = [
            events.FileCreatedEvent, events.FileModifiedEvent, events.FileDeletedEvent, events.FileMovedEvent,
            events.DirCreatedEvent, events.DirDeletedEvent, events.DirMovedEvent,
        ]  # fmt: skip
        # Not asked for: that a file was opened or read, since looking at the files does that.
        handler = _handler(self._on_event, only)
        observer.schedule(handler, path, recursive=only is None, event_filter=wanted)


def _hush() -> None:
    """Keep watchdog's words about its own work off a notebook's pages; what it misses, the next look finds."""
    logging.getLogger("watchdog").addHandler(_SILENCE)  # else Python writes what nobody handles to the error stream
    warnings.filterwarnings("ignore", message="Callback with id", category=RuntimeWarning, module="watchdog")


def _handler(on_event: Callable[[], None], only: str | None) -> FileSystemEventHandler:
    """Make what watchdog calls; ``only`` is the one path that matters, None takes sources and folders."""
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        """Passes on what may concern components."""

        def on_any_event(self, event: FileSystemEvent) -> None:
            """Pass an event on, without what it says: the look that follows finds out."""
            paths = (os.fsdecode(event.src_path), os.fsdecode(event.dest_path or ""))
            if only is None:
                matters = event.is_directory or any(path.endswith(SUFFIX) for path in paths)
            else:
                matters = only in paths
            if matters:
                on_event()

    return Handler()


def _identity(path: str) -> _Identity:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
