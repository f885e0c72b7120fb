"""Tables for a terminal, in the form that every other output has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nubem_jupyter.render.blocks import Table
from nubem_jupyter.render.text import text


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay rows out in columns."""
    return text((Table(tuple(head), tuple(tuple(row) for row in rows)),))
