"""Values for a flow's inputs, from the command line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nubem_jupyter.errors import UsageError

_FORM = re.compile(r"(?P<name>[^\W\d]\w*)(?P<json>:?)=(?P<value>.*)", re.DOTALL)
_HINT = "write -i name=text, -i name:=JSON, -i name=@file or -i name=@- for the standard input"


def read_inputs(texts: Iterable[str]) -> dict[str, Any]:
    """Read ``NAME=TEXT``, ``NAME:=JSON`` and ``NAME=@FILE``; a file that ends in ``.json`` is parsed.

    Raises:
        UsageError: one is written wrongly, given twice, or its file cannot be read.
    """
    inputs: dict[str, Any] = {}
    for text in texts:
        name, value = _read_input(text)
        if name in inputs:
            raise UsageError(f"input '{name}' is given twice", hint="give each input once")
        inputs[name] = value
    return inputs


def _read_input(text: str) -> tuple[str, Any]:
    form = _FORM.fullmatch(text)
    if form is None:
        raise UsageError(f"input '{text}' has no name and value", hint=_HINT)
    name, value = form["name"], form["value"]
    is_json = bool(form["json"])
    if value.startswith("@"):
        is_json = is_json or value.endswith(".json")
        value = _read_file(name, value[1:])
    return name, _parse(name, value) if is_json else value


def _read_file(name: str, path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"input '{name}': {path} cannot be read: {reason}", hint="check the file's name") from error


def _parse(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"input '{name}' is not JSON: {error}", hint=_HINT) from error
