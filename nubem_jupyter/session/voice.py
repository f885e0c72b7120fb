"""What the calls of one run tell its readers."""

from __future__ import annotations

from collections.abc import Callable

from nubem_jupyter.core.cache import CacheEntry
from nubem_jupyter.core.event import Event, NodeCached, NodeHedged, NodeRetried, Tokens
from nubem_jupyter.core.ids import NodePath, RunId


class Voice:
    """Tells of each node by its path; silent where nobody is to hear."""

    def __init__(self, run: RunId, now: Callable[[], float], tell: Callable[[Event], None] | None) -> None:
        self._run = run
        self._now = now
        self._tell = tell

    def text(self, path: NodePath, piece: str) -> None:
        """A piece of text came."""
        if self._tell is not None:
            self._tell(Tokens(run=self._run, at_s=self._now(), node=path, text=piece))

    def refused(self, path: NodePath) -> None:
        """The provider's limit kept the call away; it waits for another turn."""
        self._again(path, "the provider's limit is reached; waiting for a turn")

    def gone(self, path: NodePath) -> None:
        """What answered a moment ago is not there; the call waits until it is back."""
        self._again(path, "nobody is there; waiting until it is back")

    def hedged(self, path: NodePath) -> None:
        """The call is late, and another one was started beside it."""
        if self._tell is not None:
            self._tell(NodeHedged(run=self._run, at_s=self._now(), node=path))

    def switched(self, path: NodePath) -> None:
        """A call beside the first answered sooner: text so far does not count."""
        self._again(path, "another call answered first")

    def cached(self, path: NodePath, entry: CacheEntry, similarity: float | None = None) -> None:
        """The value is at hand from an equal call, or from one so alike."""
        if self._tell is not None:
            cached = NodeCached(
                run=self._run,
                at_s=self._now(),
                node=path,
                model=entry.model,
                saved_usd=entry.cost_usd,
                similarity=similarity,
            )
            self._tell(cached)

    def _again(self, path: NodePath, why: str) -> None:
        if self._tell is not None:
            self._tell(NodeRetried(run=self._run, at_s=self._now(), node=path, error=why))
