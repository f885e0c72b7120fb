"""What a listing of components shows, in the notebook and on a terminal: the table, or one component's own page."""

from __future__ import annotations

from typing import Any

import msgspec

from nubem_jupyter.core.component import ComponentInfo
from nubem_jupyter.render.blocks import Page, Words
from nubem_jupyter.render.components import component_page, components_page, troubles_table
from nubem_jupyter.session.change_pages import difference_page
from nubem_jupyter.session.component_choice import Selection
from nubem_jupyter.session.toolbox import Refreshed

_MOST_TROUBLES = 200
"""Rows: a folder of another language's files may have thousands."""


def listing_page(selection: Selection, more: str) -> Page:
    """Show the components, or the page of the one that is meant; ``more`` is the command that shows them all."""
    troubles = selection.troubles[:_MOST_TROUBLES]
    if selection.is_one:
        page = component_page(selection.shown[0], troubles)
    else:
        page = components_page(selection.shown, troubles)
    told = (
        f"{selection.cut:,} more fit; choose by words, or raise --limit" if selection.cut else "",
        f"{selection.closed:,} more cannot be used yet; see: {more}" if selection.closed else "",
        "This is what the last kernel knew; the files are being looked at, so ask again in a moment."
        if selection.remembered
        else "",
    )
    return (*page, *(Words(line, "quiet") for line in told if line))


def refreshed_page(refreshed: Refreshed) -> Page:
    """Tell what has changed, and what could not be read or asked."""
    told = difference_page(refreshed.difference, "component")
    return (*told, troubles_table(refreshed.troubles[:_MOST_TROUBLES])) if refreshed.troubles else told


def plain(info: ComponentInfo) -> dict[str, Any]:
    """Return the component for a program: every field, also one that has its default, and what it needs leave for."""
    inputs = [msgspec.structs.asdict(parameter) for parameter in info.inputs]
    return {**msgspec.structs.asdict(info), "inputs": inputs, "needs": info.needs}
