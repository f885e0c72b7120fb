"""``nubem runs``: what was run."""

from __future__ import annotations

import argparse
import asyncio

from nubem_jupyter.cli.command import OK, Command, Context
from nubem_jupyter.cli.table import table
from nubem_jupyter.core import wire
from nubem_jupyter.core.run import Run
from nubem_jupyter.core.text import shorten
from nubem_jupyter.errors import UsageError
from nubem_jupyter.render.amount import seconds, spent
from nubem_jupyter.render.notices import ending
from nubem_jupyter.session.options import whole


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", metavar="ID", help="show one run: the beginning of its id, or last")
    parser.add_argument(
        "--limit", type=whole("--limit"), default=20, metavar="N", help="how many, newest first (default 20)"
    )
    parser.add_argument("--json", action="store_true", help="print as JSON")


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.limit < 1:
        raise UsageError(f"--limit is {arguments.limit}, which lists nothing", hint="write --limit 20")
    if arguments.run:
        return await _show_one(arguments, context)
    # The store's calls block, and the event loop is the session's too.
    found = await asyncio.to_thread(context.session.store.list, arguments.limit)
    if arguments.json:
        context.terminal.show_json(found)
    elif found:
        head = ("id", "started", "outcome", "cost", "time", "request")
        under_way = await asyncio.to_thread(context.session.store.under_way)
        context.terminal.show(table(head, [_row(run, ending(run, under_way)) for run in found]))
    else:
        context.terminal.note('nothing was run yet; try: nubem run "…"')
    return OK


async def _show_one(arguments: argparse.Namespace, context: Context) -> int:
    from nubem_jupyter.render.bundle import bundle  # imported late: it draws pictures

    found = await asyncio.to_thread(context.session.recorded, arguments.run)
    if arguments.json:
        context.terminal.show_json(wire.document(found))
    else:
        context.terminal.show(bundle(found)["text/plain"])
    return OK


def _row(run: Run, ending: str) -> tuple[str, ...]:
    request = run.plan.request or run.plan.flow.name
    started = run.started_at[:19].replace("T", " ")
    return (run.id, started, ending, spent(run.cost_usd, run.unpriced), seconds(run.latency_s), shorten(request, 60))


COMMAND = Command("runs", "List what was run, or show one run.", _configure, _act)
