"""``nubem models``: the models that can be called, what is known of each, what has changed; and bringing local ones."""

from __future__ import annotations

import argparse
import asyncio

from nubem_jupyter.cli.command import FAILED, OK, Command, Context
from nubem_jupyter.cli.progress import Progress
from nubem_jupyter.errors import UsageError
from nubem_jupyter.render.text import text
from nubem_jupyter.session.options import decimal, whole

_EXAMPLES = """examples:
  nubem models                                  the models that can be called now
  nubem models --all claude                     all that are listed, whose name has this part
  nubem models 'openai/*' --require vision      by a pattern, and by what they can do
  nubem models --max-price 2 --json             for a program: a million tokens for two dollars at most
  nubem models openai/gpt-4o                    everything that is known of one model
  nubem models --diff                           what has changed, and when
  nubem models refresh                          ask every server for its models, and tell what has changed
  nubem models pull smollm2-135m                bring a local model's weights"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "words", nargs="*", metavar="WORD", help="part of a name, or a pattern; or refresh; or pull NAME"
    )
    parser.add_argument("--all", action="store_true", help="those that cannot be called yet, too, and what is missing")
    parser.add_argument("--provider", action="append", default=[], metavar="P", help="only what it serves; repeatable")
    parser.add_argument("--require", action="append", default=[], metavar="A,B", help="features, such as vision,tools")
    parser.add_argument(
        "--max-price", type=decimal("--max-price"), metavar="USD", help="for a million tokens, given or generated"
    )
    parser.add_argument("--limit", type=whole("--limit"), metavar="N", help="how many at most (default: all)")
    parser.add_argument("--diff", action="store_true", help="what has changed lately")
    parser.add_argument("--json", action="store_true", help="print as JSON")


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    match arguments.words:
        case ["pull", name]:
            return await _pull(name, context)
        case ["pull", *_]:
            raise UsageError("nubem models pull takes one NAME", hint="for example: nubem models pull smollm2-135m")
        case ["refresh", *_]:
            return await _refresh(arguments, context)
    if arguments.diff:
        return _show_changes(arguments, context)
    return await _list(arguments, context)


async def _list(arguments: argparse.Namespace, context: Context) -> int:
    from nubem_jupyter.catalog.days import day_of
    from nubem_jupyter.session.choosing import all_of, choose
    from nubem_jupyter.session.model_pages import models_page, plain

    await context.session.catalog.ready()
    selection = choose(await asyncio.to_thread(context.session.models), vars(arguments))
    if arguments.json:
        # A program that asks for what is offered gets just that; a local model that is not here yet is not.
        shown = [one for one in selection.shown if arguments.all or one.available or [one.id] == arguments.words]
        context.terminal.show_json([plain(model) for model in shown])
        return OK
    more = all_of("nubem models", vars(arguments))
    today = day_of(context.session.wall_clock())
    context.terminal.show(text(models_page(selection, more, context.session.catalog.troubles, today=today)))
    return OK


async def _refresh(arguments: argparse.Namespace, context: Context) -> int:
    """Ask anew; the exit status tells whether everybody answered."""
    from nubem_jupyter.session.change_pages import difference_page, plain_difference
    from nubem_jupyter.session.choosing import check_alone
    from nubem_jupyter.session.model_pages import trouble_line

    check_alone(arguments.words)
    refreshed = await context.session.catalog.refresh()
    if arguments.json:
        context.terminal.show_json(plain_difference(refreshed.difference, "model") | {"troubles": refreshed.troubles})
    else:
        context.terminal.show(text(difference_page(refreshed.difference, "model")))
    for trouble in refreshed.troubles:
        context.terminal.note(trouble_line(trouble))
    return FAILED if refreshed.troubles else OK


def _show_changes(arguments: argparse.Namespace, context: Context) -> int:
    from nubem_jupyter.session.change_pages import changes_page, plain_changes

    changes = context.session.catalog.changes()
    if arguments.json:
        context.terminal.show_json(plain_changes(changes, "model"))
    else:
        context.terminal.show(text(changes_page(changes, "model")))
    return OK


async def _pull(name: str, context: Context) -> int:
    progress = Progress(context.terminal)
    try:
        path = await context.session.pull(name, progress.take)
    except asyncio.CancelledError:
        progress.stop()  # the download blocks a thread, which no cancellation reaches
        raise
    finally:
        progress.end()
    context.terminal.show(str(path))
    return OK


COMMAND = Command("models", "List models with price, speed and evidence; bring local ones.", _configure, _act)
