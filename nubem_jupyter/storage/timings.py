"""How fast the models answered in a run under way, as its journal tells."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import BinaryIO, NamedTuple

from nubem_jupyter.core.ids import RunId
from nubem_jupyter.core.run import NodeRun, NodeState
from nubem_jupyter.ports import SpeedSample
from nubem_jupyter.storage.journal import read_entries
from nubem_jupyter.storage.rows import SpeedKey

Timed = tuple[SpeedKey, SpeedSample]
"""A call's timing with what sorts it."""


class Timings(NamedTuple):
    """The newest timings of one run."""

    run: RunId
    timed: list[Timed]


def read_timings(name: RunId, file: BinaryIO, limit: int) -> Timings:
    """Return the newest ``limit`` timings a model; no more of a journal is held at once.

    Raises:
        StorageError: its head cannot be read.
    """
    run, entries = read_entries(name, file)
    newest: dict[str, deque[Timed]] = defaultdict(lambda: deque(maxlen=limit))
    for seq, entry in enumerate(entries):
        node = entry.node
        if node is None or node.state is not NodeState.FINISHED or node.model is None or node.first_token_s is None:
            continue
        newest[node.model].append(((run.started_at, run.id, seq), _speed(node, run.started_at[:10])))
    return Timings(name, [timed for each in newest.values() for timed in each])


def _speed(node: NodeRun, date: str) -> SpeedSample:
    assert node.model is not None and node.first_token_s is not None  # noqa: S101, PT018  # chosen so
    return SpeedSample(
        model=node.model,
        first_token_s=node.first_token_s,
        output_tokens=node.usage.output_tokens,
        total_s=node.latency_s if node.call_s is None else node.call_s,
        date=date,
    )
