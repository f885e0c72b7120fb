"""One program's life as the parent sees it: a folder, a warden, pipes, an end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from nubem_jupyter.errors import SandboxError
from nubem_jupyter.ports import CodeRequest, CodeResult
from nubem_jupyter.sandbox.capture import Capture, drain
from nubem_jupyter.sandbox.verdict import Outcome, judge

_PACKAGES = Path(__file__).parents[2]
"""Where this package lies: an isolated interpreter does not look where this one found it."""
_ENVELOPE_BYTES = 64 << 10
"""What a report may hold beside the result: its frame and a traceback."""
_LONGEST_S = 7 * 86_400.0
"""Longest time limit; the system's own waits know no infinity."""
_VERDICT_BYTES = 16 << 10
_BACKSTOP_S = 10.0
"""How long after its limit a program may last before its warden is taken for dead."""


class Attempt:
    """Runs one program, once. ``carry_out`` blocks its thread; ``stop`` may come from any other."""

    def __init__(self, request: CodeRequest, scratch: Path | None, scratch_bytes: int) -> None:
        self._request = request
        self._scratch = scratch
        self._scratch_bytes = scratch_bytes
        self._lock = threading.Lock()
        self._stopped = False
        self._warden: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """Kill the program and its children; ``carry_out`` then returns soon."""
        with self._lock:
            self._stopped = True
            # A byte and not only the end of the pipe: a fork of this process may hold the pipe open.
            if self._warden and self._warden.stdin and not self._warden.stdin.closed:
                with contextlib.suppress(OSError):
                    self._warden.stdin.write(b".")
                    self._warden.stdin.close()

    def carry_out(self) -> CodeResult:
        """Run the program to its end, whatever that is, and leave nothing behind.

        Raises:
            SandboxError: no folder or process can be made for it.
        """
        try:
            variables = msgspec.json.encode(self._request.variables)
        except (TypeError, ValueError, RecursionError) as error:
            return CodeResult(ok=False, error=f"a variable for the program is not plain JSON: {error}")
        try:
            if self._scratch:
                self._scratch.mkdir(parents=True, exist_ok=True)
            folder = tempfile.mkdtemp(prefix="nubem-", dir=self._scratch)
        except OSError as error:
            raise _cannot_start(error) from error
        try:
            return self._inside(Path(folder), msgspec.Raw(variables))
        except OSError as error:
            raise _cannot_start(error) from error
        finally:
            with contextlib.suppress(RecursionError):  # a program may nest folders deeper than any function goes
                shutil.rmtree(folder, ignore_errors=True)

    def _inside(self, folder: Path, variables: msgspec.Raw) -> CodeResult:
        work = folder / "work"
        work.mkdir()
        (folder / "order.json").write_bytes(msgspec.json.encode(self._order(work, variables)))
        with contextlib.ExitStack() as stack:
            reading: list[IO[bytes]] = []
            writing: list[IO[bytes]] = []
            for descriptors in (os.pipe() for _ in range(3)):
                reading.append(stack.enter_context(open(descriptors[0], "rb", buffering=0)))
                writing.append(stack.enter_context(open(descriptors[1], "wb", buffering=0)))
            warden = self._start(folder, work, [end.fileno() for end in writing])
            for end in writing:
                end.close()  # or their readers would never see an end
            return self._follow(warden, reading) if warden else CodeResult(ok=False, error="the program was stopped")

    def _follow(self, warden: subprocess.Popen[bytes], reading: list[IO[bytes]]) -> CodeResult:
        limit = self._request.output_bytes
        stdout, stderr = Capture(limit), Capture(limit)
        report, verdict = Capture(limit + _ENVELOPE_BYTES), Capture(_VERDICT_BYTES)
        with warden:
            ended = cast("IO[bytes]", warden.stdout)
            streams: tuple[IO[bytes], ...] = (*reading, ended)
            captures = dict(zip(streams, (stdout, stderr, report, verdict), strict=True))
            try:
                drain(captures, ended, min(self._request.timeout_s, _LONGEST_S) + _BACKSTOP_S, self.stop)
            finally:
                self.stop()
                self._make_sure(warden)
        outcome = Outcome(
            stdout=stdout.text,
            stderr=stderr.text,
            report=report.content,
            verdict=verdict.content,
            printed_too_much=stdout.overflowed or stderr.overflowed,
            reported_too_much=report.overflowed,
        )
        return judge(self._request, outcome)

    @staticmethod
    def _make_sure(warden: subprocess.Popen[bytes]) -> None:
        """Wait for the warden, which ends by itself; one that does not is killed, and its child dies with it."""
        try:
            warden.wait(timeout=_BACKSTOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(warden.pid, signal.SIGKILL)

    def _order(self, work: Path, variables: msgspec.Raw) -> dict[str, Any]:
        fields = ("source", "memory_bytes", "output_bytes", "processes", "may_exit")
        return {name: getattr(self._request, name) for name in fields} | {
            "variables": variables,
            "timeout_s": min(self._request.timeout_s, _LONGEST_S),
            "work": str(work),
            "scratch_bytes": self._scratch_bytes,
            "parent": os.getpid(),
        }

    def _start(self, folder: Path, work: Path, descriptors: list[int]) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopped:
                return None
            self._warden = subprocess.Popen(
                [*interpreter("nubem_jupyter.sandbox.inside.warden"), str(folder), *map(str, descriptors)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=work,
                env=clean_environment(work),
                pass_fds=descriptors,
                start_new_session=True,
                bufsize=0,
            )
            return self._warden


def interpreter(module: str) -> list[str]:
    """Return the command that starts ``main`` of a module of this package in an interpreter that sees nothing else."""
    start = f"import sys; sys.path.insert(0, {str(_PACKAGES)!r}); from {module} import main; del sys.path[0]; main()"
    return [sys.executable, "-I", "-B", "-X", "utf8", "-c", start]


def clean_environment(work: Path) -> dict[str, str]:
    """Return the program's environment: nothing of this process's, so no key can be read from it."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(work),
        "TMPDIR": str(work),
        # Numeric libraries start a thread a core otherwise, and on a large machine meet the limit by that alone.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        # Each thread otherwise reserves 64 MiB of address space, which is what the memory limit counts.
        "MALLOC_ARENA_MAX": "2",
    }


def _cannot_start(error: OSError) -> SandboxError:
    return SandboxError(
        f"no process could be started for the code: {error.strerror or error}",
        hint="check free memory, free disk space and that the scratch folder can be written",
    )
