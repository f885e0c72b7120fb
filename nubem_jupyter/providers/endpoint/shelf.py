"""The models that a server listed when it was last asked, and whether they can be called now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from nubem_jupyter.core.model import ModelInfo

Keep = Callable[[tuple[ModelInfo, ...]], None]
"""Takes a server's new list, to be kept for the next kernel."""


def not_kept(_listed: tuple[ModelInfo, ...]) -> None:
    """Let a list go with the process."""


class Shelf:
    """Holds a list of models; the same list is given again until something of it changes."""

    def __init__(self, listed: Iterable[ModelInfo] = (), keep: Keep = not_kept) -> None:
        self._listed = tuple(listed)
        self._keep = keep
        self._given: tuple[str, Sequence[ModelInfo]] | None = None
        self.tag = ""
        """Which version of the server's list this is, where the server tells."""
        # What a list is kept with is what the server said to its last question, maybe in an earlier kernel.
        self._trouble = next((info.missing for info in self._listed), "")

    def put(self, listed: Iterable[ModelInfo], tag: str = "") -> None:
        """Take a new list in, in place of the old one: the server answers."""
        new = tuple(listed)
        self.tag = tag
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
        missing = missing or self._trouble
        # Thousands may be listed, and they are asked for at each run's start.
        if self._given is None or self._given[0] != missing:
            stated = {"available": not missing, "missing": missing}
            self._given = missing, tuple(msgspec.structs.replace(info, **stated) for info in self._listed)
        return self._given[1]
