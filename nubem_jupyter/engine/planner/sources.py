"""Values that a step reads, as its prompt names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nubem_jupyter.core.value import ValueType


class Source(NamedTuple):
    """A value that a step reads."""

    name: str
    """What it is called in the prompt."""
    ref: str
    """Where it comes from, as an edge says it."""
    type: ValueType
    """What it is."""
    path: str = ""
    """Where in the value, as the prompt says it."""
    record: tuple[str, ...] = ()
    """For a list of records: the fields that each has."""
    reader: str = ""
    """The reader's name for it; empty takes ``name``."""

    @property
    def key(self) -> str:
        """The reader's name for it."""
        return self.reader or self.name

    @property
    def placeholder(self) -> str:
        """How a prompt's template refers to it."""
        return "{" + (f"{self.key}.{self.path}" if self.path else self.key) + "}"


def describe(sources: Sequence[Source]) -> str:
    """Write placeholders for the sources: one stands alone, several are named."""
    if len(sources) == 1:
        return sources[0].placeholder
    return "\n\n".join(f"{source.name}:\n{source.placeholder}" for source in sources)
