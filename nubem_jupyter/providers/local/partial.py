"""A file of weights on its way: grows part by part, is verified, and then gets its name."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from nubem_jupyter.errors import ProviderError, StorageError
from nubem_jupyter.providers.local.weights import Weights, model_path

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class PullFailedError(ProviderError):
    """The weights could not be had, whole and right, from anywhere."""

    code = "provider.pull"


class Partial(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is not whole yet; what it holds is kept between tries."""

    path: Path
    """Where it lies."""
    target: Path
    """Its name once it is verified."""
    weights: Weights
    """What it will be."""

    @property
    def size_bytes(self) -> int:
        """How much of it is there."""
        return self.path.stat().st_size if self.path.exists() else 0

    def write_from(self, offset: int, blocks: Iterable[bytes]) -> Iterator[int]:
        """Cut the file at ``offset`` and write on from there; yield its size after each block."""
        with self.path.open("r+b" if self.path.exists() else "w+b") as file:
            file.truncate(offset)
            file.seek(offset)
            for block in blocks:
                file.write(block)
                yield file.tell()

    def finish(self) -> Path:
        """Verify the file and give it its name; a wrong one is deleted, so that the next try starts anew.

        Raises:
            PullFailedError: its content is not what it should be.
        """
        with self.path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        if found != self.weights.sha256:
            self.path.unlink()
            raise PullFailedError(
                f"the file of '{self.weights.name}' has the wrong SHA-256 ({found[:12]}… in place of "
                f"{self.weights.sha256[:12]}…) and was deleted",
                hint="try again; if it stays so, somebody has changed the file at its source",
            )
        self.path.replace(self.target)
        return self.target


def partial(home: Path, weights: Weights, source: str) -> Partial:
    """Name the unfinished file of one source; sources do not share one, since they cut it differently."""
    target = model_path(home, weights)
    return Partial(path=target.with_suffix(f".{source}.part"), target=target, weights=weights)


@contextmanager
def disk_errors(folder: Path, weights: Weights) -> Iterator[None]:
    """Turn a full or unwritable disk into a sentence.

    Raises:
        StorageError: in place of any OSError.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise disk_full(folder, weights) from error
        raise StorageError(
            f"'{weights.name}' cannot be written ({error})", hint=f"check the folder {folder}"
        ) from error


def disk_full(folder: Path, weights: Weights) -> StorageError:
    """Say that the disk is full, and what the weights need."""
    megabytes = weights.size_bytes // 1_000_000
    return StorageError(
        f"the disk is full: '{weights.name}' needs {megabytes} MB", hint=f"make room under {folder}, then pull again"
    )


@contextmanager
def alone(home: Path, weights: Weights) -> Iterator[None]:
    """Let one process at a time pull these weights; the lock goes with its holder, however that ends."""
    path = model_path(home, weights).with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
