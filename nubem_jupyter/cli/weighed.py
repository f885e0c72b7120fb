"""``nubem why``, ``nubem what-if`` and ``nubem front``: a run's plan, weighed; no model is called."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from nubem_jupyter.cli.command import OK, Command, Context
from nubem_jupyter.core.run import Run
from nubem_jupyter.session.options import limits_from

if TYPE_CHECKING:
    from nubem_jupyter.render.blocks import Page
    from nubem_jupyter.session.weighed import WeighedPlan


def _configure_why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("node", nargs="?", metavar="STEP", help="only this step")
    _add_run(parser)


def _configure_what_if(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    _add_limits(parser)
    parser.add_argument("--prefer", metavar="WHAT", help="balanced, cost, latency or quality")


def _configure_front(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    _add_limits(parser)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", default="last", metavar="RUN", help="the beginning of a run's id, or last")
    parser.add_argument("--json", action="store_true", help="print as JSON")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("limits of the whole run, in place of the plan's")
    group.add_argument("--max-cost", metavar="USD", help="most that it may cost, in US dollars")
    group.add_argument("--max-latency", metavar="S", help="most time that it may take, in seconds")
    group.add_argument("--min-quality", metavar="0..1", help="least chance that every answer of the run is right")


async def _why(arguments: argparse.Namespace, context: Context) -> int:
    from nubem_jupyter.render.weighed import why_page

    plan = (await _recorded(arguments, context)).plan
    page = why_page(plan, arguments.node)
    choices = plan.route if arguments.node is None else {arguments.node: plan.route[arguments.node]}
    return _show(arguments, context, page, choices)


async def _what_if(arguments: argparse.Namespace, context: Context) -> int:
    from nubem_jupyter.render.weighed import what_if_page

    found = (await _weighed(arguments, context)).what_if(**limits_from(vars(arguments)))
    return _show(arguments, context, what_if_page(found), found)


async def _front(arguments: argparse.Namespace, context: Context) -> int:
    from nubem_jupyter.render.weighed import front_page

    weighed = await _weighed(arguments, context)
    found = weighed.front(**limits_from(vars(arguments)))
    return _show(arguments, context, front_page(found, weighed.plan), found)


async def _weighed(arguments: argparse.Namespace, context: Context) -> WeighedPlan:
    run = await _recorded(arguments, context)
    return await context.session.weigh(run.plan, inputs=run.inputs)


async def _recorded(arguments: argparse.Namespace, context: Context) -> Run:
    return await asyncio.to_thread(context.session.recorded, arguments.run)


def _show(arguments: argparse.Namespace, context: Context, page: Page, value: object) -> int:
    from nubem_jupyter.render.text import text

    if arguments.json:
        context.terminal.show_json(value)
    else:
        context.terminal.show(text(page))
    return OK


WHY = Command("why", "Say why each model of a run was chosen, and the others not.", _configure_why, _why)
WHAT_IF = Command("what-if", "Say what other limits would change of a run's plan.", _configure_what_if, _what_if)
FRONT = Command("front", "List what can be had for what of a run's plan.", _configure_front, _front)
