"""``nubem components``: the tools that flows may use; ``nubem components refresh`` looks and asks anew."""

from __future__ import annotations

import argparse

from nubem_jupyter.cli.command import FAILED, OK, Command, Context
from nubem_jupyter.core.component import PERMISSIONS
from nubem_jupyter.errors import UsageError
from nubem_jupyter.render.text import text
from nubem_jupyter.session.change_pages import changes_page, plain_changes, plain_difference
from nubem_jupyter.session.component_choice import choose
from nubem_jupyter.session.component_pages import listing_page, plain, refreshed_page
from nubem_jupyter.session.options import constraints_from, whole

_REFRESH = "refresh"
_EXAMPLES = """examples:
  nubem components                        the tools that flows may use, what they take and need
  nubem components read csv --json        for a program: those with these words in name, description or origin
  nubem components web.fetch              everything that is known of one
  nubem components --diff                 what has changed, and when
  nubem components refresh --allow code   look at files anew, and ask MCP servers for their tools"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="only those with these words in name, description or origin; a name alone shows it in full; refresh looks "
        "at files and asks MCP servers for their tools",
    )
    parser.add_argument("--all", action="store_true", help="those that cannot be used yet, too, and what is missing")
    parser.add_argument("--limit", type=whole("--limit"), metavar="N", help="how many at most (default: all)")
    parser.add_argument("--diff", action="store_true", help="what has changed lately, and when")
    parser.add_argument("--json", action="store_true", help="print as JSON, with what could not be read")
    parser.add_argument(
        "--allow",
        metavar="PERMISSION",
        action="append",
        help=f"for refresh: let servers be started (code) or reached (network); of {', '.join(PERMISSIONS)}",
    )
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


async def _act(arguments: argparse.Namespace, context: Context) -> int:
    words = arguments.words
    if arguments.diff:
        return _show_changes(arguments, context)
    if words[:1] == [_REFRESH]:
        if words[1:]:
            raise UsageError(f"refresh takes no '{words[1]}'", hint="write nubem components refresh")
        return await _refresh(arguments, context)
    if arguments.allow:
        raise UsageError("a listing starts nothing that needs leave", hint="leave --allow out, or write refresh")
    return _list(arguments, context)


def _list(arguments: argparse.Namespace, context: Context) -> int:
    selection = choose(context.session.components, vars(arguments))
    if arguments.json:
        context.terminal.show_json({"components": list(map(plain, selection.shown)), "troubles": selection.troubles})
    else:
        more = " ".join(["nubem components --all", *arguments.words])
        context.terminal.show(text(listing_page(selection, more)))
    return OK


async def _refresh(arguments: argparse.Namespace, context: Context) -> int:
    """Look and ask anew; the exit status tells whether every server answered."""
    refreshed = await context.session.components.refresh(constraints_from({"allow": arguments.allow}).allow)
    if arguments.json:
        told = plain_difference(refreshed.difference, "component")
        context.terminal.show_json(told | {"troubles": refreshed.troubles})
    else:
        context.terminal.show(text(refreshed_page(refreshed)))
    return FAILED if refreshed.silent else OK


def _show_changes(arguments: argparse.Namespace, context: Context) -> int:
    changes = context.session.catalog.changes()
    if arguments.json:
        context.terminal.show_json(plain_changes(changes, "component"))
    else:
        context.terminal.show(text(changes_page(changes, "component")))
    return OK


COMMAND = Command("components", "List the tools that flows may use.", _configure, _act)
