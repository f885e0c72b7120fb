"""What the calls of one run tell its readers."""

from __future__ import annotations

from collections.abc import Callable

from nubem_jupyter.core.cache import CacheEntry
from nubem_jupyter.core.event import CascadeDecided, Event, MemberAnswered, NodeCached, NodeHedged, NodeRetried, Tokens
from nubem_jupyter.core.ids import ModelId, NodePath, RunId
from nubem_jupyter.core.run import MemberRun
from nubem_jupyter.core.template import as_text
from nubem_jupyter.core.text import shorten

_SHOWN_CHARS = 80


class Voice:
    """Tells of each node by its path; silent where nobody is to hear."""

    def __init__(self, run: RunId, now: Callable[[], float], tell: Callable[[Event], None] | None) -> None:
        self._run = run
        self._now = now
        self._tell = tell

    def now(self) -> float:
        """Return the seconds from the run's start."""
        return self._now()

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

    def elsewhere(self, path: NodePath, site: str) -> None:
        """One deployment of the model failed; another one is asked."""
        self._again(path, f"{site} failed; asking another deployment of the model")

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

    def member(self, path: NodePath, member: MemberRun) -> None:
        """A member of a cascade was asked."""
        if self._tell is not None:
            failure = member.failure
            answered = MemberAnswered(
                run=self._run,
                at_s=self._now(),
                node=path,
                model=member.model,
                place=member.place,
                text=shorten(as_text(member.value), _SHOWN_CHARS) if failure is None else "",
                error="" if failure is None else failure.message,
                cached=member.cached,
                cost_usd=member.cost_usd,
            )
            self._tell(answered)

    def decided(self, path: NodePath, model: ModelId, verdict: str, value: object) -> None:
        """A cascade has its answer; its text is told now, since what its members say may not count."""
        if self._tell is not None:
            self._tell(CascadeDecided(run=self._run, at_s=self._now(), node=path, model=model, verdict=verdict))
            self.text(path, as_text(value))

    def of_member(self) -> Voice:
        """Return a voice for one member's call, whose text and place among answers at hand are told otherwise."""
        return _MemberVoice(self._run, self._now, self._tell)

    def _again(self, path: NodePath, why: str) -> None:
        if self._tell is not None:
            self._tell(NodeRetried(run=self._run, at_s=self._now(), node=path, error=why))


class _MemberVoice(Voice):
    """Tells what befalls a call, and not what it says."""

    def text(self, path: NodePath, piece: str) -> None:
        """Say nothing: it may not be the answer."""

    def cached(self, path: NodePath, entry: CacheEntry, similarity: float | None = None) -> None:
        """Say nothing: it is told with the member's answer."""
