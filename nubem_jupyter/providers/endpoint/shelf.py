"""The models that a server listed when it was last asked, and whether they can be called now."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from nubem_jupyter.core.model import ModelInfo


def not_kept(_listed: tuple[ModelInfo, ...]) -> None:
    """Let a list go with the process."""


class Keeping(NamedTuple):
    """How a server's list outlives the kernel."""

    save: Callable[[tuple[ModelInfo, ...]], None] = not_kept
    """Takes each new list."""
    told_to: str = ""
    """The mark of the key that the list was told to which was kept; empty where nobody knows."""
    salt: bytes = b""
    """What marks of keys are made with."""


UNKEPT = Keeping()
"""Nothing was kept, and nothing will be."""


def mark_of_key(key: str, salt: bytes) -> str:
    """Return what tells one key from another, and from which the key cannot be had; empty for no key."""
    return hmac.new(salt, key.encode("utf-8", "surrogateescape"), "sha256").hexdigest() if key else ""


class Shelf:
    """Holds a list of models; the same list is given again until something of it changes.

    A server may tell each key of other models, so a list is given to the key alone that it was told to.
    """

    def __init__(
        self,
        listed: Iterable[ModelInfo] = (),
        keep: Keeping = UNKEPT,
        whose: Callable[[], str] = lambda: "",
    ) -> None:
        """Set up.

        Args:
            listed: The list that was kept.
            keep: How it was, and how the next one will be.
            whose: Gives the mark of the key that is there now; empty where there is none.
        """
        self._listed = tuple(listed)
        self._keep = keep.save
        self._told_to = keep.told_to
        self._whose = whose
        self._given: tuple[str, Sequence[ModelInfo]] | None = None
        self._tag = ""
        # What a list is kept with is what the server said to its last question, maybe in an earlier kernel.
        self._trouble = next((info.missing for info in self._listed), "")

    @property
    def tag(self) -> str:
        """Which version of the server's list this is, where the server tells."""
        self._forget_another_keys()
        return self._tag

    def put(self, listed: Iterable[ModelInfo], tag: str = "") -> None:
        """Take a new list in, in place of the old one: the server answers."""
        new = tuple(listed)
        self._forget_another_keys()
        self._tag = tag
        if new != self._listed or self._trouble:
            self._listed, self._given, self._trouble = new, None, ""
            self._keep(new)

    def answers(self) -> None:
        """Note that the server answers, and that its list is the same."""
        if self._trouble:
            self._trouble = ""
            self._keep(tuple(self.models("")))

    def fail(self, why: str, now: datetime) -> None:
        """Note that the server does not answer; that is kept with its list, with when it was first so."""
        if not self._trouble.startswith(why):
            self._trouble = f"{why} (since {now:%Y-%m-%d %H:%M} UTC); when that is mended: nubem models refresh"
            self._keep(tuple(self.models("")))

    def models(self, missing: str) -> Sequence[ModelInfo]:
        """Give the models; ``missing``, or else the server's trouble, is what each of them lacks."""
        self._forget_another_keys()
        missing = missing or self._trouble
        # Thousands may be listed, and they are asked for at each run's start.
        if self._given is None or self._given[0] != missing:
            stated = {"available": not missing, "missing": missing}
            self._given = missing, tuple(msgspec.structs.replace(info, **stated) for info in self._listed)
        return self._given[1]

    def _forget_another_keys(self) -> None:
        now = self._whose()
        if now and now != self._told_to:
            if self._told_to:
                self._listed, self._given, self._tag, self._trouble = (), None, "", ""
            self._told_to = now
