"""Writing a file so that it is either the old one or the new one, whole, whenever the machine stops."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from nubem_jupyter.errors import StorageError


def write_whole(path: Path, content: bytes) -> None:
    """Replace the file's content; folders that are missing are made, and a link keeps pointing where it points.

    Raises:
        StorageError: it cannot be written; the old content is then still there.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_through(part, content)
            if target.exists():
                part.chmod(target.stat().st_mode & 0o777)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        _settle(target.parent)
    except OSError as error:
        raise StorageError(
            f"{path} could not be written: {error.strerror or error}",
            hint="check that there is space on the disk and that you may write there; nothing was changed",
        ) from error


def _write_through(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Let the rename reach the disk too."""
    with contextlib.suppress(OSError):  # some file systems cannot, and the file is whole either way
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
