"""A value as a page of its own."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from nubem_jupyter.errors import UsageError

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
{body}
</body>
</html>
"""


def write_page(path: str, value: Any) -> None:
    """Write a plan, run or evaluation as HTML.

    Raises:
        UsageError: the file cannot be written.
    """
    from nubem_jupyter.render.bundle import bundle  # imported late: it draws pictures

    title = html.escape(type(value).__name__)
    page = _PAGE.format(title=f"Nubem: {title}", body=bundle(value)["text/html"])
    try:
        Path(path).expanduser().write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="check the folder's name") from error
