"""``nubem plan``: show what would be done, by whom and what it should cost; runs nothing."""

from __future__ import annotations

import argparse

from nubem_jupyter.cli.command import OK, Command, Context
from nubem_jupyter.cli.page import write_page
from nubem_jupyter.cli.request import add_request_arguments, planned
from nubem_jupyter.core import wire
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.errors import InfeasibleError


def _configure(parser: argparse.ArgumentParser) -> None:
    add_request_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print the plan as its stored form")
    parser.add_argument("--html", metavar="FILE", help="write the plan as a page, with its picture")


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    from nubem_jupyter.render.bundle import bundle  # imported late: it draws pictures

    try:
        plan, _ = await planned(arguments, context)
    except InfeasibleError as error:
        if isinstance(error.flow, Flow) and not arguments.json:
            context.terminal.show(bundle(error.flow)["text/plain"])
        raise
    if arguments.html:
        write_page(arguments.html, plan)
    if arguments.json:
        context.terminal.show_json(wire.document(plan))
    else:
        context.terminal.show(bundle(plan)["text/plain"])
    return OK


COMMAND = Command("plan", "Plan, route and estimate a request; run nothing, spend nothing.", _configure, _act)
