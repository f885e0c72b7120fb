"""``nubem doctor``: what is there, what is not, and what to do about it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nubem_jupyter.cli.command import OK, Command, Context

if TYPE_CHECKING:
    from nubem_jupyter.session.doctor import Finding

_MARKS = {True: "ok", False: "--", None: "  "}


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print as JSON")


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    servers = await context.session.health()  # first: it tells which of their models can be called
    found = (*context.session.doctor(), *servers)
    if arguments.json:
        context.terminal.show_json(found)
    else:
        context.terminal.show("\n".join(_lines(finding) for finding in found))
    return OK


def _lines(finding: Finding) -> str:
    line = f"{_MARKS[finding.ok]}  {finding.area:<9} {finding.text}"
    return f"{line}\n{'':14}-> {finding.mend}" if finding.mend else line


COMMAND = Command("doctor", "Say what is there, what is missing, and how to mend it.", _configure, _act)
