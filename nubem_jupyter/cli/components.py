"""``nubem components``: the tools that flows may use; ``nubem components refresh`` looks and asks anew."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from nubem_jupyter.cli.command import OK, Command, Context
from nubem_jupyter.core.component import PERMISSIONS, ComponentInfo
from nubem_jupyter.errors import UsageError
from nubem_jupyter.render.components import chosen, component_page, components_page
from nubem_jupyter.render.text import text
from nubem_jupyter.session.change_pages import changes_page, plain_changes
from nubem_jupyter.session.options import constraints_from

_REFRESH = "refresh"
_EXAMPLES = """examples:
  nubem components                        the tools that flows may use, what they take and need
  nubem components read csv --json        for a program: those with these words in name or description
  nubem components web.fetch              everything that is known of one
  nubem components --diff                 what has changed, and when
  nubem components refresh --allow code   look at files anew, and ask MCP servers for their tools"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="only those with these words in name or description; a name alone shows it in full; refresh looks at "
        "files and asks MCP servers for their tools",
    )
    parser.add_argument("--all", action="store_true", help="those that cannot be used yet, too, and what is missing")
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
    toolbox, words = context.session.components, arguments.words
    if arguments.diff:
        return _show_changes(arguments, context)
    if words[:1] == [_REFRESH]:
        if words[1:]:
            raise UsageError(f"refresh takes no '{words[1]}'", hint="write nubem components refresh")
        snapshot, words = await toolbox.refresh(constraints_from({"allow": arguments.allow}).allow), []
    elif arguments.allow:
        raise UsageError("a listing starts nothing that needs leave", hint="leave --allow out, or write refresh")
    else:
        snapshot = toolbox.snapshot()
    infos = chosen(snapshot.components, words)
    shown = [info for info in infos if arguments.all or info.available]
    if arguments.json:
        context.terminal.show_json({"components": list(map(_plain, shown)), "troubles": snapshot.troubles})
    elif words and len(infos) == 1:
        context.terminal.show(text(component_page(infos[0])))
    else:
        context.terminal.show(text(components_page(shown, () if words else snapshot.troubles)))
        if len(shown) < len(infos):
            more = len(infos) - len(shown)
            context.terminal.note(f"{more} more cannot be used yet; see: nubem components --all")
    return OK


def _show_changes(arguments: argparse.Namespace, context: Context) -> int:
    changes = context.session.catalog.changes()
    if arguments.json:
        context.terminal.show_json(plain_changes(changes, "component"))
    else:
        context.terminal.show(text(changes_page(changes, "component")))
    return OK


def _plain(info: ComponentInfo) -> dict[str, Any]:
    """Return every field, also those that have their default, and what its use needs leave for."""
    inputs = [msgspec.structs.asdict(parameter) for parameter in info.inputs]
    return {**msgspec.structs.asdict(info), "inputs": inputs, "needs": info.needs}


COMMAND = Command("components", "List the tools that flows may use.", _configure, _act)
