"""The processes below this one: found in ``/proc``, counted, killed."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from pathlib import Path
from typing import NamedTuple

_PAGE_BYTES = resource.getpagesize()
_KILL_PAUSE_S = 0.001
"""Time given to killed processes to be gone."""


class Relative(NamedTuple):
    """One process below the warden, as ``/proc/PID/stat`` tells."""

    pid: int
    """Its number."""
    parent: int
    """Its parent's number."""
    threads: int
    """How many threads it has."""
    rss_bytes: int
    """Resident memory, pages shared with its relatives included."""


def look_at(pid: int) -> Relative | None:
    """Read one process; None when it is gone. A dead one that nobody has waited for still counts: it holds a number."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The name stands in parentheses and may hold any character, so fields are counted from its end.
    fields = stat[stat.rindex(b")") + 2 :].split()
    return Relative(pid, int(fields[1]), max(int(fields[17]), 1), int(fields[21]) * _PAGE_BYTES)


def descendants(root: int) -> list[Relative]:
    """Return the processes below ``root``, parents before children."""
    children: dict[int, list[Relative]] = {}
    for name in os.listdir("/proc"):
        found = look_at(int(name)) if name.isdigit() else None
        if found:
            children.setdefault(found.parent, []).append(found)
    tree, queue = [], [root]
    while queue:
        below = children.pop(queue.pop(0), [])
        tree += below
        queue += [relative.pid for relative in below]
    return tree


def crowd(root: int) -> int:
    """Count the processes and threads below ``root``."""
    return sum(relative.threads for relative in descendants(root))


def unshared_bytes(pid: int) -> int:
    """Return a process's share of resident memory, where a page that n processes share counts 1/n."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def kill_all(guest: int) -> None:
    """Kill the guest and everything else below this process, however often it forks meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        # A signal to a whole group cannot be outrun by forking. The guest is not waited for yet, so the number is its.
        os.killpg(guest, signal.SIGKILL)
    me = os.getpid()
    while tree := descendants(me):
        known = {me, *(relative.pid for relative in tree)}
        for relative in tree:
            _kill(relative.pid, known)
        reap(keep=0)
        time.sleep(_KILL_PAUSE_S)


def _kill(pid: int, known: set[int]) -> None:
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return
    try:
        # The number may have been given to a stranger since the look; the handle pins whoever has it now.
        found = look_at(pid)
        if found and found.parent in known:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    except OSError:
        pass  # it ended by itself
    finally:
        os.close(handle)


def reap(keep: int) -> None:
    """Let dead children go, but not the one numbered ``keep`` (nor those behind it)."""
    with contextlib.suppress(ChildProcessError):
        while (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and dead.si_pid != keep:
            os.waitpid(dead.si_pid, 0)
