"""Servers' lists of models, as they outlive the kernel, each with the key that it was told to."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from nubem_jupyter.catalog.kept import Kept
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.providers.endpoint.shelf import Keeping, mark_of_key

_FORM = 2
"""Rises whenever a kept list of models would be written otherwise."""
_SALT_BYTES = 32


class KeptList:
    """One server's list; another address is another server, and a list is for the key alone that it was told to."""

    def __init__(self, home: Path, name: str, url: str, environ: Mapping[str, str], key_variable: str = "") -> None:
        """Read what was kept.

        Args:
            home: The user's folder.
            name: What stands before the names of the server's models.
            url: Its address.
            environ: Where the key is looked up.
            key_variable: The variable with the key; empty where none is needed.
        """
        place = hashlib.sha256(url.encode()).hexdigest()[:16]
        path = home / "catalog" / f"models-{name}-{place}.cache"
        self._kept: Kept[tuple[str, tuple[ModelInfo, ...]]] = Kept(path, tuple[str, tuple[ModelInfo, ...]], _FORM)
        self._environ = environ
        self._key_variable = key_variable
        self._salt = _salt(home) if key_variable else b""
        told_to, self.listed = self._kept.load() or ("", ())
        self.keeping = Keeping(self._save, told_to, self._salt)
        """Whose the list is, and how the next one is kept."""

    def _save(self, listed: tuple[ModelInfo, ...]) -> None:
        """Keep a list for the key that is there now; without one that is needed nothing new was told."""
        mark = mark_of_key(self._environ.get(self._key_variable, "").strip(), self._salt)
        if mark or not self._key_variable:
            self._kept.save((mark, listed))


def _salt(home: Path) -> bytes:
    """Return what only this user's folder has, so that nobody else can try keys on a mark."""
    path = home / "catalog" / "salt"
    with contextlib.suppress(OSError):
        return path.read_bytes()
    made = secrets.token_bytes(_SALT_BYTES)
    part = path.with_name(f".salt.{secrets.token_hex(4)}.part")
    with contextlib.suppress(OSError):  # where nothing can be written, nothing will be kept
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made)
        os.replace(part, path)
    return made
