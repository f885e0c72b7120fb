"""What a session knows of calls that are worded otherwise: which are alike, and how often their answers were wrong."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Executor
from functools import lru_cache

from nubem_jupyter.core.similar import FalseHits, SimilarStep
from nubem_jupyter.engine.false_hits import MOST, counted, must_check, too_many
from nubem_jupyter.engine.nearest import Match, Nearest
from nubem_jupyter.engine.similarity import BITS, LONGEST, Signature, signature
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage.similar_calls import Change, CheckedHit, Kept, LostCall, MadeCall, SimilarCalls

MOST_CALLS = 10_000
"""Calls that are looked at for one scope."""
_MOST_SCOPES = 32
"""Scopes in memory; those not used for longest are read again when they are."""

_remembered = lru_cache(maxsize=256)(signature)
"""A text is looked for and, when its call was made, kept: its signature is needed twice."""


class Similar:
    """Calls that are alike, in memory in front of a file.

    What must be equal of two calls stands in their *scope* (``engine.similarity.scope_of``), and what may differ in
    their *text* (``filled``). Event loops in several threads may share one. The file is read and written in
    ``thread``; its trouble never reaches a run.
    """

    def __init__(self, calls: Callable[[], SimilarCalls], thread: Executor, *, rng: random.Random) -> None:
        """Wire one.

        Args:
            calls: Opens the file; called once, in the thread, when it is first needed.
            thread: Where the file is used.
            rng: Draws which hits are checked.
        """
        self._open = calls
        self._opened: SimilarCalls | None = None
        self._thread = thread
        self._rng = rng
        self._lock = threading.Lock()
        self._writing = threading.RLock()
        self._scopes: OrderedDict[str, _Scope] = OrderedDict()
        self._unwritten: deque[Change] = deque()
        self._due = False
        self.file_trouble = ""
        """What is wrong with the file, in a sentence; empty where nothing is."""

    async def find(self, scope: str, text: str, least: float, *, place: str = "") -> Match | None:
        """Return the call most like this one, if any is alike enough and the scope's answers may be given.

        The key that comes back may be that of an entry which the cache has forgotten meanwhile: say so with ``lost``.
        ``place`` says for listings which step of which flow this is.
        """
        known = self._scopes.get(scope) or await self._load(scope)
        known.place = place or known.place
        wanted = None if too_many(known.false_hits) else _signature_of(text)
        if wanted is None:
            return None
        with self._lock:
            if scope in self._scopes:
                self._scopes.move_to_end(scope)
            return known.calls.find(wanted, least)

    def add(self, scope: str, text: str, key: str) -> None:
        """Keep a call that was made, with its answer's key; nothing where the text is too long to be compared."""
        made = _signature_of(text)
        if made is None:
            return
        with self._lock:
            known = self._scopes.get(scope)
            if known is not None:
                known.calls.put(made, key)
        sides = made.sides.to_bytes(BITS // 8, "big")
        self._write_soon(MadeCall(scope, known.place if known else "", made.marks, sides, key))

    def lost(self, scope: str, key: str) -> None:
        """Forget a call whose answer the cache has no more."""
        with self._lock:
            known = self._scopes.get(scope)
            if known is not None:
                known.calls.drop(key)
        self._write_soon(LostCall(scope, "", key))

    def is_checked(self, scope: str) -> bool:
        """Draw whether this hit is checked: the call is then made all the same, and ``checked`` told what came."""
        return must_check(self.false_hits(scope).checked, self._rng.random())

    def checked(self, scope: str, *, agreed: bool) -> None:
        """Count a hit that was checked."""
        with self._lock:
            known = self._scopes.get(scope)
            if known is not None:
                known.count(wrong=not agreed)
        self._write_soon(CheckedHit(scope, "", not agreed))

    def false_hits(self, scope: str) -> FalseHits:
        """Return how often a similar call's answer was wrong, as far as it was checked; for scopes that are in use."""
        known = self._scopes.get(scope)
        return known.false_hits if known else counted(0, 0)

    def trouble(self, scope: str) -> str:
        """Say why a scope's answers are not given any more; empty where they are."""
        return _why_not(self.false_hits(scope))

    def scopes(self) -> tuple[SimilarStep, ...]:
        """List all that is kept, by place. For a thread that may wait.

        Raises:
            StorageError: the file cannot be read.
        """
        self.flush()
        rows = ((place, count, counted(checked, wrong)) for place, count, checked, wrong in self._calls().list())
        return tuple(
            SimilarStep(place=place, entries=count, false_hits=found, trouble=_why_not(found))
            for place, count, found in rows
        )

    def flush(self) -> None:
        """Wait until all that came is written; for a thread that may wait."""
        with self._writing:
            self._due = False
            changes = [self._unwritten.popleft() for _ in range(len(self._unwritten))]
            if not changes:
                return
            try:
                self._calls().save(changes)
            except StorageError as error:  # they are lost, and learned again
                self.file_trouble = error.message
            else:
                self.file_trouble = ""

    def clear(self) -> int:
        """Forget everything, what was measured too; return how many calls there were. For a thread that may wait.

        Raises:
            StorageError: the file could not be cleared; what was in memory is forgotten all the same.
        """
        with self._writing:
            self._unwritten.clear()
            with self._lock:
                self._scopes.clear()
            return self._calls().clear()

    def close(self) -> None:
        """Write what is left and let go of the file; may be called twice. For a thread that may wait."""
        self.flush()
        if self._opened is not None:
            self._opened.close()

    def _calls(self) -> SimilarCalls:
        with self._writing:
            self._opened = self._opened or self._open()
            return self._opened

    async def _load(self, scope: str) -> _Scope:
        """Read a scope; where two ask at once, the first to come back counts."""
        try:
            kept = await asyncio.get_running_loop().run_in_executor(self._thread, self._read, scope)
        except RuntimeError:  # the session was closed meanwhile, and its thread with it
            kept = Kept((), 0, 0)
        with self._lock:
            known = self._scopes.setdefault(scope, _Scope(kept))
            while len(self._scopes) > _MOST_SCOPES:
                self._scopes.popitem(last=False)
            return known

    def _read(self, scope: str) -> Kept:
        self.flush()
        try:
            return self._calls().load(scope)
        except StorageError as error:
            self.file_trouble = error.message
            return Kept((), 0, 0)

    def _write_soon(self, change: Change) -> None:
        """Let the change be written with all that come until the thread has time."""
        self._unwritten.append(change)
        if not self._due:
            self._due = True
            with contextlib.suppress(RuntimeError):  # the thread is closed; ``close`` writes
                self._thread.submit(self.flush)


class _Scope:
    """What is known of one scope."""

    def __init__(self, kept: Kept) -> None:
        self.calls = Nearest(MOST_CALLS)
        for marks, sides, key in kept.calls:
            self.calls.put(Signature(marks, int.from_bytes(sides, "big")), key)
        self.false_hits = counted(kept.checked, kept.wrong)
        self.place = ""

    def count(self, *, wrong: bool) -> None:
        """Count one more hit that was checked."""
        before = self.false_hits
        self.false_hits = counted(before.checked + 1, before.wrong + wrong)


def _signature_of(text: str) -> Signature | None:
    return None if len(text) > LONGEST else _remembered(text)  # long texts are not worth remembering


def _why_not(found: FalseHits) -> str:
    if not too_many(found):
        return ""
    return (
        f"answers of similar calls are not given any more: {found.wrong} of {found.checked} that were checked were"
        f" wrong, which is more than {MOST:.0%} for sure"
    )
