"""``nubem schema``: the published JSON Schema of stored values."""

from __future__ import annotations

import argparse

from nubem_jupyter.cli.command import OK, Command, Context


def _configure(parser: argparse.ArgumentParser) -> None:
    del parser  # no argument


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    # Imported late, for the types that they declare as stored.
    from nubem_jupyter.core import evaluation, flow, plan, run, wire

    del arguments, evaluation, flow, plan, run
    context.terminal.show_json(wire.schema())
    return OK


COMMAND = Command("schema", "Print the JSON Schema of flows, plans, runs and evaluations.", _configure, _act)
