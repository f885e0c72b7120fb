"""``retrieve.folder`` and ``retrieve.rows``."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from nubem_jupyter.components.folders import Folders
from nubem_jupyter.components.offer import Offer, Rows, offer
from nubem_jupyter.components.retrieval.folder import bring_up_to_date
from nubem_jupyter.components.retrieval.index import Known, open_index, remove_index
from nubem_jupyter.components.retrieval.pieces import Piece
from nubem_jupyter.components.stop import Stop, off_loop
from nubem_jupyter.components.walk import Pattern
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import NodeError, UsageError

_LIMIT_S = 300.0
_MOST_HITS = 100
_MOST_INDEXES = 64
_ALL = "rows"


class Retrieval:
    """Finding passages; the indexes are kept under ``home`` and brought up to date at each use."""

    def __init__(self, folders: Folders, home: Path) -> None:
        self._folders = folders
        self._home = home

    async def folder(
        self,
        *,
        query: Annotated[str, "what to look for"],
        path: Annotated[str, "the folder, from the workspace on"] = ".",
        pattern: Annotated[str, "in which files, such as **/*.md"] = "**",
        limit: Annotated[int, "how many passages, 100 at most"] = 5,
    ) -> Rows:
        """Find the passages of a folder's text files that best fit a query by its words, each with file and lines.

        Words are compared by their beginnings, in every language that parts words by spaces; passages that say the
        same in other words are not found. Hidden files, links, files above 2 MiB, and binary ones are left out.

        Raises:
            UsageError: outside the granted folders, no word in the query, or a limit that cannot be.
            NodeError: no folder, or one with more than 20,000 files.
        """
        _check_limit(limit)

        def work(stop: Stop) -> Rows:
            folder = self._folders.resolve(path)
            if not folder.is_dir():
                raise NodeError(f"'{path}' is not a folder", hint="files.list shows what there is")
            wanted = Pattern(pattern)
            with open_index(self._place("folder", str(folder)), stop) as index:
                bring_up_to_date(index, folder, self._folders, stop)
                hits = (hit for hit in stop.each(index.find(query)) if wanted.matches(hit.name))
                return [
                    {
                        "file": (Path(path) / hit.name).as_posix(),
                        "first_line": hit.piece.first,
                        "last_line": hit.piece.last,
                        "text": hit.piece.text,
                        "score": hit.score,
                    }
                    for hit in islice(hits, limit)
                ]

        return await off_loop(work, limit_s=_LIMIT_S, what=f"looking through '{path}'")

    async def rows(
        self,
        *,
        query: Annotated[str, "what to look for"],
        rows: Annotated[list[Any], "a table, or a list of texts"],
        column: Annotated[str | None, "the column to look in; where not given, every text of a row"] = None,
        limit: Annotated[int, "how many rows, 100 at most"] = 5,
    ) -> Rows:
        """Find the rows whose text best fits a query by its words, each with its number from 0.

        Raises:
            UsageError: no row has the column, no word in the query, or a limit that cannot be.
            NodeError: the index cannot be written.
        """
        _check_limit(limit)

        def work(stop: Stop) -> Rows:
            texts = _texts(rows, column)
            digest = hashlib.sha256(json.dumps(texts).encode()).hexdigest()
            place = self._place("rows", digest)
            with open_index(place, stop) as index:
                if digest not in {known.digest for known in index.known().values()}:
                    found = enumerate(stop.each(texts))
                    index.put_pieces(digest, [Piece(number, number, text) for number, text in found if text.strip()])
                    index.put_documents({_ALL: Known(digest, digest)})
                hits = list(islice(stop.each(index.find(query)), limit))
            self._trim(place)
            return [{"row": hit.piece.first, "value": rows[hit.piece.first], "score": hit.score} for hit in hits]

        return await off_loop(work, limit_s=_LIMIT_S, what="looking through the rows")

    def _place(self, kind: str, what: str) -> Path:
        return self._home / f"{kind}-{hashlib.sha256(what.encode()).hexdigest()[:32]}.db"

    def _trim(self, used: Path) -> None:
        """Keep the indexes of tables that were used last."""
        with suppress(FileNotFoundError):  # another kernel may be doing the same
            os.utime(used)
            ages = sorted((path.stat().st_mtime_ns, path) for path in self._home.glob("rows-*.db"))
            for _, path in ages[:-_MOST_INDEXES]:
                remove_index(path)


def _check_limit(limit: int) -> None:
    if isinstance(limit, float) or not 0 < limit <= _MOST_HITS:
        raise UsageError(f"limit is {limit}", hint=f"give a whole number from 1 to {_MOST_HITS}")


def _texts(rows: Sequence[Any], column: str | None) -> list[str]:
    if column is not None and not any(isinstance(row, dict) and column in row for row in rows):
        there = dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row)
        raise UsageError(f"no row has a column '{column}'", hint=f"there are: {', '.join(there) or 'none'}")
    return [_text(row, column) for row in rows]


def _text(row: Any, column: str | None) -> str:
    if isinstance(row, dict):
        values = list(row.values()) if column is None else [row.get(column)]
    else:
        values = [row] if column is None else []
    return "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values if value is not None)


def retrieval_offers(folders: Folders, home: Path) -> tuple[Offer, ...]:
    """Offer ``retrieve.folder`` and ``retrieve.rows``."""
    retrieval = Retrieval(folders, home / "retrieval")
    return (
        offer(
            "retrieve.folder",
            retrieval.folder,
            capability="retrieve",
            output=ValueType.TABLE,
            permissions=("files",),
        ),
        offer("retrieve.rows", retrieval.rows, capability="retrieve", output=ValueType.TABLE),
    )
