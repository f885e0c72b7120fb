"""Declaring a magic: its options are plain values, so that help, parsing and completion read the same list."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeVar

from IPython.core import magic_arguments
from IPython.core.magic import line_cell_magic, line_magic, no_var_expand

F = TypeVar("F", bound=Callable[..., Any])

_FORMS: dict[str, Any] = {"line": line_magic, "line_cell": line_cell_magic}


class Option(NamedTuple):
    """One option of a magic."""

    flags: tuple[str, ...]
    """Its spellings; one without dashes is positional."""
    help: str
    """What it does, in a few words."""
    settings: dict[str, Any]
    """The rest of what argparse takes."""


def option(*flags: str, help: str, **settings: Any) -> Option:
    """Write an option down."""
    return Option(flags, help, settings)


def flag(name: str, *, help: str) -> Option:
    """Write an option down that is there or not."""
    return Option((name,), help, {"action": "store_true"})


def magic(
    form: Literal["line", "line_cell"], about: str, *, examples: str, options: Sequence[Option]
) -> Callable[[F], F]:
    """Make a method a magic with these options and a help text.

    ``{NAME}`` and ``$NAME`` in its line stay as written, since they are the flow's.
    """

    def declare(function: F) -> F:
        marked: Any = _FORMS[form](function)
        for one in reversed(options):
            marked = _call(magic_arguments.argument, *one.flags, help=one.help, **one.settings)(marked)
        marked = _call(magic_arguments.kwds, description=about, epilog=examples)(marked)
        declared: F = no_var_expand(_call(magic_arguments.magic_arguments)(marked))
        return declared

    return declare


def parser_of(function: Any) -> argparse.ArgumentParser:
    """Return the parser that a declared magic carries."""
    parser: argparse.ArgumentParser = function.parser
    return parser


def _call(maker: Any, *args: Any, **settings: Any) -> Any:
    """Call one of IPython's makers of decorators, which carry no types."""
    return maker(*args, **settings)
