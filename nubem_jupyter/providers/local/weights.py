"""The files of weights that are known by name, and where they lie once they are there."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from nubem_jupyter.core.text import nearest
from nubem_jupyter.errors import UnknownModelError


class Weights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model's file of weights: what it is and where it can be had."""

    name: str
    """What users call it; its model id is ``local/`` and this."""
    title: str
    """Its full name, with its quantization."""
    licence: str
    """SPDX identifier."""
    parameters: float
    """Weights of the network, as published."""
    context_tokens: int
    """The longest context that it was trained for."""
    size_bytes: int
    """Size of the file."""
    sha256: str
    """Digest of the file, in lower-case hexadecimal."""
    hub_file: str
    """Its path below the hub's address."""
    package: str
    """Name of the packages that carry its parts; ``{part}`` is the number of one."""
    version: str
    """Version of these packages."""
    parts: int
    """How many packages there are."""
    part_bytes: int
    """Size of each part but the last, which holds the rest."""
    member: str
    """Path of the part inside its package."""

    def package_of(self, part: int) -> str:
        """Name the package of one part, counted from 1."""
        return self.package.format(part=part)

    def member_of(self, part: int) -> str:
        """Give the path of one part inside its package."""
        return self.member.format(part=part)

    def bytes_of(self, part: int) -> int:
        """Give the size of one part."""
        return min(self.part_bytes, self.size_bytes - (part - 1) * self.part_bytes)


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    hub: str
    weights: tuple[Weights, ...]


@cache
def _table() -> _Table:
    text = resources.files(__package__).joinpath("weights.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Table)


def known_weights() -> tuple[Weights, ...]:
    """List the weights that can be pulled by name, the smallest first."""
    return _table().weights


def hub_address() -> str:
    """Give the address of the hub that the weights were published on."""
    return _table().hub


def find(name: str) -> Weights:
    """Return the weights of that name; a leading ``local/`` does not matter.

    Raises:
        UnknownModelError: there are none.
    """
    wanted = name.removeprefix("local/")
    known = {weights.name: weights for weights in known_weights()}
    if wanted in known:
        return known[wanted]
    close = nearest(wanted, known)
    hint = f"did you mean '{close}'?" if close else f"use one of: {', '.join(known)}"
    raise UnknownModelError(f"there is no local model '{wanted}'", hint=hint)


def model_path(home: Path, weights: Weights) -> Path:
    """Say where the file lies once it has been pulled; only verified files get this name."""
    return home / "models" / f"{weights.sha256}.gguf"


def installed_path(home: Path, weights: Weights) -> Path | None:
    """Return the pulled file, or None when it is not there."""
    path = model_path(home, weights)
    try:
        whole = path.stat().st_size == weights.size_bytes
    except OSError:
        return None
    return path if whole else None
