"""A run store in memory."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import NodeRun, NodeState, Run
from nubem_jupyter.errors import StorageError
from nubem_jupyter.ports import SpeedSample


class Shelf:
    """What memory stores keep; stores that are given the same shelf see the same runs."""

    def __init__(self) -> None:
        self.runs: dict[RunId, Run] = {}
        self.lock = threading.Lock()


class MemoryRunStore:
    """A ``RunStore`` that forgets when its shelf does."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf or Shelf()

    def begin(self, run: Run) -> None:
        """Record a run that starts.

        Raises:
            StorageError: there is a run of this id already.
        """
        with self._shelf.lock:
            if run.id in self._shelf.runs:
                raise StorageError(f"run '{run.id}' is on record already", hint="give each run an id of its own")
            self._shelf.runs[run.id] = run

    def save_node(self, run: RunId, node: NodeRun) -> None:
        """Record one node that ended.

        Raises:
            StorageError: its run never began.
        """
        with self._shelf.lock:
            found = self._begun(run)
            self._shelf.runs[run] = msgspec.structs.replace(found, nodes=(*found.nodes, node))

    def end(self, run: Run) -> None:
        """Record how the run ended.

        Raises:
            StorageError: it never began.
        """
        with self._shelf.lock:
            found = self._begun(run.id)
            self._shelf.runs[run.id] = msgspec.structs.replace(run, nodes=found.nodes)

    def load(self, run: RunId) -> Run | None:
        """Return the run of this id or unique prefix, or None."""
        with self._shelf.lock:
            if run in self._shelf.runs:
                return self._shelf.runs[run]
            matches = [found for name, found in self._shelf.runs.items() if name.startswith(run)]
        return matches[0] if len(matches) == 1 else None

    def list(self, limit: int = 50) -> Sequence[Run]:
        """Return the newest runs first, without their logs."""
        return [msgspec.structs.replace(run, log=()) for run in self._newest()[:limit]]

    def speeds(self, limit: int = 200) -> Sequence[SpeedSample]:
        """Return timings of the newest finished model calls, newest first, at most ``limit`` a model."""
        seen: Counter[str] = Counter()
        kept = []
        for speed in (speed for run in self._newest() for speed in _speeds(run)):
            seen[speed.model] += 1
            if seen[speed.model] <= limit:
                kept.append(speed)
        return kept

    def close(self) -> None:
        """Do nothing: the shelf belongs to whoever made it."""

    def _begun(self, run: RunId) -> Run:
        try:
            return self._shelf.runs[run]
        except KeyError:
            raise StorageError(f"run '{run}' never began", hint="begin the run before saving its nodes") from None

    def _newest(self) -> Sequence[Run]:
        with self._shelf.lock:
            return sorted(self._shelf.runs.values(), key=lambda run: (run.started_at, run.id), reverse=True)


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
