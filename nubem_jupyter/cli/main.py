"""The ``nubem`` program: reads the command line, does one command, and turns errors into sentences."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.cli import cache, components, doctor, evaluate, flows, models, plan, proxy, run, runs, schema
from nubem_jupyter.cli.command import FAILED, INTERRUPTED, USAGE, Command, Context
from nubem_jupyter.cli.parser import build_parser, parse
from nubem_jupyter.cli.terminal import Terminal
from nubem_jupyter.cli.weighed import FRONT, WHAT_IF, WHY
from nubem_jupyter.errors import ConstraintError, NubemError, SettingsError, UnknownModelError, UsageError

if TYPE_CHECKING:
    from nubem_jupyter.session.session import Session

_MODULES = (doctor, plan, run, runs, cache, models, components, flows, evaluate, proxy, schema)
COMMANDS = (*(module.COMMAND for module in _MODULES), WHY, WHAT_IF, FRONT)
_WRITTEN_WRONGLY = (UsageError, SettingsError, ConstraintError, UnknownModelError)


def main(argv: Sequence[str] | None = None, *, open_session: Callable[[], Session] | None = None) -> int:
    """Do what the command line asks; returns the exit status: 0 done, 1 failed, 2 written wrongly, 130 stopped."""
    terminal = Terminal(sys.stdout, sys.stderr, shutil.get_terminal_size().columns)
    try:
        return _run(sys.argv[1:] if argv is None else argv, Context(terminal, open_session or _default_session))
    except NubemError as error:
        terminal.note(str(error))
        return USAGE if isinstance(error, _WRITTEN_WRONGLY) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left, as `head` does; Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _run(argv: Sequence[str], context: Context) -> int:
    parser = build_parser(COMMANDS)
    if not argv:
        context.terminal.show(parser.format_help())
        return USAGE
    arguments = parse(parser, COMMANDS, argv)
    command: Command = arguments.command

    async def act() -> int:
        try:
            return await command.act(arguments, context)
        finally:
            await context.aclose()

    return asyncio.run(act())


def _default_session() -> Session:
    from nubem_jupyter.session.default import open_session  # imported late: help needs none of it

    return open_session()
