"""What a sandbox must do."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.errors import SandboxUnavailableError
from nubem_jupyter.ports import CodeRequest, CodeResult, Sandbox

VALUES: dict[str, Any] = {
    "text": '¡Olé! 🙂\n\t"quoted" \\ \x00',
    "number": 0.1,
    "big": 2**53,
    "nothing": None,
    "flag": False,
    "list": [1, [2, {"three": []}]],
    "object": {"ü": {"": ""}},
}
"""Plain JSON values of every kind."""


class SandboxConformance:
    """Promises of ``Sandbox``.

    Hooks: ``make`` gives a sandbox; ``descendants`` names processes that may not outlive a program, where the
    default (this process's children and theirs, on Linux) counts some that are meant to stay.
    """

    patience_s: float = 30.0
    """Longest time for a program that ends by itself, or is ended by a limit of a second, to be over."""

    def make(self) -> Sandbox:
        """Give a sandbox."""
        raise NotImplementedError("a conformance suite needs make()")

    def descendants(self) -> frozenset[int]:
        """Give the ids of processes that this process started, directly or not; empty where that cannot be seen."""
        return _descendants() if sys.platform == "linux" else frozenset()

    async def done(self, source: str, **fields: Any) -> CodeResult:
        """Run a program in a fresh sandbox."""
        fields.setdefault("timeout_s", self.patience_s)
        return await self.make().run(CodeRequest(source=source, **fields))

    async def test_the_result_comes_back(self) -> None:
        """A program gives what it leaves in ``result``."""
        done = await self.done("result = sum(range(5))")
        assert (done.ok, done.result, done.error, done.limit) == (True, 10, "", "")
        assert done.wall_s > 0

    async def test_printed_text_comes_back(self) -> None:
        """A program gives what it printed, whatever the script; without a ``result`` there is none."""
        done = await self.done("print('¡Olé!', 1)\nprint('日本')")
        assert (done.ok, done.result, done.stdout) == (True, None, "¡Olé! 1\n日本\n")

    async def test_values_go_in_and_out_unchanged(self) -> None:
        """Plain JSON of every kind arrives as it was sent, both ways."""
        done = await self.done(f"result = [{', '.join(VALUES)}]", variables=VALUES)
        assert done.ok, done.error
        assert done.result == list(VALUES.values())

    async def test_an_error_is_told(self) -> None:
        """A program that raises gives its traceback, and what it printed before."""
        done = await self.done("print('before')\n\nresult = 1 / 0")
        assert not done.ok
        assert "ZeroDivisionError" in done.error
        assert "line 3" in done.error
        assert (done.stdout, done.limit) == ("before\n", "")

    @pytest.mark.parametrize("source", ["result = (", "raise SystemExit(3)", "import os\nos._exit(0)", "input()"])
    async def test_every_other_end_is_told(self, source: str) -> None:
        """Programs that do not parse, leave on their own or wait for a person end with an error."""
        done = await self.done(source)
        assert not done.ok
        assert done.error

    async def test_a_result_that_is_not_json_is_no_crash(self) -> None:
        """A result that cannot come back as JSON is an error of the program."""
        done = await self.done("result = object()")
        assert not done.ok
        assert done.error

    async def test_the_time_limit_holds(self) -> None:
        """A program that never ends is ended."""
        for source in ("while True: pass", "import time\ntime.sleep(600)"):
            done = await asyncio.wait_for(self.done(source, timeout_s=1.0), self.patience_s)
            assert (done.ok, done.limit) == (False, "time")
            assert done.error

    async def test_the_memory_limit_holds(self) -> None:
        """A program that takes more memory than it may is ended."""
        done = await self.done("result = len(bytearray(1 << 30))", memory_bytes=256 << 20)
        assert (done.ok, done.limit) == (False, "memory")
        assert done.error

    async def test_the_output_limit_holds(self) -> None:
        """A program that prints without end is ended, or gives no more than it may."""
        done = await self.done("while True: print('x' * 1000)", output_bytes=10_000, timeout_s=20.0)
        assert (done.ok, done.limit) == (False, "output")
        assert len(done.stdout.encode()) <= 10_000

    async def test_the_output_limit_holds_for_the_result(self) -> None:
        """A result larger than allowed does not come home."""
        done = await self.done("result = 'x' * 1_000_000", output_bytes=10_000)
        assert (done.ok, done.limit, done.result) == (False, "output", None)

    async def test_the_process_limit_holds(self) -> None:
        """A program cannot start processes without end."""
        source = (
            "import os, time\n"
            "for _ in range(200):\n"
            "    if os.fork() == 0:\n"
            "        time.sleep(30)\n"
            "        os._exit(0)\n"
            "result = 'all started'"
        )
        before = self.descendants()
        done = await self.done(source, processes=8)
        assert not done.ok
        await self._gone(before)

    async def test_secrets_are_not_in_reach(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Keys in this process's environment are not in the program's."""
        monkeypatch.setenv("OPENAI_API_KEY", "sk-conformance-secret")
        monkeypatch.setenv("SOME_PASSWORD", "conformance-secret")
        done = await self.done("import os\nresult = dict(os.environ)")
        assert done.ok, done.error
        assert "conformance-secret" not in str(done.result)

    async def test_a_scratch_folder_is_there_and_fresh(self) -> None:
        """A program may write where it stands, and the next one does not find it."""
        sandbox = self.make()
        write = "open('note.txt', 'w').write('mine')\nresult = open('note.txt').read()"
        look = "import os\nresult = os.path.exists('note.txt')"
        first = await sandbox.run(CodeRequest(source=write, timeout_s=self.patience_s))
        second = await sandbox.run(CodeRequest(source=look, timeout_s=self.patience_s))
        assert (first.result, second.result) == ("mine", False), first.error + second.error

    async def test_programs_do_not_see_each_other(self) -> None:
        """Nothing that one program sets is there for the next."""
        sandbox = self.make()
        await sandbox.run(CodeRequest(source="import builtins\nbuiltins.left = 1\nleft = 2", timeout_s=self.patience_s))
        done = await sandbox.run(CodeRequest(source="result = left", timeout_s=self.patience_s))
        assert "NameError" in done.error

    async def test_programs_run_at_once(self) -> None:
        """Programs that run together give what they give alone."""
        sandbox = self.make()
        requests = [
            CodeRequest(source="result = n * n", variables={"n": n}, timeout_s=self.patience_s) for n in range(4)
        ]
        done = await asyncio.gather(*(sandbox.run(request) for request in requests))
        assert [each.result for each in done] == [0, 1, 4, 9]

    async def test_a_level_that_is_not_there_is_refused(self) -> None:
        """A weaker level is never taken instead of the one asked for."""
        sandbox = self.make()
        assert sandbox.levels
        for level in SecurityLevel:
            if level not in sandbox.levels:
                with pytest.raises(SandboxUnavailableError):
                    await sandbox.run(CodeRequest(source="result = 1", level=level))

    async def test_cancelling_kills_the_program(self) -> None:
        """A cancelled program is gone, with the processes that it started, and the next one runs."""
        before = self.descendants()
        sandbox = self.make()
        source = (
            "import subprocess, sys, time\n"
            "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
            "time.sleep(600)"
        )
        running = asyncio.create_task(sandbox.run(CodeRequest(source=source, timeout_s=600.0)))
        await asyncio.sleep(1.0)
        running.cancel()
        await asyncio.wait([running], timeout=self.patience_s)
        assert running.cancelled()
        await self._gone(before)
        done = await sandbox.run(CodeRequest(source="result = 1", timeout_s=self.patience_s))
        assert done.result == 1

    async def _gone(self, before: frozenset[int]) -> None:
        """Wait until no process is left that was not there before."""
        end_s = time.monotonic() + self.patience_s
        while left := self.descendants() - before:
            assert time.monotonic() < end_s, f"processes {sorted(left)} are still there"
            await asyncio.sleep(0.05)


def _descendants() -> frozenset[int]:
    parents = dict(filter(None, (_parent(folder) for folder in Path("/proc").glob("[0-9]*"))))
    family = {Path("/proc/self").resolve().name}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return frozenset(int(pid) for pid in family) - {int(Path("/proc/self").resolve().name)}


def _parent(folder: Path) -> tuple[str, str] | None:
    try:
        status = (folder / "stat").read_text()
    except OSError:  # it ended while we looked
        return None
    state, parent = status.rpartition(")")[2].split()[:2]
    return None if state == "Z" else (folder.name, parent)
