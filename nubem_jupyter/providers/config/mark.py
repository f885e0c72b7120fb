"""How a file of LiteLLM's is known that was written here, for a proxy."""

from __future__ import annotations

from pathlib import Path

MARK = "# What a LiteLLM proxy offers, written by `nubem proxy config`"
"""How the first line of such a file begins; without that line it is its user's."""


def is_marked(path: Path) -> bool:
    """Tell whether the file was written here; False where there is none, or none that can be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(MARK)) == MARK.encode()
    except OSError:
        return False
