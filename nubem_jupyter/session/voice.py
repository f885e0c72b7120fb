"""What one node's call tells the run's readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nubem_jupyter.core.cache import CacheEntry
from nubem_jupyter.core.event import NodeCached, NodeHedged, NodeRetried, Tokens
from nubem_jupyter.core.ids import NodePath

if TYPE_CHECKING:
    from collections.abc import Callable

    from nubem_jupyter.core.event import Event
    from nubem_jupyter.core.ids import RunId


class NodeVoice:
    """Tells of one node."""

    __slots__ = ("_now", "_path", "_run", "_tell")

    def __init__(
        self, run: RunId, path: NodePath, now: Callable[[], float], tell: Callable[[Event], None] | None
    ) -> None:
        self._run = run
        self._path = path
        self._now = now
        self._tell = tell

    def text(self, piece: str) -> None:
        """A piece of text came."""
        if self._tell is not None:
            self._tell(Tokens(run=self._run, at_s=self._now(), node=self._path, text=piece))

    def refused(self) -> None:
        """The provider's limit kept the call away."""
        self._again("the provider's limit is reached; waiting for a turn")

    def hedged(self) -> None:
        """A second call was started."""
        if self._tell is not None:
            self._tell(NodeHedged(run=self._run, at_s=self._now(), node=self._path))

    def switched(self) -> None:
        """The second call answered first."""
        self._again("a second call answered first")

    def cached(self, entry: CacheEntry) -> None:
        """The value is at hand."""
        if self._tell is not None:
            saved_usd = entry.cost_usd
            self._tell(
                NodeCached(run=self._run, at_s=self._now(), node=self._path, model=entry.model, saved_usd=saved_usd)
            )

    def _again(self, why: str) -> None:
        if self._tell is not None:
            self._tell(NodeRetried(run=self._run, at_s=self._now(), node=self._path, error=why))
