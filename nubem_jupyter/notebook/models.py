"""``%nubem models``: which models there are, what is known of one, and what has changed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.errors import UsageError
from nubem_jupyter.render.blocks import Page, Words

if TYPE_CHECKING:
    from nubem_jupyter.notebook.workbench import Workbench

MOST_ROWS = 200
"""Rows of a page: with all that are listed a notebook would be megabytes larger."""

EXAMPLES = """
  %nubem models                            the models that can be called now
  %nubem models --all claude               all that are listed, whose name has this part
  %nubem models openai/* --require vision  by a pattern, and by what they can do
  %nubem models --max-price 2              a million tokens for two dollars at most
  %nubem models openai/gpt-4o              everything that is known of one model
  %nubem models --diff                     what has changed, and when
  %nubem models --live                     a list that shows what changes while it does
  %nubem models refresh                    ask every server for its models, and tell what has changed"""


def models_command(workbench: Workbench, options: argparse.Namespace, words: Sequence[str]) -> Page | None:
    """Do what the words and options after ``%nubem models`` ask; None where what is shown goes on to follow changes.

    Raises:
        UsageError: something else than a list is to be followed, a word is a terminal's, something stands after
            ``refresh``, no model has such a name, provider or feature, or the limit shows nothing.
    """
    from nubem_jupyter.session import change_pages, choosing  # late: loading the extension shows nothing yet
    from nubem_jupyter.session.model_pages import trouble_line

    if words[:1] == ["pull"]:
        wanted = " ".join(words[1:]) or "NAME"
        raise UsageError("pull is a command for a terminal", hint=f"there: nubem models pull {wanted}; here: !nubem …")
    check_live(options, words)
    catalog = workbench.session.catalog
    if options.diff:
        return change_pages.changes_page(catalog.changes(), "model")
    choosing.check_alone(words)
    if words == ["refresh"]:
        refreshed = workbench.call(catalog.refresh())
        troubles = tuple(Words(trouble_line(one), "warning") for one in refreshed.troubles)
        return (*change_pages.difference_page(refreshed.difference, "model"), *troubles)
    workbench.call(catalog.ready())
    if options.live:
        workbench.follow("model", lambda: _listed(workbench, options, words))
        return None
    return _listed(workbench, options, words)


def check_live(options: argparse.Namespace, words: Sequence[str]) -> None:
    """Check that only a list is to be followed.

    Raises:
        UsageError: something else is.
    """
    other = "--diff" if options.diff else "refresh" if list(words[:1]) == ["refresh"] else ""
    if options.live and other:
        raise UsageError(f"--live follows a list, and {other} shows none", hint="leave one of the two out")


def _listed(workbench: Workbench, options: argparse.Namespace, words: Sequence[str]) -> Page:
    from nubem_jupyter.catalog.days import day_of
    from nubem_jupyter.session.choosing import all_of, choose
    from nubem_jupyter.session.model_pages import models_page

    session = workbench.session
    limit = MOST_ROWS if options.limit is None else options.limit
    chosen = vars(options) | {"words": words, "limit": limit}
    selection = choose(session.models(), chosen)
    today = day_of(session.wall_clock())
    return models_page(selection, all_of("%nubem models", chosen), session.catalog.troubles, today=today)
