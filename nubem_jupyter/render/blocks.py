"""What is shown, before anybody decides how: a page is a sequence of these blocks."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Tone = Literal["plain", "title", "quiet", "warning", "failure"]


class Words(msgspec.Struct, frozen=True):
    """A line or paragraph."""

    text: str
    """What it says."""
    tone: Tone = "plain"
    """How loudly."""


class Table(msgspec.Struct, frozen=True):
    """Rows of short texts under named columns."""

    columns: tuple[str, ...]
    """Headings."""
    rows: tuple[tuple[str, ...], ...]
    """Cells, as many a row as there are columns."""
    title: str = ""
    """A line above it."""
    searchable: bool = False
    """Whether a page that runs scripts has a field above it that filters the rows by words."""
    folds: bool = False
    """Whether, as text, wide cells go on below; else they push the rest of their row aside."""


class Picture(msgspec.Struct, frozen=True):
    """A drawing in Graphviz's language, with what stands for it where nothing can draw."""

    dot: str
    """The drawing."""
    outline: str
    """The same in lines of text."""
    alt: str = ""
    """The same in one line, for readers who cannot see it."""


class Shown(msgspec.Struct, frozen=True):
    """A value that a flow gave: text, or plain JSON."""

    value: Any
    """The value."""
    code: bool = False
    """Whether a text is a program."""


class Details(msgspec.Struct, frozen=True):
    """Blocks that stay folded until somebody opens them."""

    summary: str
    """What is seen while folded."""
    blocks: tuple[Block, ...]
    """What is inside."""


Block = Words | Table | Picture | Shown | Details
"""Everything that a page is made of."""

Page = tuple[Block, ...]
"""Blocks from top to bottom."""
