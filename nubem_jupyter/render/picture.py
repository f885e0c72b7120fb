"""Graphviz on this machine: ``dot`` where it is installed, else the ``graphviz-pure`` program of the environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

_TIMEOUT_S = 10.0
_KEPT_PICTURES = 64
# A drawing program needs no keys: it sees only where programs, fonts and the user's home are.
_PASSED_ON = ("PATH", "HOME", "LANG", "FONTCONFIG_PATH", "SYSTEMROOT")


class _NotDrawnError(Exception):
    """No program could draw this; raised past the cache so that a later install is noticed."""


def svg(dot: str) -> bytes | None:
    """Draw as SVG; None when nothing on this machine can."""
    return _picture(dot, "svg")


def png(dot: str) -> bytes | None:
    """Draw as PNG; None when nothing on this machine can."""
    return _picture(dot, "png")


def programs() -> tuple[str, ...]:
    """Return the paths of the drawing programs found, in the order in which they are tried."""
    return tuple(_find_programs())


def _picture(dot: str, kind: Literal["svg", "png"]) -> bytes | None:
    try:
        return _draw(dot, kind)
    except _NotDrawnError:
        return None


@lru_cache(maxsize=_KEPT_PICTURES)
def _draw(dot: str, kind: str) -> bytes:
    for program in _find_programs():
        drawn = _ask(program, dot, kind)
        if drawn:
            return drawn
    raise _NotDrawnError


def _ask(program: str, dot: str, kind: str) -> bytes:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        finished = subprocess.run(
            [program, "-Kdot", f"-T{kind}"],
            input=dot.encode(),
            capture_output=True,
            timeout=_TIMEOUT_S,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return finished.stdout if finished.returncode == 0 else b""


def _find_programs() -> Iterator[str]:
    on_path = shutil.which("dot")
    if on_path:
        yield on_path
    # The environment's own folder first: a kernel is often started with another PATH than its environment's.
    beside = shutil.which("graphviz-pure", path=str(Path(sysconfig.get_path("scripts"))))
    found = beside or shutil.which("graphviz-pure")
    if found:
        yield found
