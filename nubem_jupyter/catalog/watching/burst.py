"""When to look: events come in bursts, and a look is worth it when a burst is over. Times come in as values."""

from __future__ import annotations

import math

import msgspec


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How long a watcher waits."""

    first_s: float = 0.0
    """The time until the first look; whoever has something remembered to show can be left alone for that long."""
    quiet_s: float = 0.15
    """A burst is over when nothing has happened for this long: editors and branch switches write in several steps."""
    longest_s: float = 2.0
    """What goes on for longer than this is told in parts."""
    sweep_s: float = 4.5
    """A look this often though no event came: the system drops events when too many come at once, and does not say."""
    poll_s: float = 1.0
    """A look this often where the file system gives no events."""
    share: float = 0.01
    """What looks that find nothing may take of a processor; with very many files they become rarer."""
    poll_share: float = 0.05
    """The same where the file system gives no events."""

    def rest_s(self, look_s: float, *, blind: bool) -> float:
        """Return the time from a look, which took so long, to the next one that no event asks for."""
        if blind:
            return max(self.poll_s, look_s / self.poll_share)
        return max(self.sweep_s, look_s / self.share)


class Burst:
    """Events that belong together."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._first_s = self._last_s = math.inf

    def __bool__(self) -> bool:
        """Tell whether anything has happened."""
        return self._first_s < math.inf

    @property
    def began_s(self) -> float:
        """When the first event came; never while there is none."""
        return self._first_s

    def note(self, now_s: float) -> None:
        """Take an event in."""
        self._first_s = min(self._first_s, now_s)
        self._last_s = now_s

    def over_s(self) -> float:
        """Return when the burst is over if nothing more comes; never while there is none."""
        return min(self._last_s + self._timing.quiet_s, self._first_s + self._timing.longest_s)

    def clear(self) -> None:
        """Begin anew."""
        self._first_s = self._last_s = math.inf
