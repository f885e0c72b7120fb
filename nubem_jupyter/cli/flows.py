"""``nubem flows``: the flows saved in the workspace."""

from __future__ import annotations

import argparse

from nubem_jupyter.cli.command import OK, Command, Context


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print as JSON")


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    names = context.session.flows.names()
    if arguments.json:
        context.terminal.show_json(list(names))
    elif names:
        context.terminal.show("\n".join(names))
    else:
        context.terminal.note('no flow is saved here; try: nubem plan "…" --save NAME')
    return OK


COMMAND = Command("flows", "List the flows saved in this workspace.", _configure, _act)
