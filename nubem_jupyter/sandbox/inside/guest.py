"""The side of the wall where the program is: runs it and sends home what it left."""

from __future__ import annotations

import errno
import json
import linecache
import os
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

from nubem_jupyter.sandbox.inside.plain import plain

FILE_NAME = "<code>"
"""The file name that the program has in tracebacks."""
_ERROR_CHARACTERS = 20_000
"""Longest traceback that is sent home; its end says most, so the end is kept."""

_STARTS = frozenset({"os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"})
"""Audit events of code that is about to start a process."""


class CrowdError(BlockingIOError):
    """The program may not start another process."""


def refuse_crowds(limit: int, crowd: Callable[[], int]) -> None:
    """Let starting a process fail once ``crowd()`` has reached the limit.

    The warden kills a tree that grew too large, but a loop that forks could be far ahead of its next look.
    """

    def before(event: str, _: tuple[Any, ...]) -> None:
        if event in _STARTS and crowd() >= limit:
            raise CrowdError(errno.EAGAIN, f"only {limit} processes and threads are allowed")

    sys.addaudithook(before)


def explain(error: BaseException) -> str:
    """Write a traceback of the program's own lines: nothing of this file nor of libraries."""
    story = traceback.TracebackException.from_exception(error)
    part: traceback.TracebackException | None = story
    while part is not None:
        part.stack = traceback.StackSummary.from_list([frame for frame in part.stack if frame.filename == FILE_NAME])
        part = part.__cause__ or part.__context__
    return "".join(story.format())[-_ERROR_CHARACTERS:].rstrip()


def execute(source: str, variables: dict[str, Any]) -> Any:
    """Run the program as ``__main__`` and return what it left in ``result``."""
    linecache.cache[FILE_NAME] = (len(source), None, source.splitlines(keepends=True), FILE_NAME)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module  # so that what the program defines can be found by its module's name
    vars(module).update(variables)
    exec(compile(source, FILE_NAME, "exec", dont_inherit=True), vars(module))  # noqa: S102
    return vars(module).get("result")


def told(source: str, variables: dict[str, Any], limit_bytes: int, *, may_exit: bool = True) -> bytes:
    """Run the program and return what is sent home: ``{"ok", "result", "error", "limit"}`` as JSON."""
    try:
        result = execute(source, variables)
    except SystemExit as stop:
        if stop.code not in {None, 0}:
            return _failed(f"the program ended itself with exit code {stop.code}")
        if not may_exit:
            return _failed("the program ended itself before its last line")
        result = vars(sys.modules["__main__"]).get("result")
    except MemoryError as error:
        return _failed(explain(error), "memory")
    except CrowdError as error:
        return _failed(explain(error), "processes")
    except BaseException as error:  # noqa: BLE001 - the wall: whatever the program raised becomes a report
        return _failed(explain(error))
    return _home(result, limit_bytes)


def _home(result: Any, limit_bytes: int) -> bytes:
    try:
        text = json.dumps(result, allow_nan=False, ensure_ascii=False, default=plain).encode()
    except MemoryError:
        return _failed("writing result as JSON took more memory than allowed", "memory")
    except Exception as error:  # noqa: BLE001 - the wall: conversion calls the program's own methods
        return _failed(f"result is not plain JSON: {error}")
    if len(text) > limit_bytes:
        return _failed(f"result takes {len(text)} bytes as JSON; {limit_bytes} are allowed", "output")
    return b'{"ok":true,"result":' + text + b"}"


def _failed(error: str, limit: str = "") -> bytes:
    report = {"ok": False, "error": error, "limit": limit}
    # The text may hold halves of characters; a report is sent all the same.
    return json.dumps(report, ensure_ascii=False).encode("utf-8", "replace")


def run(order: dict[str, Any], home: int, crowd: Callable[[], int]) -> int:
    """Carry out an order and write the report to the descriptor ``home``; return the exit code.

    ``crowd`` counts the processes and threads of the whole tree.

    The interpreter then ends as for any script: threads are joined, ``atexit`` functions run, output is flushed.
    """
    me = os.getpid()
    sys.argv = [FILE_NAME]
    refuse_crowds(order["processes"], crowd)
    report = told(order["source"], order["variables"], order["output_bytes"], may_exit=order["may_exit"])
    if os.getpid() != me:
        return 0  # a fork of the program that came to its end too; only the first has something to say
    with open(home, "wb") as pipe:
        pipe.write(report)
    return 0 if report.startswith(b'{"ok":true') else 1
