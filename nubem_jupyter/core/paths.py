"""What a path in a run says of where it lies: ``each[3]/translate`` is the step translate of each's fourth item."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NUMBER = re.compile(r"\[\d+\]")
_ENTERS = re.compile(r"\[|(?<!\])/")
"""Where a path enters a node: at its item's or round's bracket, or before its branch's name."""


def without_numbers(path: str) -> str:
    """Return the path without item and round numbers: the same for each time that a step is done."""
    return _NUMBER.sub("", path)


def around(path: str) -> Iterator[str]:
    """Yield the paths of the nodes that a path lies in, the outermost first; a branch's way counts as one."""
    for cut in _ENTERS.finditer(path):
        yield path[: cut.start()]
