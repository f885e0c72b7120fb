"""``nubem run``: plan a request, run it, and print its result."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.cli.command import FAILED, OK, Command, Context
from nubem_jupyter.cli.page import write_page
from nubem_jupyter.cli.request import add_request_arguments, planned
from nubem_jupyter.cli.stream import EventText
from nubem_jupyter.core import wire
from nubem_jupyter.core.run import NodeState, Outcome, Run
from nubem_jupyter.core.text import shorten
from nubem_jupyter.errors import UsageError
from nubem_jupyter.render.amount import seconds, spent
from nubem_jupyter.render.cached import cached_summary
from nubem_jupyter.session.options import constraints_from

if TYPE_CHECKING:
    from nubem_jupyter.cli.terminal import Terminal
    from nubem_jupyter.session.handle import RunHandle


_SHOWN_CHARS = 80


def _configure(parser: argparse.ArgumentParser) -> None:
    add_request_arguments(parser)
    parser.add_argument("--replay", metavar="ID", help="give the answers of an earlier run again; ask no model")
    parser.add_argument(
        "--resume", metavar="ID", help="go on with a run that did not finish; 'last' is the newest of them"
    )
    parser.add_argument("--no-cache", action="store_true", help="ask anew where an equal call's answer is at hand")
    parser.add_argument("--json", action="store_true", help="print the whole run as its stored form")
    parser.add_argument("--html", metavar="FILE", help="write the run as a page, with its picture")
    parser.add_argument("--quiet", action="store_true", help="print the result and nothing else")


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    terminal = context.terminal
    handle = await (_resumed(arguments, context) if arguments.resume else _started(arguments, context))
    text = EventText(terminal.stream)
    run = await _watched(handle, terminal, text, quiet=arguments.quiet)
    if arguments.html:
        write_page(arguments.html, run)
    if arguments.json:
        terminal.show_json(wire.document(run))
    elif run.outcome is Outcome.FINISHED and not _was_read(run.result, text, terminal):
        terminal.show(result_text(run.result))
    return _ended(run, terminal, arguments.quiet)


async def _started(arguments: argparse.Namespace, context: Context) -> RunHandle:
    plan, inputs = await planned(arguments, context)
    # First, since a refusal says what the warnings foresaw, and with how to mend it.
    cache = False if arguments.no_cache else None
    handle = await context.session.begin(plan, inputs, replay=arguments.replay, cache=cache)
    _note(plan.warnings, arguments, context)
    return handle


def _note(warnings: Sequence[str], arguments: argparse.Namespace, context: Context) -> None:
    if not arguments.quiet:
        for warning in warnings:
            context.terminal.note(f"note: {warning}")


async def _resumed(arguments: argparse.Namespace, context: Context) -> RunHandle:
    for name in ("request", "flow", "inputs", "replay", "save", "seed", "temperature"):
        if getattr(arguments, name) not in (None, "", []):  # a seed may be 0
            shown = "a request" if name == "request" else f"--{name.removesuffix('s')}"
            raise UsageError(
                f"--resume goes on with what was asked then, and {shown} is something new",
                hint="leave one of the two out; --max-cost and --max-latency may be raised",
            )
    session = context.session
    name = session.unfinished().id if arguments.resume == "last" else arguments.resume
    constraints = constraints_from(vars(arguments))
    handle = await session.resume(name, constraints, cache=False if arguments.no_cache else None)
    if arguments.resume == "last" and not arguments.quiet:
        about = shorten(handle.plan.request or handle.plan.flow.name, _SHOWN_CHARS)
        context.terminal.note(f"going on with run {name}: {about}")
    _note(handle.plan.warnings, arguments, context)
    return handle


def _was_read(result: Any, text: EventText, terminal: Terminal) -> bool:
    """Tell whether the result is what somebody just saw being written in this very terminal."""
    return terminal.shows_all and isinstance(result, str) and result.strip() == text.last.strip() != ""


async def _watched(handle: RunHandle, terminal: Terminal, text: EventText, *, quiet: bool) -> Run:
    try:
        async for event in handle.events():
            if not quiet:
                text.take(event)
        return await handle.wait()
    except asyncio.CancelledError:
        handle.cancel()
        text.end()
        run = await handle.wait()
        terminal.note(
            f"stopped; {_finished(run):,} of {run.steps:,} steps are kept; go on with: nubem run --resume {run.id}"
        )
        raise
    finally:
        text.end()


def _ended(run: Run, terminal: Terminal, quiet: bool) -> int:
    from nubem_jupyter.render.notices import cut_off, failed_items, going_on  # imported late: help needs none of it

    if run.outcome is not Outcome.FINISHED:
        failure = run.failure
        terminal.note(f"{failure.message}" if failure else f"the run ended as {run.outcome}")
        hints = [failure.hint if failure else "", going_on(run, "nubem run --resume")]
        if any(hints):
            terminal.note(f"Hint: {'; '.join(filter(None, hints))}")
        return FAILED
    # Also where little is to be told: a result that lacks items must not pass for a whole one.
    for warning in failed_items(run):
        terminal.note(f"warning: {warning}")
    if not quiet:
        for warning in cut_off(run):
            terminal.note(f"note: {warning}")
        terminal.note(_summary(run))
    return OK


def _summary(run: Run) -> str:
    models = ", ".join(dict.fromkeys(node.model for node in run.trace if node.model)) or "no model"
    done = _finished(run)
    steps = f"{done:,} step{'' if done == 1 else 's'}"
    told = (
        f"run {run.id}: {steps}",
        models,
        spent(run.cost_usd, run.unpriced),
        seconds(run.latency_s),
        cached_summary(run),
    )
    return ", ".join(filter(None, told))


def _finished(run: Run) -> int:
    return sum(node.state is NodeState.FINISHED for node in run.nodes) + (run.rest.nodes if run.rest else 0)


def result_text(result: Any) -> str:
    """Return a text as it is, and anything else as indented JSON."""
    if isinstance(result, str):
        return result
    return json.dumps(msgspec.to_builtins(result), indent=2, ensure_ascii=False)


COMMAND = Command("run", "Plan a request, run it and print the result.", _configure, _act)
