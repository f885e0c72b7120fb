"""Which components a listing shows: one reading of words and options for the notebook and the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple, Protocol

from nubem_jupyter.catalog.snapshot import Snapshot
from nubem_jupyter.core.component import ComponentInfo, Trouble
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UsageError

_SERVER = re.compile(r"the MCP server '(\w+)'")
_FUNCTION = re.compile(r"(?:its tool )?'([\w.]+)'")
"""How a trouble begins that is about one function, and not about all of its place."""
_ROOT = "components"


class Selection(NamedTuple):
    """What a listing shows, and what it leaves out."""

    shown: tuple[ComponentInfo, ...]
    """The components that fit; the one that is meant where ``is_one``."""
    troubles: tuple[Trouble, ...]
    """What could not be read, of all that is there or of what the words are about."""
    is_one: bool = False
    """Whether the words mean one component."""
    closed: int = 0
    """How many more fit and cannot be used yet."""
    cut: int = 0
    """How many more fit beyond the limit."""
    remembered: bool = False
    """Whether it is what an earlier kernel knew, since nobody has looked in this one yet."""


class Listed(Protocol):
    """What a session knows of its components."""

    def snapshot(self) -> Snapshot:
        """Return what there was at the last look."""
        ...

    def fresh(self) -> Snapshot:
        """Look now, and return what there is."""
        ...

    @property
    def is_remembered(self) -> bool:
        """Whether the last look was an earlier kernel's."""
        ...


def choose(components: Listed, options: Mapping[str, Any]) -> Selection:
    """Choose by the options ``words``, ``all`` and ``limit``; what has no match is looked for before that is said.

    Raises:
        UsageError: no component fits, or the limit shows nothing.
    """
    words, limit = options["words"], options["limit"]
    if limit is not None and limit < 1:
        raise UsageError(f"--limit is {limit}, which lists nothing", hint="write --limit 20")
    known = components.snapshot()
    remembered = components.is_remembered
    found = fitting(known.components, words)
    if words and not found:
        known, remembered = components.fresh(), False
        found = fitting(known.components, words)
    troubles = troubles_about(known.troubles, words) if words else known.troubles
    if words and not found:
        raise _nothing(words, known, troubles)
    is_one = bool(words) and len(found) == 1
    shown = found if options["all"] or is_one else tuple(info for info in found if info.available)
    return Selection(
        shown=shown[:limit],
        troubles=troubles,
        is_one=is_one,
        closed=len(found) - len(shown),
        cut=len(shown) - len(shown[:limit]),
        remembered=remembered,
    )


def fitting(infos: Iterable[ComponentInfo], words: Sequence[str]) -> tuple[ComponentInfo, ...]:
    """Return the components that have all of these words in their name, description, capability, inputs or origin."""
    known = tuple(infos)
    named = tuple(info for info in known if [info.name] == list(words))
    return named or tuple(info for info in known if all(word.lower() in _text(info) for word in words))


def troubles_about(troubles: Iterable[Trouble], words: Sequence[str]) -> tuple[Trouble, ...]:
    """Return the troubles of what all of these words name or begin to name: a function, a file, a server."""
    return tuple(trouble for trouble in troubles if all(_is_about(trouble, word.lower()) for word in words))


def _nothing(words: Sequence[str], known: Snapshot, troubles: Sequence[Trouble]) -> UsageError:
    asked = f"no component has '{' '.join(words)}' in its name or description"
    if troubles:
        first = troubles[0]
        return UsageError(f"{asked}; {first.where}: {first.message}", hint=first.hint)
    close = nearest(words[0], [info.name for info in known.components])
    return UsageError(asked, hint=f"did you mean '{close}'?" if close else "leave the words out to see all of them")


def _is_about(trouble: Trouble, word: str) -> bool:
    """Compare a word with what is named in a trouble; one that names no function is about all of its place."""
    place, function = _place(trouble.where).lower(), _FUNCTION.match(trouble.message)
    if function is None:
        return word in place or word.startswith(f"{place}.")
    name = function[1].lower()
    return any(word in named for named in (place, name, f"{place}.{name}"))


def _place(where: str) -> str:
    """Return what stands before the names of what a file, an entry point or a server offers."""
    if server := _SERVER.fullmatch(where):
        return server[1]
    path = PurePath(where)
    if path.suffix != ".py":
        return where.partition(" ")[0]
    parts = path.with_suffix("").parts
    below = parts[len(parts) - parts[::-1].index(_ROOT) :] if _ROOT in parts else parts[-1:]
    return ".".join(part for part in below if part != "__init__")


def _text(info: ComponentInfo) -> str:
    inputs = (f"{parameter.name} {parameter.description}" for parameter in info.inputs)
    # Of a path the file alone: the folders above have words of their own.
    where = PurePath(info.origin.where).name if info.origin.kind == "file" else info.origin.where
    return " ".join((info.name, info.description, info.capability, info.origin.kind, where, *inputs)).lower()
