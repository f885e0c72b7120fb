"""One run's journal: a file that has every step that ended, kept by the system from the moment a write returns.

It is a head, the run as it began in its versioned form, and entries, each one JSON object after a line feed. The line
feed stands before an entry so that nothing ever has to be mended: one that was cut short by a crash or a full disk is
no JSON and is not read, and the next begins a line of its own. An entry is one write to a file that is only appended
to, so threads need no lock. Who writes holds the file's lock, which the system lets go of when the process dies.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import math
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from nubem_jupyter.core import wire
from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.digest import encode
from nubem_jupyter.core.ids import NodePath, RunId
from nubem_jupyter.core.run import NodeRun, NodeState, Rest, Run
from nubem_jupyter.errors import NubemError
from nubem_jupyter.storage.records import NOT_PLAIN, not_plain, run_document, unreadable
from nubem_jupyter.storage.trouble import explain

_DATASYNC = getattr(os, "fdatasync", os.fsync)
"""Not every system has the one that leaves times out."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line behind the head."""

    node: NodeRun | None = None
    """A step that ended; the last of one path counts."""
    answers: dict[str, Answer] = {}
    """The models' answers that it cost, by their calls' digests."""
    end: msgspec.Raw = msgspec.Raw()
    """How the run ended: a document of the run without its nodes; empty in every entry but the last."""


class _OlderEntry(Entry, frozen=True, kw_only=True):
    node: Any = None  # of a form that is not known before it is brought up to date


_DECODER = msgspec.json.Decoder(Entry)
_OURS = wire.Envelope(format="nubem.run", version=wire.newest_version(Run), body=None)


class Journal:
    """A journal that this process alone may write; used with ``with``, or closed."""

    def __init__(self, path: Path, file: io.FileIO) -> None:
        self.path = path
        """Where it is."""
        self._file = file
        self._write = file.write
        self._closing = threading.Lock()
        self._end_at: int | None = None

    @classmethod
    def lock(cls, path: Path, flags: int = 0, *, name: Path | None = None) -> Journal | None:
        """Open the file and take its lock; None when another has it. ``name`` is what it will be renamed to.

        Raises:
            OSError: it cannot be opened.
        """
        file = io.FileIO(os.open(path, os.O_RDWR | os.O_APPEND | flags, 0o600), "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        except BaseException:
            file.close()
            raise
        return cls(name or path, file)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def save_node(self, node: NodeRun, answers: Mapping[str, Answer]) -> None:
        """Append a node and the answers that it cost.

        Raises:
            StorageError: it cannot be written, or is not plain JSON; so for ``save_end``.
        """
        try:
            entry = _node_entry(node, answers)
        except NOT_PLAIN as error:
            raise not_plain(error) from error
        self._append(entry)

    def save_end(self, run: Run) -> None:
        """Append how the run ended; its nodes are there already."""
        self._end_at = os.fstat(self._file.fileno()).st_size
        self._append(b'\n{"end":%b}' % run_document(run))

    def sync(self) -> None:
        """Wait until the disk has what was appended; nothing is left to do for one that is closed.

        Raises:
            StorageError: the disk cannot.
        """
        with self._closing, _explained(self.path):
            if not self._file.closed:
                _DATASYNC(self._file.fileno())

    def fill(self, run: Run, nodes: Iterable[NodeRun]) -> None:
        """Write the head, and the nodes of a run that goes on; for a file that nobody else sees yet.

        Raises:
            StorageError: a value is not plain JSON.
            OSError: it cannot be written.
        """
        with open(self._file.fileno(), "ab", closefd=False) as whole:
            whole.write(run_document(run))
            whole.writelines(_node_entry(node, {}) for node in nodes)

    @contextlib.contextmanager
    def reading(self) -> Iterator[BinaryIO]:
        """Give the file for reading from its beginning; it is there even if its name is not."""
        with open(self._file.fileno(), "rb", closefd=False) as whole:
            whole.seek(0)
            yield whole

    def steps(self, file: BinaryIO) -> Iterator[Entry]:
        """Yield the entries before the end, of a run whose head and end are known: each may be as long as all steps."""
        file.readline()
        until = math.inf if self._end_at is None else self._end_at
        return _entries(iter(lambda: file.readline() if file.tell() < until else b"", b""), _OURS)

    @property
    def begun(self) -> bool:
        """Whether there is a run in it: a power failure may leave no more than its name, an end no more than the file.

        Raises:
            OSError: it cannot be looked at.
        """
        found = os.fstat(self._file.fileno())
        return found.st_size > 0 and found.st_nlink > 0

    def remove(self) -> None:
        """Remove the file.

        Raises:
            StorageError: it cannot be removed.
        """
        with _explained(self.path):
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file and of its lock; may be called twice."""
        with self._closing:
            self._file.close()

    def _append(self, entry: bytes) -> None:
        try:
            # Where a write ends early there is no room. The next says why, or there is room again and it stands whole.
            if self._write(entry) != len(entry) and self._write(entry) != len(entry):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise explain(error, self.path) from error


def _node_entry(node: NodeRun, answers: Mapping[str, Answer]) -> bytes:
    if answers:
        return b'\n{"node":%b,"answers":%b}' % (encode(node), encode(dict(answers)))
    return b'\n{"node":%b}' % encode(node)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise explain(error, path) from error


def read_entries(name: RunId, file: BinaryIO) -> tuple[Run, Iterator[Entry]]:
    """Return the head and then, as they are asked for, the entries; one that is torn or damaged is left out.

    Raises:
        StorageError: the head cannot be read.
    """
    line = file.readline()
    try:
        head = wire.load(line, Run)
    except NubemError as error:
        raise unreadable(name, error) from error
    return head, _entries(file, msgspec.json.decode(line, type=wire.Envelope))


def _entries(lines: Iterable[bytes], head: wire.Envelope) -> Iterator[Entry]:
    today = head.version == wire.newest_version(Run)
    for line in lines:
        try:
            entry = _DECODER.decode(line) if today else _brought_up(line, head)
        except (msgspec.DecodeError, UnicodeError, RecursionError, NubemError):
            continue
        yield entry


def _brought_up(line: bytes, head: wire.Envelope) -> Entry:
    """Read an entry of an older version: its node is brought up to date as the only one of its run."""
    entry = msgspec.json.decode(line, type=_OlderEntry)
    nodes = [] if entry.node is None else [entry.node]
    document = {"format": head.format, "version": head.version, "body": {**head.body, "nodes": nodes}}
    return Entry(node=next(iter(wire.read(document, Run).nodes), None), answers=entry.answers, end=entry.end)


def read_whole(name: RunId, file: BinaryIO) -> Run:
    """Return the run as far as its journal goes, with its nodes.

    Raises:
        StorageError: the head cannot be read.
    """
    run, entries = read_entries(name, file)
    nodes: dict[NodePath, NodeRun] = {}
    for entry in entries:
        run = ended(entry) or run
        if entry.node is not None:
            nodes.pop(entry.node.path, None)  # the last record of a path stands where it was made
            nodes[entry.node.path] = entry.node
    return msgspec.structs.replace(run, nodes=tuple(nodes.values()))


def read_brief(name: RunId, file: BinaryIO) -> Run:
    """Return the run as far as its journal goes, as ``Run.brief``; raises as ``read_whole`` does."""
    run, entries = read_entries(name, file)
    rest = Rest()
    unfinished: dict[NodePath, NodeRun] = {}
    for entry in entries:
        run = ended(entry) or run
        node = entry.node
        if node is None:
            continue
        unfinished.pop(node.path, None)  # only such a record is followed by another of its path
        if node.state is NodeState.FINISHED:
            rest = rest.plus(node)
        else:
            unfinished[node.path] = node
    return msgspec.structs.replace(run, nodes=tuple(unfinished.values()), rest=rest).brief


def ended(entry: Entry) -> Run | None:
    """Return the run as it ended, where the entry tells; an end that is damaged is left out as every such entry is."""
    end = bytes(entry.end)
    with contextlib.suppress(NubemError):
        return wire.load(end, Run) if end else None
    return None
