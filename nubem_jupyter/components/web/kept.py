"""Pages that were fetched before, so that a server need only say that nothing changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

import msgspec

_MOST_PAGES = 500


class KeptPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page as it was read."""

    asked: str
    """The address that was asked for."""
    url: str
    """The address that answered."""
    title: str
    """Its title."""
    text: str
    """Its text, whole."""
    content_type: str
    """What the server said that it is."""
    fetched_s: float
    """When the server last said that this is it: seconds since 1970, UTC."""
    etag: str = ""
    """The server's mark of this version."""
    last_modified: str = ""
    """When the server says that it changed."""


class KeptPages:
    """One file a page, for a thread that may wait; what cannot be read or written is as if it were not kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, address: str) -> KeptPage | None:
        """Return the page kept for an address, or None."""
        try:
            page = msgspec.json.decode(self._path(address).read_bytes(), type=KeptPage)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return page if page.asked == address else None

    def save(self, page: KeptPage) -> None:
        """Keep a page; of more than 500 those not written for longest go."""
        path = self._path(page.asked)
        part = path.with_suffix(f".{secrets.token_hex(4)}.part")
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                part.write_bytes(msgspec.json.encode(page))
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            self._trim()

    def _trim(self) -> None:
        with os.scandir(self._folder) as entries:
            ages = sorted(((entry.stat().st_mtime_ns, entry.path) for entry in entries), reverse=True)
        for _, path in ages[_MOST_PAGES:]:
            Path(path).unlink(missing_ok=True)

    def _path(self, address: str) -> Path:
        return self._folder / f"{hashlib.sha256(address.encode()).hexdigest()[:40]}.json"
