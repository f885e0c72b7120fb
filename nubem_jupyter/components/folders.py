"""The folders that components may read: everything else stays shut, links that lead out included."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from nubem_jupyter.errors import NodeError, UsageError

_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
_STEPWISE = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")


class Folders:
    """The granted folders; a relative path starts from the first of them."""

    def __init__(self, granted: tuple[Path, ...]) -> None:
        self.granted = granted
        """What may be read, with everything below."""

    def resolve(self, path: str) -> Path:
        """Return the real path, all links followed.

        Raises:
            UsageError: it lies outside the granted folders, or is no path.
            NodeError: there is nothing at it.
        """
        return self._locate(path)[1]

    def open(self, path: str) -> BinaryIO:
        """Open an ordinary file to read bytes; no link is followed after the check, so none can be slipped in.

        Raises:
            UsageError: it lies outside the granted folders.
            NodeError: it is not there, is not an ordinary file, or cannot be read.
        """
        root, real = self._locate(path)
        try:
            descriptor = _open_below(root, real) if _STEPWISE else os.open(real, _READ | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise _unreadable(path, error) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise NodeError(f"'{path}' is not an ordinary file", hint="files.list shows what is in a folder")
        return os.fdopen(descriptor, "rb")

    def _roots(self) -> Iterator[Path]:
        return (folder.resolve() for folder in self.granted)

    def _locate(self, path: str) -> tuple[Path, Path]:
        if not self.granted:
            raise UsageError("no folder may be read", hint="grant one, the workspace for example")
        try:
            real = (self.granted[0] / path).resolve(strict=True)
        except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links that lead in a circle
            # Whether something is there is nobody's business outside the granted folders.
            self._check_outline(path)
            raise _unreadable(path, error) from error
        for root in self._roots():
            if real.is_relative_to(root):
                return root, real
        raise self._outside(path)

    def _check_outline(self, path: str) -> None:
        plain = Path(os.path.normpath(self.granted[0].resolve() / path.replace("\0", "")))
        if not any(plain.is_relative_to(root) for root in self._roots()):
            raise self._outside(path)

    def _outside(self, path: str) -> UsageError:
        folders = ", ".join(str(folder) for folder in self.granted)
        return UsageError(f"'{path}' is outside of what may be read", hint=f"these folders may be read: {folders}")


def _open_below(root: Path, real: Path) -> int:
    """Walk down from the root one name at a time, following no link."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        *between, last = real.relative_to(root).parts or (".",)
        for name in between:
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(last, _READ, dir_fd=folder)
    finally:
        os.close(folder)


def _unreadable(path: str, error: Exception) -> NodeError:
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENOTDIR):
        return NodeError(f"there is no '{path}'", hint="files.list shows what there is")
    if isinstance(error, OSError):
        return NodeError(f"'{path}' cannot be read: {error.strerror}", hint="check that it may be read, and its links")
    return NodeError(f"'{path}' is not a path that can be read", hint="files.list shows what there is")
