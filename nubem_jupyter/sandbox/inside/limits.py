"""What the kernel enforces on one process and those that it starts."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none is lost from sight."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def give_up_privileges() -> None:
    """Never gain rights by running another program, such as ``sudo``; children neither."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def withstand_signals() -> None:
    """Ignore what the program, which is the same user, may send; only SIGKILL and SIGSTOP cannot be ignored."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        with contextlib.suppress(OSError):  # the C library keeps some real-time signals
            signal.signal(number, signal.SIG_IGN)


def limit_guest(order: dict[str, Any]) -> None:
    """Put the kernel's own limits on this process and its children, and tie it to the warden's life."""
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    cpu_s = (int(order["timeout_s"]) + 1) * (os.cpu_count() or 1)  # wall-clock time of all cores together
    hard = {
        resource.RLIMIT_AS: order["memory_bytes"],
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: order["scratch_bytes"],
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
    }
    for name, value in hard.items():
        ceiling = resource.getrlimit(name)[1]
        allowed = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(name, (allowed, allowed))
    Path("/proc/self/oom_score_adj").write_text("1000")  # if memory runs out, this goes first


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} was refused")
