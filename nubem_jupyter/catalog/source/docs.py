"""What a docstring in Google's style says of a function: its words, its arguments, and its ``Component:`` section."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_SECTION = re.compile(r"(Args|Arguments|Component|Returns|Yields|Raises|Examples?|Notes?|Attributes|References):\s*")
_ENTRY = re.compile(r"(\*{0,2}\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")
"""``name: words`` or ``name (type): words``."""


class Docs(NamedTuple):
    """A docstring taken apart."""

    text: str
    """What stands before the first section."""
    arguments: Mapping[str, str]
    """Argument -> its description."""
    component: Mapping[str, str]
    """What the ``Component:`` section says, as written: ``permissions: network``."""


def parse_docs(docstring: str) -> Docs:
    """Take a docstring apart; sections that are not known here belong to nothing."""
    lines = inspect.cleandoc(docstring).splitlines()
    starts = [index for index, line in enumerate(lines) if _SECTION.fullmatch(line)]
    if not starts:  # most docstrings: no need to look at their lines one by one
        return Docs("\n".join(lines).strip(), {}, {})
    sections: dict[str, dict[str, str]] = {}
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        title = lines[start].partition(":")[0]
        sections.setdefault(title, {}).update(_entries(lines[start + 1 : end]))
    arguments = {**sections.get("Arguments", {}), **sections.get("Args", {})}
    return Docs("\n".join(lines[: starts[0]]).strip(), arguments, sections.get("Component", {}))


def _entries(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each entry with the lines that go on with it, which are indented further."""
    name, words, margin = "", "", -1
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if line.strip() and not indent:
            break  # a section's lines are indented: this one begins a paragraph of its own
        entry = _ENTRY.fullmatch(line.strip())
        if entry and (margin < 0 or indent <= margin):
            if name:
                yield name, words
            name, words, margin = entry[1].lstrip("*"), entry[2], indent
        elif name and line.strip():
            words = f"{words} {line.strip()}".strip()
    if name:
        yield name, words
