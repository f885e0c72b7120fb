"""The models that a server listed when it was last asked, and whether they can be called now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

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
        self.trouble = ""
        """What to do before the server answers; empty while it does."""

    def put(self, listed: Iterable[ModelInfo], tag: str = "") -> None:
        """Take a new list in, in place of the old one."""
        new = tuple(listed)
        self.tag = tag
        if new != self._listed:
            self._listed, self._given = new, None
            self._keep(new)

    def models(self, missing: str) -> Sequence[ModelInfo]:
        """Give the models; ``missing``, or else the server's trouble, is what each of them lacks."""
        missing = missing or self.trouble
        # Thousands may be listed, and they are asked for at each run's start.
        if self._given is None or self._given[0] != missing:
            stated = {"available": not missing, "missing": missing}
            self._given = missing, tuple(msgspec.structs.replace(info, **stated) for info in self._listed)
        return self._given[1]
