"""How many threads the model may use without fighting over the cores."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

_MOST_THREADS = 16
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


class Threads(msgspec.Struct, frozen=True, kw_only=True):
    """Threads of one engine."""

    generate: int
    """For generating, token by token."""
    read: int
    """For reading a prompt, many tokens at once."""


def share_cores(cores: int, engines: int) -> Threads:
    """Divide the cores: generating shares them out, since a thread too many makes all of them wait for each other."""
    return Threads(generate=_bounded(cores // engines), read=_bounded(cores))


def usable_cores() -> int:
    """Count the cores that this process may use: a container's share can be smaller than the machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota = _QUOTA.read_text(encoding="ascii")
    except OSError:
        return cores
    return min(cores, _quota_cores(quota) or cores)


def _quota_cores(text: str) -> int | None:
    match text.split():
        case [quota, period] if quota.isdecimal() and period.isdecimal() and int(period):
            return max(1, int(quota) // int(period))
        case _:
            return None


def _bounded(threads: int) -> int:
    return max(1, min(threads, _MOST_THREADS))
