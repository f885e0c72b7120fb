"""From what came out of a program to what is told of it; pure."""

from __future__ import annotations

import signal
from typing import Any, Literal, TypeVar

import msgspec

from nubem_jupyter.ports import CodeRequest, CodeResult

T = TypeVar("T")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the program's side sends home."""

    ok: bool
    """Whether the program ran to its end."""
    result: Any = None
    """What it left in ``result``."""
    error: str = ""
    """Its traceback."""
    limit: str = ""
    """Which limit it met, where its own side noticed."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the warden saw; the program cannot write it."""

    status: int | None
    """Exit code; negative for the signal that ended it; None when it had to be killed."""
    limit: Literal["", "time", "processes", "memory", "scratch", "orphan"]
    """Which limit it broke."""
    wall_s: float
    """Seconds that it took."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that came out, as bytes and text."""

    stdout: str
    """Kept part of what it printed."""
    stderr: str
    """Kept part of what it printed to its error stream."""
    report: bytes
    """What came from the program's side; the program can forge it."""
    verdict: bytes
    """What came from the warden."""
    printed_too_much: bool
    """Whether either stream went over its limit."""
    reported_too_much: bool
    """Whether the report went over its limit."""


def judge(request: CodeRequest, outcome: Outcome) -> CodeResult:
    """Decide what became of the program."""
    verdict = _read(outcome.verdict, Verdict)
    error, limit, result = _finding(request, outcome, verdict)
    return CodeResult(
        ok=not error,
        result=result,
        stdout=outcome.stdout,
        stderr=outcome.stderr,
        error=error,
        limit=limit,
        wall_s=verdict.wall_s if verdict else 0.0,
    )


def _finding(request: CodeRequest, outcome: Outcome, verdict: Verdict | None) -> tuple[str, str, Any]:
    """Return the error, the limit and the result; the error is empty where all went well."""
    if outcome.printed_too_much:
        return f"the program printed more than {request.output_bytes} bytes", "output", None
    if outcome.reported_too_much:
        return f"result takes more than {request.output_bytes} bytes as JSON", "output", None
    if verdict is None:
        return "the program could not be watched to its end: its warden was killed or did not start", "", None
    if verdict.limit:
        return _broken(request, verdict.limit)
    report = _read(outcome.report, Report)
    if report is None or (report.ok and verdict.status != 0):
        return *_untold_end(verdict.status), None
    return report.error, report.limit, report.result


def _broken(request: CodeRequest, limit: str) -> tuple[str, str, None]:
    sentences = {
        "time": f"the program ran longer than {request.timeout_s:g} s",
        "processes": f"the program had more than {request.processes} processes and threads",
        "memory": f"the program and its children took more than {request.memory_bytes} bytes of memory",
        "scratch": "the program wrote more to its scratch folder than is allowed",
        "orphan": "the program was stopped because the process that started it is gone",
    }
    names = {"scratch": "output", "orphan": ""}
    return sentences[limit], names.get(limit, limit), None


def _untold_end(status: int | None) -> tuple[str, str]:
    match status:
        case None:
            return "the program was stopped", ""
        case int() if status == -signal.SIGXCPU:
            return "the program used up its processor time", "time"
        case int() if status < 0:
            return f"the program crashed: it was ended by {_signal_name(-status)}", ""
        case _:
            return f"the program ended itself with exit code {status} before its end", ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _read(text: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
