"""``nubem doctor``: what is there, what is not, and what to do about it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nubem_jupyter.cli.command import OK, Command, Context
from nubem_jupyter.errors import SettingsError

if TYPE_CHECKING:
    from nubem_jupyter.session.doctor import Finding
    from nubem_jupyter.session.session import Session

_MARKS = {True: "ok", False: "--", None: "  "}


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print as JSON")


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    session, wrong = _examined(context)
    servers = await session.health()  # first: it tells which of their models can be called
    found = (*wrong, *session.doctor(), *servers)
    if arguments.json:
        context.terminal.show_json(found)
    else:
        context.terminal.show("\n".join(_lines(finding) for finding in found))
    return OK


def _examined(context: Context) -> tuple[Session, tuple[Finding, ...]]:
    """Return the session; where the settings allow none, one without what is wrong, which is a finding."""
    try:
        return context.session, ()
    except SettingsError:
        from nubem_jupyter.session.lenient import open_leniently  # imported late: seldom needed

        session, wrong = open_leniently()
        return context.take(session), wrong


def _lines(finding: Finding) -> str:
    line = f"{_MARKS[finding.ok]}  {finding.area:<9} {finding.text}"
    return f"{line}\n{'':14}-> {finding.mend}" if finding.mend else line


COMMAND = Command("doctor", "Say what is there, what is missing, and how to mend it.", _configure, _act)
