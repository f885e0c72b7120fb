"""A parser that answers a mistake with one sentence and a hint."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from nubem_jupyter import __version__
from nubem_jupyter.cli.command import Command
from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UsageError


class SentenceParser(argparse.ArgumentParser):
    """An argument parser that raises instead of leaving the program."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self.prog}: {message}", hint=f"see: {self.prog} --help")


def build_parser(commands: Sequence[Command]) -> SentenceParser:
    """Return the parser of the whole program; a parsed command stands under ``command``."""
    parser = SentenceParser(
        prog="nubem",
        allow_abbrev=False,
        description="The LLM orchestrator: a request in plain language becomes a flow that is planned, routed and run.",
    )
    parser.add_argument("--version", action="version", version=f"nubem-jupyter {__version__}")
    kinds = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command_name")
    for command in commands:
        own = kinds.add_parser(command.name, help=command.summary, description=command.summary, allow_abbrev=False)
        command.configure(own)
        own.set_defaults(command=command, parser=own)
    return parser


def parse(parser: SentenceParser, commands: Sequence[Command], argv: Sequence[str]) -> argparse.Namespace:
    """Read a command line.

    Raises:
        UsageError: a command or an option is not there, or a value is missing.
    """
    names = [command.name for command in commands]
    if argv and not argv[0].startswith("-") and argv[0] not in names:
        close = nearest(argv[0], names)
        hint = f"did you mean 'nubem {close}'?" if close else f"there are: {' '.join(names)}"
        raise UsageError(f"there is no command '{argv[0]}'", hint=hint)
    _check_order(parser, names, argv)
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        raise _unknown_option(unknown[0], arguments.parser if arguments.command_name else parser)
    return arguments


def _check_order(parser: SentenceParser, names: Sequence[str], argv: Sequence[str]) -> None:
    """Refuse an option of a command that stands before it."""
    if not argv or not argv[0].startswith("-") or argv[0].partition("=")[0] in parser._option_string_actions:
        return
    command = next((word for word in argv if word in names), None)
    if command is not None:
        raise UsageError(
            f"the option '{argv[0]}' stands before the command '{command}'",
            hint=f"write it after: nubem {command} {argv[0]} …",
        )


def _unknown_option(word: str, parser: argparse.ArgumentParser) -> UsageError:
    option = word.partition("=")[0]
    if not option.startswith("-"):
        return UsageError(f"there is nothing to do with '{word}'", hint="put a request of several words in quotes")
    known = [name for action in parser._actions for name in action.option_strings]
    close = nearest(option, known)
    hint = f"did you mean '{close}'?" if close else f"see: {parser.prog} --help"
    return UsageError(f"{parser.prog} has no option '{option}'", hint=hint)
