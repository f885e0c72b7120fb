"""``files.read`` and ``files.list``: what lies in the folders that may be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath
from typing import Annotated, Any

from nubem_jupyter.components.decode import decode
from nubem_jupyter.components.folders import Folders
from nubem_jupyter.components.offer import Offer, Rows, offer
from nubem_jupyter.components.records import format_of, parse
from nubem_jupyter.components.stop import Stop, off_loop
from nubem_jupyter.components.walk import Entry, Pattern, walk
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import NodeError

MOST_BYTES = 32 << 20
"""Size of a file that is read whole."""
_MOST_ENTRIES = 10_000
_LIMIT_S = 60.0


def read_bytes(folders: Folders, path: str, most_bytes: int = MOST_BYTES) -> bytes:
    """Read a granted file whole.

    Raises:
        UsageError: it lies outside the granted folders.
        NodeError: it cannot be read, or is larger than ``most_bytes``.
    """
    with folders.open(path) as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise NodeError(
            f"'{path}' is larger than {most_bytes >> 20} MiB", hint="cut it, or query it with table.sql where it is one"
        )
    return content


class Files:
    """Reading in granted folders."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    async def read(
        self,
        *,
        path: Annotated[str, "the file, from the workspace on"],
        format: Annotated[
            str | None, "text, csv, json, jsonl or yaml; by the file's suffix where not given"
        ] = None,  # the user's word
        encoding: Annotated[str | None, "how bytes stand for letters; found out where not given"] = None,
    ) -> Any:
        """Read a file of at most 32 MiB: text as text, CSV as a table, JSON, JSON lines and YAML as their value.

        Only ordinary files inside the granted folders are read. Excel, PDF and archives are not.

        Raises:
            UsageError: outside the granted folders, or an unknown format or encoding.
            NodeError: not there, too large, no text, or not of its format.
        """
        form = format_of(path, format)

        def work(stop: Stop) -> Any:
            text = decode(read_bytes(self._folders, path), path, encoding)
            stop.check()
            return parse(text, path, form, stop)

        return await off_loop(work, limit_s=_LIMIT_S, what=f"reading '{path}'")

    async def list(
        self,
        *,
        path: Annotated[str, "the folder, from the workspace on"] = ".",
        pattern: Annotated[str, "which files, such as *.md; ** also looks into folders"] = "*",
    ) -> Rows:
        """List files and folders with their size; hidden ones and links are left out.

        Raises:
            UsageError: outside the granted folders.
            NodeError: not a folder, or more than 10,000 entries.
        """

        def work(stop: Stop) -> Rows:
            entries = list(islice(self._matching(path, pattern, stop), _MOST_ENTRIES + 1))
            if len(entries) > _MOST_ENTRIES:
                raise NodeError(
                    f"more than {_MOST_ENTRIES:,} entries match '{pattern}'", hint="give a narrower pattern"
                )
            return [_row(path, entry) for entry in entries]

        return await off_loop(work, limit_s=_LIMIT_S, what=f"listing '{path}'")

    def _matching(self, path: str, pattern: str, stop: Stop) -> Iterator[Entry]:
        folder = self._folders.resolve(path)
        if not folder.is_dir():
            raise NodeError(f"'{path}' is not a folder", hint="read a file with files.read")
        wanted = Pattern(pattern)
        deep = "/" in pattern or "**" in pattern
        return (entry for entry in walk(folder, stop, deep=deep) if wanted.matches(entry.path))


def _row(path: str, entry: Entry) -> dict[str, Any]:
    return {
        "path": PurePosixPath(path, entry.path).as_posix(),
        "kind": "folder" if entry.is_folder else "file",
        "bytes": None if entry.is_folder else entry.stat.st_size,
    }


def file_offers(folders: Folders) -> tuple[Offer, ...]:
    """Offer ``files.read`` and ``files.list``."""
    files = Files(folders)
    return (
        offer("files.read", files.read, capability="read_data", output=ValueType.ANY, permissions=("files",)),
        offer("files.list", files.list, capability="read_data", output=ValueType.TABLE, permissions=("files",)),
    )
