"""MIME bundles: one value in every form that a notebook, a terminal or a code host can show."""

from __future__ import annotations

from typing import Any

import msgspec

from nubem_jupyter.core import wire
from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Run
from nubem_jupyter.core.weighed import Front, WhatIf
from nubem_jupyter.render.blocks import Page

_LARGE_BYTES = 256 * 1024
_VERY_LARGE_BYTES = 1024 * 1024


def bundle(value: Flow | Plan | Run | Evaluation) -> dict[str, Any]:
    """Return the value as ``text/plain``, ``text/html`` and ``application/vnd.nubem.<kind>+json``."""
    from nubem_jupyter.render.pages import page  # here and below late: loading the extension shows nothing yet

    shown = page_bundle(page(value))
    kept = _kept(value) if isinstance(value, Run) else value
    return shown | {f"application/vnd.nubem.{_kind(value)}+json": wire.document(kept)}


def plain_bundle(value: WhatIf | Front) -> dict[str, Any]:
    """Return a value that is not stored as text and HTML."""
    from nubem_jupyter.render.pages import page

    return page_bundle(page(value))


def page_bundle(shown: Page) -> dict[str, Any]:
    """Return a page that is no value of its own as text and HTML."""
    from nubem_jupyter.render.html import html
    from nubem_jupyter.render.text import text

    return {"text/plain": text(shown), "text/html": html(shown)}


def _kept(run: Run) -> Run:
    """Leave the log out of a large run, and all that is large of a very large one: a notebook is a file."""
    size_bytes = len(msgspec.json.encode(run))
    if size_bytes <= _LARGE_BYTES:
        return run
    return msgspec.structs.replace(run, log=()) if size_bytes <= _VERY_LARGE_BYTES else run.brief


def _kind(value: Any) -> str:
    return type(value).__name__.lower()
