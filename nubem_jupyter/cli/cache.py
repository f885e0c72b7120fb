"""``nubem cache``: the answers that are kept, so that an equal call need not be made again."""

from __future__ import annotations

import argparse
import asyncio

import msgspec

from nubem_jupyter.cli.command import OK, Command, Context
from nubem_jupyter.cli.table import table
from nubem_jupyter.render.cached import SIMILAR_COLUMNS, WHEN_GIVEN_AGAIN, cache_rows, forgotten, similar_rows


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clear", action="store_true", help="forget everything that is kept")
    parser.add_argument("--json", action="store_true", help="print as JSON")
    parser.epilog = WHEN_GIVEN_AGAIN


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    recall, similar = context.session.recall, context.session.similar
    if arguments.clear:
        await asyncio.to_thread(similar.clear)
        count = await asyncio.to_thread(recall.clear)
        if arguments.json:
            context.terminal.show_json({"forgotten": count})
        else:
            context.terminal.show(forgotten(count))
        return OK
    stats, steps = await asyncio.to_thread(recall.stats), await asyncio.to_thread(similar.scopes)
    if arguments.json:
        context.terminal.show_json({**msgspec.to_builtins(stats), "similar": steps})
        return OK
    context.terminal.show(table(("", ""), cache_rows(stats, recall.trouble)))
    if steps:
        context.terminal.show(table(SIMILAR_COLUMNS, similar_rows(steps)))
    return OK


COMMAND = Command("cache", "Show what is kept for equal calls, or forget it.", _configure, _act)
