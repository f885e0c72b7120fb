"""``%nubem components``: which tools flows may use, what is known of one, and what has changed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.notebook.models import MOST_ROWS
from nubem_jupyter.render.blocks import Page
from nubem_jupyter.session.options import constraints_from

if TYPE_CHECKING:
    from nubem_jupyter.notebook.workbench import Workbench

EXAMPLES = """
  %nubem components                        the tools that flows may use, what they take and need
  %nubem components read csv               those with these words in name or description
  %nubem components web.fetch              everything that is known of one
  %nubem components --diff                 what has changed, and when
  %nubem components refresh --allow code   look at files anew, and ask MCP servers for their tools"""


def components_command(workbench: Workbench, options: argparse.Namespace, words: Sequence[str]) -> Page:
    """Do what the words and options after ``%nubem components`` ask.

    Raises:
        UsageError: no component has these words.
        ConstraintError: a permission is granted that nobody knows.
    """
    from nubem_jupyter.render.components import chosen, component_page, components_page  # late: nothing is shown yet
    from nubem_jupyter.session.change_pages import changes_page

    session = workbench.session
    if options.diff:
        return changes_page(session.catalog.changes(), "component")
    if words == ["refresh"]:
        granted = constraints_from({"allow": options.allow}).allow
        snapshot, words = workbench.call(session.components.refresh(granted)), []
    else:
        snapshot = session.components.snapshot()
    infos = chosen(snapshot.components, words)
    if words:
        return component_page(infos[0]) if len(infos) == 1 else components_page(infos, (), most=MOST_ROWS)
    return components_page(infos, snapshot.troubles, session.components.added, most=MOST_ROWS)
