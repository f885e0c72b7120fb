"""Watches over one program, from a fresh interpreter of its own.

It forks, lets the child become the program, and enforces what the kernel does not enforce for root: the number of
processes and threads, the memory and scratch space of the whole tree, and wall-clock time. It adopts every orphan, so
that a process that detached itself is still found and killed. Its standard input is a leash: when that is pulled or
let go, the tree dies. Its output is the verdict, as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from nubem_jupyter.sandbox.inside.guest import run
from nubem_jupyter.sandbox.inside.limits import adopt_orphans, give_up_privileges, limit_guest, withstand_signals
from nubem_jupyter.sandbox.inside.tree import Relative, crowd, descendants, kill_all, reap, unshared_bytes
from nubem_jupyter.sandbox.inside.wall import hide_others

_TICK_S = 0.01
"""Shortest time between two looks at the tree."""
_WATCH_SHARE = 0.1
"""Largest share of a core that looking may take: on a machine with many processes it looks less often."""
_BLOCK_BYTES = 4096
"""What even an empty file counts, so that a flood of files meets the limit too."""


class Warden:
    """Judges whether the tree stays within its limits."""

    def __init__(self, order: dict[str, Any], guest: int) -> None:
        self._order = order
        self._guest = guest
        self._started_s = time.monotonic()
        self._handle = os.pidfd_open(guest)

    @property
    def wall_s(self) -> float:
        """Seconds since the program began."""
        return time.monotonic() - self._started_s

    def watch(self) -> str:
        """Wait until the program ends, breaks a limit or loses its leash; return which limit, or nothing."""
        poll = select.poll()
        poll.register(self._handle, select.POLLIN)
        poll.register(sys.stdin.fileno(), select.POLLIN | select.POLLHUP)
        pause_s = _TICK_S
        while not poll.poll(pause_s * 1000):
            looked_s = time.monotonic()
            reap(keep=self._guest)
            if broken := self._broken():
                return broken
            pause_s = max(_TICK_S, (time.monotonic() - looked_s) / _WATCH_SHARE)
        return ""

    def _broken(self) -> str:
        if os.getppid() != self._order["parent"]:
            return "orphan"
        if self.wall_s > self._order["timeout_s"]:
            return "time"
        tree = descendants(os.getpid())
        if sum(relative.threads for relative in tree) > self._order["processes"]:
            return "processes"
        if self._crowded(tree):
            return "memory"
        return "scratch" if self._littered() else ""

    def _crowded(self, tree: list[Relative]) -> bool:
        limit: int = self._order["memory_bytes"]
        # Counting each page once is slow, so it is done only where the quick sum is already too large.
        if sum(relative.rss_bytes for relative in tree) <= limit:
            return False
        return sum(unshared_bytes(relative.pid) for relative in tree) > limit

    def _littered(self) -> bool:
        left = self._order["scratch_bytes"]
        for folder, _, names in os.walk(self._order["work"]):
            for name in names:
                try:
                    left -= max(os.lstat(os.path.join(folder, name)).st_blocks * 512, _BLOCK_BYTES)
                except OSError:
                    continue  # deleted meanwhile
                if left < 0:
                    return True
        return False

    def status(self) -> int | None:
        """Return the program's exit code (negative: the signal that ended it), or None while it runs."""
        dead = os.waitid(os.P_PID, self._guest, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if dead is None:
            return None
        return dead.si_status if dead.si_code == os.CLD_EXITED else -dead.si_status


def become_guest(order: dict[str, Any], warden: int, descriptors: tuple[int, int, int]) -> NoReturn:
    """Turn this process into the program; ``descriptors`` are its output, error and result pipes."""
    hide_others()
    limit_guest(order)
    if os.getppid() != warden:
        os._exit(1)  # the warden died before the tie to it was made
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in enumerate((nothing, *descriptors[:2])):
        os.dup2(descriptor, number)
    for descriptor in (nothing, *descriptors[:2]):
        os.close(descriptor)
    os.set_inheritable(descriptors[2], False)
    sys.exit(run(order, descriptors[2], lambda: crowd(warden)))


def main() -> None:
    """Run the program that the order in a folder describes, and print the verdict.

    The command line holds the folder and the descriptors of the program's output, error and result pipes.
    """
    folder, *numbers = sys.argv[1:]
    output, error, home = map(int, numbers)
    descriptors = (output, error, home)
    order_file = Path(folder, "order.json")
    order = json.loads(order_file.read_bytes())
    order_file.unlink()
    adopt_orphans()
    give_up_privileges()
    warden = os.getpid()
    guest = os.fork()
    if guest == 0:
        become_guest(order, warden, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    withstand_signals()
    watch = Warden(order, guest)
    limit = watch.watch()
    verdict = {"status": watch.status(), "limit": limit, "wall_s": watch.wall_s}
    kill_all(guest)
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), json.dumps(verdict).encode())
    if os.getppid() != order["parent"]:
        shutil.rmtree(folder, ignore_errors=True)  # nobody is left to do it
