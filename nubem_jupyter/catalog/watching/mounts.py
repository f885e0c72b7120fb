"""Which folders lie on file systems that tell of changes."""

from __future__ import annotations

import os
import re
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_SILENT = frozenset({
    "9p", "acfs", "afs", "beegfs", "ceph", "cifs", "drvfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "prl_fs",
    "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs",
})  # fmt: skip
"""File systems whose files others change too, of which the kernel here hears nothing."""


def is_silent(path: str, mounts: Path = _MOUNTS) -> bool:
    """Tell whether changes below the path may come without an event; where nothing is known, they do not."""
    kind = _kind_of(os.path.realpath(path), mounts)
    return kind in _SILENT or kind.partition(".")[0] in ("fuse", "fuseblk")


def _kind_of(path: str, mounts: Path) -> str:
    """Return the type of the file system that holds the path; empty on systems without such a list."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        fields, _, rest = line.partition(" - ")
        point = _unescaped(fields.split()[4])
        # Of two mounts on one point the later hides the earlier.
        if len(point) >= len(best) and (path + "/").startswith(point.rstrip("/") + "/"):
            best, kind = point, rest.split()[0]
    return kind


def _unescaped(point: str) -> str:
    r"""Read what the kernel writes as ``\040`` for a space."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), point)
