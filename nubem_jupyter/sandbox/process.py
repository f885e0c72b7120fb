"""The lowest level of isolation: a process of its own with limits.

What it gives: a fresh interpreter a program, an environment without secrets, a scratch folder that is deleted, and
limits on time, memory, output, scratch space and processes that hold for root too. Where Linux lets it (nearly
everywhere from 5.19 on; see ``inside.wall``) a program cannot look into the memory and environment of other processes
either, where keys are; ``hides_environment`` says whether that holds here, and the doctor tells it. What it does not
give: a wall against hostile code. A program runs as the user and can read the user's files, keys in them included, see
the command lines of processes, reach the network and signal the user's processes. The stronger levels are for that;
asking for one that is not there is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.errors import SandboxUnavailableError
from nubem_jupyter.ports import CodeRequest, CodeResult
from nubem_jupyter.sandbox.attempt import Attempt, interpreter

_SCRATCH_BYTES = 256 << 20
_FAREWELL_S = 2.0
"""How long a cancelled task waits until all is gone, which takes milliseconds; what is left is seen to behind it."""

_PROBE_S = 10.0

T = TypeVar("T")


def hides_environment() -> bool:
    """Tell whether programs are kept from other processes' environments and memory here, by trying it in a child."""
    words = interpreter("nubem_jupyter.sandbox.inside.wall")
    try:
        return subprocess.run(words, env={}, capture_output=True, timeout=_PROBE_S, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


class ProcessSandbox:
    """Runs each program in a child process with limits; see the module for what that is worth."""

    def __init__(self, scratch: Path | None = None, *, scratch_bytes: int = _SCRATCH_BYTES) -> None:
        """Make scratch folders under ``scratch`` (None: the system's temporary folder), each of a limited size."""
        self._scratch = scratch
        self._scratch_bytes = scratch_bytes

    @property
    def levels(self) -> frozenset[SecurityLevel]:
        """LOW where the kernel offers what the limits are built from (Linux 5.3), else none."""
        there = bool(sys.executable) and hasattr(os, "pidfd_open") and Path("/proc/self/stat").exists()
        return frozenset({SecurityLevel.LOW}) if there else frozenset()

    async def run(self, request: CodeRequest) -> CodeResult:
        """Run the program; cancelling kills it and its children.

        Raises:
            SandboxUnavailableError: the level asked for is not there.
            SandboxError: no process can be started at all.
        """
        if request.level not in self.levels:
            raise self._unavailable(request.level)
        attempt = Attempt(request, self._scratch, self._scratch_bytes)
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[CodeResult] = loop.create_future()
        # A thread of its own, and a daemon: a pool could be full, and its threads would hold up the kernel's exit.
        threading.Thread(target=_carry_out, args=(attempt, loop, ended), name="nubem-sandbox", daemon=True).start()
        try:
            return await asyncio.shield(ended)
        except asyncio.CancelledError:
            attempt.stop()
            await asyncio.wait([ended], timeout=_FAREWELL_S)
            raise

    def _unavailable(self, level: SecurityLevel) -> SandboxUnavailableError:
        there = ", ".join(sorted(self.levels)) or "none"
        return SandboxUnavailableError(
            f"security level '{level}' has no sandbox on this machine (there: {there}), so the code was not run",
            hint="ask for --security low if you trust the code, or remove the code step"
            if self.levels
            else "code runs on Linux 5.3 or later with /proc mounted; elsewhere use flows without code steps",
        )


def _carry_out(attempt: Attempt, loop: asyncio.AbstractEventLoop, ended: asyncio.Future[CodeResult]) -> None:
    try:
        result = attempt.carry_out()
    except BaseException as error:  # noqa: BLE001 - the thread's end: whatever happened is told to who waits
        _tell(loop, ended, ended.set_exception, error)
    else:
        _tell(loop, ended, ended.set_result, result)


def _tell(
    loop: asyncio.AbstractEventLoop, ended: asyncio.Future[CodeResult], how: Callable[[T], None], what: T
) -> None:
    def tell() -> None:
        if not ended.done():
            how(what)

    with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits
        loop.call_soon_threadsafe(tell)
