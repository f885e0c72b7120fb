"""A run store in memory."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.digest import encode
from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import NodeRun, NodeState, Outcome, Run
from nubem_jupyter.errors import FormatError, StorageError
from nubem_jupyter.ports import SpeedSample

_NO_ANSWERS: Mapping[str, Answer] = MappingProxyType({})


class Shelf:
    """What memory stores keep; stores that are given the same shelf see the same runs."""

    def __init__(self) -> None:
        self.runs: dict[RunId, Run] = {}
        self.answers: dict[RunId, dict[str, Answer]] = {}
        self.holders: dict[RunId, MemoryRunStore] = {}
        self.lock = threading.Lock()


class MemoryRunStore:
    """A ``RunStore`` that forgets when its shelf does; closing it is what the death of its process is to others."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf or Shelf()

    def begin(self, run: Run) -> None:
        """Record a run that starts.

        Raises:
            StorageError: there is a run of this id already, or a value is not plain JSON; so for every record.
        """
        _check_plain(run)
        with self._shelf.lock:
            if run.id in self._shelf.runs:
                raise StorageError(f"run '{run.id}' is on record already", hint="give each run an id of its own")
            self._shelf.runs[run.id] = run
            self._shelf.answers[run.id] = {}
            self._shelf.holders[run.id] = self

    def save_node(self, run: RunId, node: NodeRun, answers: Mapping[str, Answer] = _NO_ANSWERS) -> None:
        """Record one node that ended, with the answers that it cost.

        Raises:
            StorageError: its run is not under way here.
        """
        _check_plain(node)
        with self._shelf.lock:
            found = self._held(run)
            others = tuple(other for other in found.nodes if other.path != node.path)
            self._shelf.runs[run] = msgspec.structs.replace(found, nodes=(*others, node))
            self._shelf.answers[run].update(answers)

    def sync(self, run: RunId) -> None:
        """Do nothing: there is no disk to wait for.

        Raises:
            StorageError: the run is not under way here.
        """
        with self._shelf.lock:
            self._held(run)

    def end(self, run: Run) -> None:
        """Record how the run ended.

        Raises:
            StorageError: it is not under way here.
        """
        _check_plain(run)
        with self._shelf.lock:
            found = self._held(run.id)
            self._shelf.runs[run.id] = msgspec.structs.replace(run, nodes=found.nodes)
            del self._shelf.holders[run.id]

    def resume(self, run: RunId) -> Run:
        """Go on with a run that nobody has and that has not finished.

        Raises:
            StorageError: it is not there, has finished, or is under way.
        """
        with self._shelf.lock:
            found = self._shelf.runs.get(run)
            if found is None:
                raise StorageError(f"there is no run '{run}' on record", hint="list them to see which there are")
            if run in self._shelf.holders:
                raise StorageError(f"run '{run}' is under way", hint="wait until it has ended, or stop it")
            if found.outcome is Outcome.FINISHED:
                raise StorageError(f"run '{run}' has finished", hint="start a new one")
            again = msgspec.structs.replace(found, outcome=Outcome.RUNNING, result=None, failure=None)
            self._shelf.runs[run] = again
            self._shelf.holders[run] = self
        return found

    def load(self, run: RunId) -> Run | None:
        """Return the run of this id or unique prefix, or None."""
        with self._shelf.lock:
            if run in self._shelf.runs:
                return self._shelf.runs[run]
            matches = [found for name, found in self._shelf.runs.items() if name.startswith(run)]
        return matches[0] if len(matches) == 1 else None

    def list(self, limit: int = 50) -> Sequence[Run]:
        """Return the newest runs first, each as ``Run.brief``."""
        return [run.brief for run in self._newest()[:limit]]

    def under_way(self) -> frozenset[RunId]:
        """Return the runs that a store has which is open."""
        with self._shelf.lock:
            return frozenset(self._shelf.holders)

    def speeds(self, limit: int = 200) -> Sequence[SpeedSample]:
        """Return timings of the newest finished model calls, newest first, at most ``limit`` a model."""
        seen: Counter[str] = Counter()
        kept = []
        for speed in (speed for run in self._newest() for speed in _speeds(run)):
            seen[speed.model] += 1
            if seen[speed.model] <= limit:
                kept.append(speed)
        return kept

    def answers(self, run: RunId) -> Mapping[str, Answer]:
        """Return the run's answers by their calls' digests."""
        with self._shelf.lock:
            return dict(self._shelf.answers.get(run, {}))

    def close(self) -> None:
        """Let go of the runs under way; the shelf belongs to whoever made it."""
        with self._shelf.lock:
            self._shelf.holders = {run: store for run, store in self._shelf.holders.items() if store is not self}

    def _held(self, run: RunId) -> Run:
        if self._shelf.holders.get(run) is not self:
            raise StorageError(f"run '{run}' never began", hint="begin the run before saving what happened in it")
        return self._shelf.runs[run]

    def _newest(self) -> Sequence[Run]:
        with self._shelf.lock:
            return sorted(self._shelf.runs.values(), key=lambda run: (run.started_at, run.id), reverse=True)


def _check_plain(value: Any) -> None:
    try:
        encode(value)
    except (TypeError, ValueError, RecursionError, FormatError) as error:
        raise StorageError(
            f"a value cannot be stored because it is not plain JSON: {getattr(error, 'message', error)}",
            hint="give text, numbers, lists and dicts of them",
        ) from error


def _speeds(run: Run) -> Iterator[SpeedSample]:
    for node in reversed(run.nodes):
        if node.state is NodeState.FINISHED and node.model is not None and node.first_token_s is not None:
            yield SpeedSample(
                model=node.model,
                first_token_s=node.first_token_s,
                output_tokens=node.usage.output_tokens,
                total_s=node.latency_s if node.call_s is None else node.call_s,
                date=run.started_at[:10],
            )
