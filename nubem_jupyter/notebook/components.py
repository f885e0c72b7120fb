"""``%nubem components``: which tools flows may use, what is known of one, and what has changed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.notebook.models import MOST_ROWS, check_live
from nubem_jupyter.render.blocks import Page
from nubem_jupyter.session.options import constraints_from

if TYPE_CHECKING:
    from nubem_jupyter.notebook.workbench import Workbench

EXAMPLES = """
  %nubem components                        the tools that flows may use, what they take and need
  %nubem components read csv               those with these words in name, description or origin
  %nubem components web.fetch              everything that is known of one
  %nubem components --diff                 what has changed, and when
  %nubem components --live                 a list that shows what changes while it does
  %nubem components refresh --allow code   look at files anew, and ask MCP servers for their tools"""


def components_command(workbench: Workbench, options: argparse.Namespace, words: Sequence[str]) -> Page | None:
    """Do what the words and options after ``%nubem components`` ask; None where it goes on to follow changes.

    Raises:
        UsageError: no component has these words, or something else than a list is to be followed.
        ConstraintError: a permission is granted that nobody knows.
    """
    from nubem_jupyter.session.change_pages import changes_page  # late: loading the extension shows nothing yet
    from nubem_jupyter.session.component_choice import choose
    from nubem_jupyter.session.component_pages import listing_page, refreshed_page

    check_live(options, words)
    session = workbench.session
    if options.diff:
        return changes_page(session.catalog.changes(), "component")
    if words == ["refresh"]:
        return refreshed_page(
            workbench.call(session.components.refresh(constraints_from({"allow": options.allow}).allow))
        )
    limit = MOST_ROWS if options.limit is None else options.limit

    def listed() -> Page:
        selection = choose(session.components, {"words": words, "all": options.all, "limit": limit})
        return listing_page(selection, " ".join(["%nubem components --all", *words]))

    if options.live:
        workbench.follow("component", listed)
        return None
    return listed()
