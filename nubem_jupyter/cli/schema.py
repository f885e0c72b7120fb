"""``nubem schema``: the published JSON Schema of stored values."""

from __future__ import annotations

import argparse

from nubem_jupyter.cli.command import OK, Command, Context


def _configure(parser: argparse.ArgumentParser) -> None:
    del parser  # no argument


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    from nubem_jupyter.core.evaluation import Evaluation  # imported late, as in every command
    from nubem_jupyter.core.flow import Flow
    from nubem_jupyter.core.plan import Plan
    from nubem_jupyter.core.run import Run
    from nubem_jupyter.core.wire import schema

    del arguments
    context.terminal.show_json(schema((Flow, Plan, Run, Evaluation)))
    return OK


COMMAND = Command("schema", "Print the JSON Schema of flows, plans, runs and evaluations.", _configure, _act)
