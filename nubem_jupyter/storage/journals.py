"""The folder of journals: which runs are under way, which were left by a process that died."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import NodeRun, Run
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage.journal import Journal, read_entries, read_whole
from nubem_jupyter.storage.trouble import explain

T = TypeVar("T")

_END = ".jsonl"
_PART = ".part"


class Journals:
    """Journals by run. One appears in the folder whole and locked, and goes when its run is kept elsewhere.

    A journal that can be locked was left behind. That holds for who has the folder's own lock: nobody then takes up
    or begins another, so two processes that meet the same journal neither lose it nor take it twice.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process and thread from beginning, taking up and clearing away.

        Raises:
            StorageError: the folder cannot be made or written.
        """
        with self._explained():
            try:
                descriptor = self._open_lock()
            except FileNotFoundError:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                descriptor = self._open_lock()
        try:
            with self._explained():
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _open_lock(self) -> int:
        return os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)

    def has(self, run: RunId) -> bool:
        """Tell whether the run has one.

        Raises:
            StorageError: the run's id is no file's name.
        """
        return os.path.lexists(self._path(run))

    def names(self) -> list[RunId]:
        """Return the runs that have one.

        Raises:
            StorageError: the folder cannot be read; so for every method that reads.
        """
        return [RunId(name.removesuffix(_END)) for name in self._files() if name.endswith(_END)]

    def create(self, run: Run, nodes: Iterable[NodeRun] = ()) -> Journal:
        """Begin a run's journal, with nodes that it has already; for who holds ``locked`` and knows that there is none.

        Raises:
            StorageError: it cannot be written, or the run's id is no file's name.
        """
        path = self._path(run.id)
        part = path.with_name(path.name + _PART)
        with self._explained():
            part.unlink(missing_ok=True)
            journal = Journal.lock(part, os.O_CREAT | os.O_EXCL, name=path)
            if journal is None:
                raise StorageError(f"the file {part} is held by another program", hint="close that program")
            try:
                journal.fill(run, nodes)
                part.rename(path)
            except BaseException:
                journal.close()
                part.unlink(missing_ok=True)
                raise
        return journal

    def take(self, run: RunId) -> Journal | None:
        """Open a journal that nobody writes any more, for who holds ``locked``; None where somebody does or it is gone.

        Raises:
            StorageError: it cannot be opened.
        """
        with self._explained():
            try:
                journal = Journal.lock(self._path(run))
            except FileNotFoundError:
                return None
            if journal is None or journal.begun:
                return journal
            with journal:
                journal.remove()
        return None

    def clear(self) -> None:
        """Remove what a process left that died while it began a journal; for who holds ``locked``."""
        with self._explained():
            for name in self._files():
                if name.endswith(_PART):
                    (self._folder / name).unlink(missing_ok=True)

    def load(self, run: RunId) -> Run | None:
        """Return the run as far as its journal goes; None where it has none.

        Raises:
            StorageError: its head is damaged, or it was written by a newer version.
        """
        return self._read(run, read_whole)

    def each(self, read: Callable[[RunId, BinaryIO], T]) -> Iterator[T | RunId]:
        """Yield what ``read`` makes of each journal, and of each that cannot be read its id."""
        for name in self.names():
            try:
                found = self._read(name, read)
            except StorageError:
                yield name
            else:
                if found is not None:
                    yield found

    def answers(self, run: RunId) -> dict[str, Answer]:
        """Return a run's answers by their calls' digests; raises as ``load`` does."""
        return self._read(run, _answers) or {}

    def _read(self, run: RunId, read: Callable[[RunId, BinaryIO], T]) -> T | None:
        if run not in self.names():
            return None
        with self._explained(), contextlib.suppress(FileNotFoundError), self._path(run).open("rb") as file:
            return read(run, file)
        return None

    def sync(self) -> None:
        """Wait until the disk has the names too."""
        with self._explained():
            descriptor = os.open(self._folder, os.O_RDONLY)
            try:
                with contextlib.suppress(OSError):  # some file systems cannot, and know the names anyway
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _files(self) -> list[str]:
        with self._explained():
            try:
                return sorted(name for name in os.listdir(self._folder) if not name.startswith("."))
            except (FileNotFoundError, NotADirectoryError):
                return []

    def _path(self, run: RunId) -> Path:
        if not run or run.startswith(".") or any(mark in run for mark in "/\\\0"):
            raise StorageError(f"'{run}' cannot name a run", hint="use letters, digits, '-' and '_'")
        return self._folder / f"{run}{_END}"

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise explain(error, self._folder) from error


def _answers(run: RunId, file: BinaryIO) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for entry in read_entries(run, file)[1]:
        found |= entry.answers
    return found
