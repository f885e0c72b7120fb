"""A thread in the background that looks again when something may have changed, and tells what has."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nubem_jupyter.catalog.difference import Difference, difference
from nubem_jupyter.catalog.snapshot import Snapshot
from nubem_jupyter.catalog.watching.burst import Burst, Timing
from nubem_jupyter.catalog.watching.ears import Ears

_LOG = logging.getLogger(__name__)


class Watcher:
    """Calls ``scan`` when files below the folders change, and ``on_change`` with what has, once a burst.

    Events only say when to look; what has changed is found by comparing two looks, so that an event which the system
    loses is made up for by the next look. Both are called in the watcher's own thread; what they raise is logged, and
    the watcher goes on.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        scan: Callable[[], Snapshot],
        on_change: Callable[[Difference], None],
        *,
        remembered: Callable[[], Snapshot] = Snapshot,
        timing: Timing | None = None,
        files: Sequence[Path] = (),
    ) -> None:
        """Set up.

        Args:
            folders: Where component files are.
            scan: Looks at everything.
            on_change: Is told what has changed.
            remembered: Gives what was there before the first look, which tells the difference to it.
            timing: How long it waits; None for the usual.
            files: Other files that ``scan`` reads, each by its whole path.
        """
        self._scan = scan
        self._on_change = on_change
        self._timing = timing or Timing()
        self._remembered = remembered
        self._last = Snapshot()
        self._burst = Burst(self._timing)
        self._ears = Ears([str(folder) for folder in folders], self.poke, [str(file) for file in files])
        self._state = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()

    @property
    def snapshot(self) -> Snapshot:
        """What there was at the last look, the watcher's own or one that it was told of; before, what is remembered."""
        return self._last

    @property
    def is_ready(self) -> bool:
        """Whether the first look is done and told."""
        return self._ready.is_set()

    @property
    def polls(self) -> bool:
        """Whether changes are found by looking alone, since the file system tells of none."""
        return self._ears.deaf

    def start(self) -> None:
        """Begin in the background; a second call does nothing."""
        with self._state:
            if self._thread is None and not self._stopping:
                self._thread = threading.Thread(target=self._run, name="nubem-watcher", daemon=True)
                self._thread.start()

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until the first look is done and told, and events are listened to; tell whether they are."""
        return self._ready.wait(timeout_s)

    def poke(self) -> None:
        """Say that something may have changed; from any thread."""
        with self._state:
            first = not self._burst
            self._burst.note(time.monotonic())
            if first:
                self._state.notify_all()

    def saw(self, snapshot: Snapshot) -> None:
        """Take in what somebody else has found and told meanwhile; from any thread."""
        self._last = snapshot

    def stop(self) -> None:
        """End for good; no thread is left, unless it is the watcher's own thread that asks."""
        with self._state:
            self._stopping = True
            self._state.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        try:
            if self._timing.first_s:
                self._rest(self._timing.first_s)
            self._last = self._remembered()
            self._look()
            self._ready.set()
            rest_s = self._timing.rest_s(0.0, blind=self.polls)
            while self._wait(rest_s):
                began_s = time.monotonic()
                changed = self._look()
                if not changed:  # a look that found something took longer than one at rest
                    rest_s = self._timing.rest_s(time.monotonic() - began_s, blind=self.polls)
        finally:
            self._ears.close()

    def _wait(self, rest_s: float) -> bool:
        """Wait until a burst is over, or until it is time to look without one; false when it is time to end."""
        sweep_s = time.monotonic() + rest_s
        with self._state:
            while not self._stopping:
                left_s = (self._burst.over_s() if self._burst else sweep_s) - time.monotonic()
                if left_s <= 0:
                    return True
                self._state.wait(left_s)
            return False

    def _look(self) -> bool:
        """Look until two looks agree or it takes too long, then tell; true if something has changed."""
        until_s = min(time.monotonic(), self._burst.began_s) + self._timing.longest_s
        announced = bool(self._burst)
        self._ears.listen()  # first, so that what changes from now on is heard
        snapshot = self._next()
        calm = announced or snapshot == self._last  # what no event announced may be in the middle of a burst
        while not (calm and not self._burst) and time.monotonic() < until_s and self._rest(self._timing.quiet_s):
            snapshot, before = self._next(), snapshot
            calm = snapshot == before
        return not self._stopping and self._tell(snapshot)

    def _rest(self, for_s: float) -> bool:
        """Wait; false when it is time to end."""
        with self._state:
            self._state.wait_for(lambda: self._stopping, for_s)
            return not self._stopping

    def _next(self) -> Snapshot:
        with self._state:
            self._burst.clear()
        try:
            return self._scan()
        except Exception:  # noqa: BLE001 - whoever has a part of the catalog is asked; what one raises ends no watching
            _LOG.exception("the catalog could not be looked at; what was known of it stays")
            return self._last

    def _tell(self, snapshot: Snapshot) -> bool:
        found = difference(self._last, snapshot)
        self._last = snapshot
        if found:
            try:
                self._on_change(found)
            except Exception:  # noqa: BLE001 - whoever listens answers for itself
                _LOG.exception("a listener to the catalog failed")
        return bool(found)
