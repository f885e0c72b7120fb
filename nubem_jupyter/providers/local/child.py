"""The parent's side of a model's child process."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from nubem_jupyter.errors import CallFailedError, ModelUnavailableError, ProviderError

ENGINES = 2
"""Calls that one child answers at once."""


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """An engine of a child; it answers one call at a time."""

    url: str
    """Its address on this machine."""
    key: str
    """What a call has to show; each child has its own."""

    def __repr__(self) -> str:
        """Leave the key out."""
        return f"Lane(url={self.url!r})"


class ChildPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a child is to serve."""

    title: str
    """What error sentences call the model."""
    weights: Path
    """The file to load."""
    context_tokens: int
    """Context of each engine."""
    log: Path
    """Where its warnings go; written anew at each start."""


class _Report(msgspec.Struct, frozen=True, kw_only=True):
    url: str = ""
    error: str = ""
    hint: str = ""


class Child:
    """One child process, with the thread that starts it and reads its reports.

    That thread lives as long as the process, which it must: on Linux the end of the *thread* that started a process
    counts as its parent's death. Both callbacks are made on it.
    """

    def __init__(
        self, plan: ChildPlan, on_lane: Callable[[Child, Lane], None], on_end: Callable[[Child, ProviderError], None]
    ) -> None:
        self._plan = plan
        self._on_lane = on_lane
        self._on_end = on_end
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False
        self._thread = threading.Thread(target=self._live, name=f"nubem {plan.title}", daemon=True)

    def start(self) -> None:
        """Start the process, without waiting for it."""
        self._thread.start()

    def kill(self) -> None:
        """End the process at once; it holds nothing worth keeping. May be called from any thread, and twice."""
        with self._lock:
            self._killed = True
            if self._process is not None:
                self._process.kill()

    def join(self, timeout_s: float) -> None:
        """Wait until the process is gone, off the event loop."""
        self._thread.join(timeout_s)

    def _live(self) -> None:
        try:
            end = self._watch(self._spawn())
        except (OSError, msgspec.DecodeError) as error:
            end = self._unavailable(f"its process could not be used ({error})")
        self._on_end(self, end)

    def _spawn(self) -> subprocess.Popen[bytes]:
        plan = self._plan
        plan.log.parent.mkdir(parents=True, exist_ok=True)
        options = {
            "--weights": plan.weights,
            "--context": plan.context_tokens,
            "--engines": ENGINES,
            "--parent": os.getpid(),
        }
        arguments = [str(word) for pair in options.items() for word in pair]
        with plan.log.open("wb") as log, self._lock:
            self._process = subprocess.Popen(
                # -P: a file in the notebook's folder must not stand in for a library.
                [sys.executable, "-P", "-m", "nubem_jupyter.providers.local.server", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                # A group of its own: interrupting the kernel must not end the model.
                start_new_session=True,
            )
            if self._killed:
                self._process.kill()
            return self._process

    def _watch(self, process: subprocess.Popen[bytes]) -> ProviderError:
        key = secrets.token_hex(32)
        end: ProviderError | None = None
        with process:
            _tell(process, key)
            for line in process.stdout or ():
                report = msgspec.json.decode(line, type=_Report)
                if report.url:
                    self._on_lane(self, Lane(url=report.url, key=key))
                    end = CallFailedError(
                        f"{self._plan.title} ended unexpectedly", hint=f"try again; see {self._plan.log}"
                    )
                else:
                    end = self._unavailable(report.error, report.hint)
        return end or self._unavailable(f"its process ended (exit status {process.returncode})")

    def _unavailable(self, reason: str, hint: str = "") -> ProviderError:
        hint = hint or f"see {self._plan.log}; a machine that is short of memory ends such processes"
        return ModelUnavailableError(f"{self._plan.title} could not start: {reason}", hint=hint)


def _tell(process: subprocess.Popen[bytes], key: str) -> None:
    assert process.stdin is not None  # noqa: S101 (made by PIPE)
    try:
        # Standard input stays open: its end is the child's sign that this process is gone.
        process.stdin.write(f"{key}\n".encode())
        process.stdin.flush()
    except BrokenPipeError:
        return  # The process has ended already; reading its reports finds out why.
