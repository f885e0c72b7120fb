"""What one session knows of models and components, and how it stays fresh."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from nubem_jupyter.catalog.difference import Difference, difference
from nubem_jupyter.catalog.entry_points import installed_components
from nubem_jupyter.catalog.folders import ComponentFolders, cache_file
from nubem_jupyter.catalog.history import Changed, History
from nubem_jupyter.catalog.kept import Kept
from nubem_jupyter.catalog.snapshot import Snapshot, joined
from nubem_jupyter.catalog.watching import Poller, Timing, Watcher
from nubem_jupyter.core.component import Trouble
from nubem_jupyter.ports import Provider
from nubem_jupyter.session.servers import Servers

_LOG = logging.getLogger(__name__)
_FORM = 2
"""Rises whenever a kept snapshot would be written otherwise."""

_FEW_BYTES = 200_000
"""So much kept of component files, about 500 of them, is compared with the folders before a new kernel shows any; with
more that would keep it waiting."""

_TIMING = Timing(first_s=0.3)
"""A notebook shows what the last kernel knew before anybody looks again."""

Heard = Callable[[Difference], None]
"""Is told what has changed."""


class Refreshed(msgspec.Struct, frozen=True, kw_only=True):
    """What asking everyone anew has brought."""

    difference: Difference
    """What has changed since the last look, of this kernel or an earlier one."""
    troubles: tuple[Trouble, ...] = ()
    """Which servers did not answer, and how to mend it."""


class SessionCatalog:
    """Puts providers' lists and components of every origin together, and tells whoever listens what changes.

    Nothing is looked at before it is asked for. With ``watch``, threads in the background look and ask; without, each
    question is a look. It may be asked from any thread.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        *,
        home: Path,
        workspace: Path,
        own: Callable[[], Snapshot] = Snapshot,
        rng: random.Random,
        files: Sequence[Path] = (),
    ) -> None:
        """Set up.

        Args:
            providers: Who lists models.
            home: The user's folder: ``components/`` of the user's own, and what is kept from kernel to kernel.
            workspace: The project's folder, whose ``components/`` come first.
            own: Gives the components that are known in other ways; their names come before all others.
            rng: Varies when servers are asked.
            files: Other files that say what there is, each by its whole path.
        """
        self._providers = providers
        self._own = own
        self._servers = Servers(providers)
        folders = (workspace / "components", home / "components")
        self._folders = ComponentFolders(folders, cache_file(home, folders))
        place = hashlib.sha256(str(workspace).encode(errors="replace")).hexdigest()[:16]
        self._kept: Kept[Snapshot] = Kept(home / "catalog" / f"last-{place}.cache", Snapshot, _FORM)
        self._history = History(home / "catalog" / f"changes-{place}.cache")
        self._watcher = Watcher(
            folders, self._seen_by_watcher, self._watched, remembered=self._remembered, timing=_TIMING, files=files
        )
        self._poller = Poller(self._servers.questions(), self._watcher.poke, rng=rng)
        self._known: Snapshot | None = None
        self._listeners: list[Heard] = []
        self._lock = threading.RLock()
        self._watching = False
        self._looks = 0
        self._watcher_saw = (0, Snapshot())

    # What there is.

    def snapshot(self) -> Snapshot:
        """Return everything; of a watched catalog what was there at its last look, which may be an earlier kernel's."""
        return (self._watching and self._last()) or self._scan()

    def components(self) -> Snapshot:
        """Return the components, usable now or not; of a watched catalog as of its last look.

        A new kernel looks before it has nothing but what an earlier one knew, unless there are so many files that this
        would keep it waiting.
        """
        if self._watching and (self._watcher.is_ready or self._looks or self.is_remembered):
            return msgspec.structs.replace(self.snapshot(), models=(), unheard=())
        return self.components_now()

    @property
    def is_remembered(self) -> bool:
        """Whether ``components`` gives what an earlier kernel knew, since nobody has looked in this one yet."""
        unseen = self._watching and not self._looks and not self._watcher.is_ready
        return unseen and self._folders.kept_bytes > _FEW_BYTES

    def components_now(self) -> Snapshot:
        """Look at components alone, and return them; whoever listens hears what has changed from the next look."""
        return joined((self._own(), self._folders.scan(), installed_components()))

    def changes(self) -> tuple[Changed, ...]:
        """Return what has changed lately, newest first, in this kernel or before; what no look has found is not in."""
        return self._history.newest()

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Which servers did not answer when last asked for their models."""
        return self._servers.troubles

    # Keeping it fresh.

    async def ready(self) -> None:
        """Ask those servers for their models whose answer is not known yet; who is late is left aside."""
        await self._servers.ask_new()

    async def ask(self) -> None:
        """Ask every server for its models; ``troubles`` says who did not answer."""
        await self._servers.ask_all()

    async def refresh(self) -> Refreshed:
        """Ask every server for its models, look at every component, and tell what has changed."""
        await self._servers.ask_all()
        found = await asyncio.to_thread(self.look)
        return Refreshed(difference=found, troubles=self.troubles)

    def look_first(self) -> None:
        """Look where nobody has in any kernel, so that what the next look finds is a change."""
        if self._last() is None:
            self.look()

    def look(self) -> Difference:
        """Look now, tell whoever listens what has changed since the last look, and return it.

        The last look may be one of an earlier kernel; where there was none, nothing has changed.
        """
        with self._lock:
            found = self._take(self._scan())
        if found:
            self._tell(found)
        return found

    def watch(self) -> None:
        """Begin to look and to ask in the background; a second call does nothing."""
        self._watching = True
        self._watcher.start()
        self._poller.start()

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until the first look of a watched catalog is done and told; tell whether it is."""
        return self._watcher.wait_ready(timeout_s)

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Have each change told, in the thread that found it; calling what is returned ends that."""
        self._listeners.append(heard)

        def stop() -> None:
            if heard in self._listeners:
                self._listeners.remove(heard)

        return stop

    def close(self) -> None:
        """End the threads; may be called twice."""
        self._poller.stop()
        self._watcher.stop()

    def _last(self) -> Snapshot | None:
        if self._known is not None:
            return self._known  # without the lock, since a look may take its time
        with self._lock:
            if self._known is None:
                self._known = self._kept.load()
            return self._known

    def _remembered(self) -> Snapshot:
        return self._last() or Snapshot()

    def _scan(self) -> Snapshot:
        models = tuple(info for provider in self._providers.values() for info in provider.models())
        listed = Snapshot(models=models, unheard=self._servers.troubles)
        return joined((listed, self.components_now()))

    def _take(self, now: Snapshot) -> Difference:
        """Make this what is known, and return what has changed by it; for whoever holds the lock."""
        before = self._last()
        self._known, self._looks = now, self._looks + 1
        self._watcher.saw(now)
        found = Difference() if before is None else difference(before, now)
        if before is None or found:
            self._kept.save(now)
        return found

    def _seen_by_watcher(self) -> Snapshot:
        looks, found = self._looks, self._scan()
        self._watcher_saw = (looks, found)
        return found

    def _watched(self, _found: Difference) -> None:
        """Tell what the watcher found that was not told yet; where somebody has looked since it began, look again."""
        with self._lock:
            looks, now = self._watcher_saw
            found = self._take(now if looks == self._looks else self._scan())
        if found:
            self._tell(found)

    def _tell(self, found: Difference) -> None:
        self._history.add(Changed(at=datetime.now(UTC).isoformat(timespec="seconds"), difference=found))
        _LOG.info("the catalog has changed: %s", found.summary)
        for heard in tuple(self._listeners):
            try:
                heard(found)
            except Exception:  # noqa: BLE001 - whoever listens answers for itself
                _LOG.exception("a listener to the catalog failed")
