"""Runs: a journal while one is under way, rows of SQLite once it has ended."""

from __future__ import annotations

import builtins
import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

import msgspec

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import NodeRun, Outcome, Run
from nubem_jupyter.errors import StorageError
from nubem_jupyter.ports import SpeedSample
from nubem_jupyter.storage.database import Database
from nubem_jupyter.storage.journal import Journal, read_brief, read_entries
from nubem_jupyter.storage.journals import Journals
from nubem_jupyter.storage.rows import RunRows
from nubem_jupyter.storage.timings import Timings, read_timings

FOLDER = "journals"
"""Where the journals are, beside the file."""
_NO_ANSWERS: Mapping[str, Answer] = MappingProxyType({})


class SqliteRunStore:
    """A ``RunStore`` in one file and a folder of journals; other stores may share the file through ``database``.

    Whoever reads first makes rows of what a process that died has left. Where that cannot be (no space, a file that is
    busy), it is read as it is. Journals are always looked for before rows, since a run that ends goes that way.
    """

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        """The file and its connection."""
        self._rows = RunRows(self.database)
        self._journals = Journals(path.parent / FOLDER)
        self._open: dict[RunId, Journal] = {}

    # Writing.

    def begin(self, run: Run) -> None:
        """Record a run that starts.

        Raises:
            StorageError: there is a run of this id already, or it cannot be written; so for every method.
        """
        with self._journals.locked():
            if self._journals.has(run.id) or self._rows.has(run.id):
                raise StorageError(f"run '{run.id}' is on record already", hint="give each run an id of its own")
            self._open[run.id] = self._journals.create(run)

    def save_node(self, run: RunId, node: NodeRun, answers: Mapping[str, Answer] = _NO_ANSWERS) -> None:
        """Record one node that ended, with the answers that it cost; quick enough to be called on the event loop."""
        journal = self._open.get(run)
        if journal is None:
            raise _never_began(run)
        journal.save_node(node, answers)

    def sync(self, run: RunId) -> None:
        """Wait until the disk has every node that was recorded: a power failure then takes none of them."""
        journal = self._open.get(run)
        if journal is None:
            raise _never_began(run)
        journal.sync()
        self._journals.sync()

    def end(self, run: Run) -> None:
        """Record how the run ended, with its result and log; what cannot be written now is when there is room."""
        journal = self._open.pop(run.id, None)
        if journal is None:
            raise _never_began(run.id)
        with journal:
            with contextlib.suppress(StorageError):  # the rows below may still have room, or say why they have not
                journal.save_end(run)
            self._absorb(run.id, journal, run)

    def resume(self, run: RunId) -> Run:
        """Go on with a run whose process is gone, or that ended unfinished; returns what ``load`` does.

        Raises:
            StorageError: it is not there, has finished, or is under way.
        """
        with self._journals.locked():
            self._absorb_left([run])
            if run in self._journals.names():
                raise StorageError(f"run '{run}' is under way", hint="wait until it has ended, or stop it")
            found = self._rows.load(run)
            if found is None:
                raise StorageError(f"there is no run '{run}' on record", hint="nubem runs lists them")
            if found.outcome is Outcome.FINISHED:
                raise StorageError(f"run '{run}' has finished", hint="start a new one")
            again = msgspec.structs.replace(found, outcome=Outcome.RUNNING, result=None, failure=None)
            self._open[run] = self._journals.create(again, found.nodes)
        return found

    def close(self) -> None:
        """Let go of the file and of the runs that have not ended; may be called twice."""
        while self._open:
            self._open.popitem()[1].close()
        self.database.close()

    # Reading.

    def load(self, run: RunId) -> Run | None:
        """Return the run with its nodes, or None; a unique prefix of the id is enough.

        Raises:
            StorageError: what is on record of it is damaged, or was written by a newer version.
        """
        self._tidy()
        found = self._load(run)
        if found is None and len(matches := self.named(run, 2)) == 1:
            found = self._load(matches[0])
        return found

    def named(self, beginning: str, limit: int = 5) -> builtins.list[RunId]:
        """Return the ids of the newest runs whose id begins so, newest first."""
        under_way = {name for name in self._journals.names() if name.startswith(beginning)}
        return sorted({*under_way, *self._rows.named(beginning, limit)}, reverse=True)[:limit]

    def list(self, limit: int = 50) -> Sequence[Run]:
        """Return the newest runs first, each as ``Run.brief``; what ``damaged`` names is left out."""
        self._tidy()
        found = {run.id: run for run in self._journals.each(read_brief) if isinstance(run, Run)}
        found = {run.id: run for run in self._rows.newest(limit)} | found
        return sorted(found.values(), key=lambda run: (run.started_at, run.id), reverse=True)[:limit]

    def damaged(self, limit: int = 200) -> Sequence[RunId]:
        """Return the runs that cannot be read, among the newest ``limit``; ``load`` says of each why."""
        self._tidy()
        unread = [run for run in self._journals.each(read_brief) if not isinstance(run, Run)]
        return [*unread, *self._rows.damaged(limit)][:limit]

    def under_way(self) -> frozenset[RunId]:
        """Return the runs that somebody has at this moment; others that say ``running`` were interrupted."""
        self._tidy()
        return frozenset(self._journals.names())

    def speeds(self, limit: int = 200) -> Sequence[SpeedSample]:
        """Return timings of the newest finished model calls, newest first, at most ``limit`` a model."""
        self._tidy()
        read = partial(read_timings, limit=limit)
        under_way = [found for found in self._journals.each(read) if isinstance(found, Timings)]
        names = {found.run for found in under_way}
        timed = [(key, speed) for key, speed in self._rows.speeds(limit) if key[1] not in names]
        timed += [pair for found in under_way for pair in found.timed]
        seen: Counter[str] = Counter()
        kept = []
        for _, speed in sorted(timed, key=lambda pair: pair[0], reverse=True):
            seen[speed.model] += 1
            if seen[speed.model] <= limit:
                kept.append(speed)
        return kept

    def answers(self, run: RunId) -> Mapping[str, Answer]:
        """Return the run's answers by their calls' digests; none for a run that is not there."""
        self._tidy()
        written = self._journals.answers(run)
        return self._rows.answers(run) | written

    def _load(self, run: RunId) -> Run | None:
        return self._journals.load(run) or self._rows.load(run)

    # From journals to rows.

    def _tidy(self) -> None:
        """Make rows of the journals that nobody writes any more, as far as that can be."""
        names = [name for name in self._journals.names() if name not in self._open]
        if names:
            with contextlib.suppress(StorageError), self._journals.locked():
                self._journals.clear()
                for name in names:
                    with contextlib.suppress(StorageError):  # one that cannot be read does not keep the others
                        self._absorb_left([name])

    def _absorb_left(self, names: Sequence[RunId]) -> None:
        for name in names:
            journal = self._journals.take(name)
            if journal is not None:
                with journal:
                    self._absorb(name, journal)

    def _absorb(self, name: RunId, journal: Journal, end: Run | None = None) -> None:
        # A power failure may bring the removed name back: then all of the content has to come back too.
        journal.sync()
        with journal.reading() as file:
            # Of a run over very many rows, to read what is at hand anyway would take its memory again.
            head, entries = read_entries(name, file) if end is None else (end, journal.steps(file))
            self._rows.keep(head, entries, end)
        journal.remove()


def _never_began(run: RunId) -> StorageError:
    return StorageError(f"run '{run}' never began", hint="begin the run before saving what happened in it")
