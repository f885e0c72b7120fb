"""Keeping the program from looking into other processes, whose environment and memory may hold the user's keys.

A program of the same user may otherwise read ``/proc/PID/environ`` and ``/proc/PID/mem`` of the kernel, of the server
that started it and of every shell. Linux ends that without any privilege in two ways: by a Landlock domain (Linux
5.19), outside of which nothing may be looked into, and, where that is not enough, by a user namespace. Root first gives
up the rights that would look past both. Which files may be used stays the same, but for root in a user namespace, who
then has a plain user's rights to files of others. Where the system allows neither (an old kernel, or a container that
filters both calls) the program can look; ``hide_others`` says so.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from pathlib import Path

from nubem_jupyter.sandbox.inside.limits import give_up_privileges

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""Landlock's system calls; the numbers are the same on every architecture."""
_ASK_VERSION = 1
_FIRST_VERSION = 2
"""The first version that can leave moving files between folders allowed."""
_MOVE_BETWEEN_FOLDERS = 1 << 13
_BENEATH = 1
_NEW_USER_NAMESPACE = 0x10000000
_LOOKING = sum(1 << number for number in (16, 17, 19, 21, 38, 39, 40))
"""Root's rights that reach into other processes: CAP_SYS_MODULE, SYS_RAWIO, SYS_PTRACE, SYS_ADMIN, PERFMON, BPF and
CHECKPOINT_RESTORE. Those that concern files are kept."""
_RIGHTS_VERSION = 0x20080522
_PR_CAPBSET_DROP = 24


def hide_others() -> bool:
    """Shut this process and its children off from looking into any other process; tell whether that was done.

    Needs ``no_new_privs``; cannot be taken back.
    """
    _drop_rights()
    _enter_landlock()
    return _is_hidden(os.getppid()) or (_enter_user_namespace() and _is_hidden(os.getppid()))


def _is_hidden(pid: int) -> bool:
    try:
        os.close(os.open(f"/proc/{pid}/environ", os.O_RDONLY))
    except PermissionError:
        return True
    return False


def _drop_rights() -> None:
    """Give up what root has beyond other users to look into processes; for others there is nothing to give up."""
    libc = ctypes.CDLL(None)
    header = struct.pack("=Ii", _RIGHTS_VERSION, 0)
    now = ctypes.create_string_buffer(24)
    if libc.capget(header, now) != 0:
        return
    words = struct.unpack("=6I", now.raw)  # effective, permitted, inheritable: low halves, then high halves
    kept = [word & ~(_LOOKING >> (0 if place < 3 else 32)) & 0xFFFFFFFF for place, word in enumerate(words)]
    if kept == list(words):
        return
    for number in range(_LOOKING.bit_length()):
        if _LOOKING >> number & 1:
            libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)  # or root would have them again in the next program
    libc.capset(header, struct.pack("=6I", *kept))


def _enter_landlock() -> None:
    """Enter a domain that forbids nothing but looking outside it, where there is Landlock."""
    if _call(_CREATE_RULESET, None, 0, _ASK_VERSION) < _FIRST_VERSION:
        return
    # A domain has to restrict something. Moving files is that, and it is allowed again for everything below the root.
    handled = struct.pack("=Q", _MOVE_BETWEEN_FOLDERS)
    ruleset = _call(_CREATE_RULESET, handled, len(handled), 0)
    root = os.open("/", os.O_PATH)
    if _call(_ADD_RULE, ruleset, _BENEATH, struct.pack("=Qi", _MOVE_BETWEEN_FOLDERS, root), 0) == 0:
        _call(_RESTRICT_SELF, ruleset, 0)
    os.close(root)
    os.close(ruleset)


def _enter_user_namespace() -> bool:
    """Enter a namespace with the same user and group; a child tries it first, because there is no way back."""
    child = os.fork()
    if child == 0:
        os._exit(0 if _settle_in_namespace() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 and _settle_in_namespace()


def _settle_in_namespace() -> bool:
    user, group = os.geteuid(), os.getegid()
    if ctypes.CDLL(None).unshare(_NEW_USER_NAMESPACE) != 0:
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny")  # or the group may not be named
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError:
        return False
    return True


def _call(number: int, *arguments: int | bytes | None) -> int:
    # Bare integers would be passed as 32 bits, and the kernel reads 64.
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *wide))


def main() -> None:
    """Hide the others, and end with code 0 if that was done, else with 1."""
    give_up_privileges()
    sys.exit(0 if hide_others() else 1)
