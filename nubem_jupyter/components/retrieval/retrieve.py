"""``retrieve.folder`` and ``retrieve.rows``."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from nubem_jupyter.components.folders import Folders
from nubem_jupyter.components.offer import Offer, Rows, offer
from nubem_jupyter.components.retrieval.blend import blend
from nubem_jupyter.components.retrieval.folder import bring_up_to_date
from nubem_jupyter.components.retrieval.index import Hit, Index, Known, check_query, open_index, remove_index
from nubem_jupyter.components.retrieval.meaning import Meaning, Wanted
from nubem_jupyter.components.retrieval.pieces import Piece
from nubem_jupyter.components.stop import Stop, off_loop
from nubem_jupyter.components.walk import Pattern
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.errors import ModelUnavailableError, NodeError, UsageError
from nubem_jupyter.ports import Embedder

_LOG = logging.getLogger(__name__)
_LIMIT_S = 300.0
_EMBEDDING_S = 30.0
_MOST_HITS = 100
_MOST_INDEXES = 64
_ALL = "rows"


class Retrieval:
    """Finding passages; the indexes are kept under ``home`` and brought up to date at each use."""

    def __init__(
        self, folders: Folders, home: Path, embedder: Embedder | None, *, embedding_s: float = _EMBEDDING_S
    ) -> None:
        """Wire one.

        Args:
            folders: What may be read.
            home: Where indexes are kept.
            embedder: Finds by meaning too; None: by words alone.
            embedding_s: How long one use makes vectors of passages at most; a later one goes on.
        """
        self._folders = folders
        self._home = home
        self._meaning = None if embedder is None else Meaning(embedder, embedding_s=embedding_s)

    async def folder(
        self,
        *,
        query: Annotated[str, "what to look for"],
        path: Annotated[str, "the folder, from the workspace on"] = ".",
        pattern: Annotated[str, "in which files, such as **/*.md"] = "**",
        limit: Annotated[int, "how many passages, 100 at most"] = 5,
        meaning: Annotated[bool | None, "also by meaning; where not given, if that is installed"] = None,
    ) -> Rows:
        """Find the passages of a folder's text files that best fit a query, each with file and lines.

        Words are compared by their beginnings, in every language that parts words by spaces. With the extra
        ``retrieval`` installed, passages are found too that say the same in other words or in another of 16 languages;
        of what is new in a folder so much is made ready for that as half a minute allows, and the rest in later uses.
        Hidden files, links, files above 2 MiB, and what is no text, whole and in its own encoding, are left out.

        Raises:
            UsageError: outside the granted folders, no word in the query, a limit that cannot be, or ``meaning`` where
                that is not installed.
            NodeError: no folder, or one with more than 20,000 files.
            ModelUnavailableError: the embedding model is broken, and ``meaning`` is asked for.
        """
        _check_limit(limit)

        def work(stop: Stop) -> Rows:
            folder = self._folders.resolve(path)
            if not folder.is_dir():
                raise NodeError(f"'{path}' is not a folder", hint="files.list shows what there is")
            wanted = Pattern(pattern)

            def take(hits: Iterator[Hit]) -> Rows:
                return [
                    {
                        "file": (Path(path) / hit.name).as_posix(),
                        "first_line": hit.piece.first,
                        "last_line": hit.piece.last,
                        "text": hit.piece.text,
                        "score": hit.score,
                    }
                    for hit in islice((hit for hit in hits if wanted.matches(hit.name)), limit)
                ]

            def fill(index: Index) -> None:
                bring_up_to_date(index, folder, self._folders, stop)

            return self._search(self._place("folder", str(folder)), fill, query, meaning, take, stop)

        return await off_loop(work, limit_s=_LIMIT_S, what=f"looking through '{path}'")

    async def rows(
        self,
        *,
        query: Annotated[str, "what to look for"],
        rows: Annotated[list[Any], "a table, or a list of texts"],
        column: Annotated[str | None, "the column to look in; where not given, every text of a row"] = None,
        limit: Annotated[int, "how many rows, 100 at most"] = 5,
        meaning: Annotated[bool | None, "also by meaning; where not given, if that is installed"] = None,
    ) -> Rows:
        """Find the rows whose text best fits a query, each with its number from 0.

        By words, and with the extra ``retrieval`` installed by meaning too, as ``retrieve.folder`` says.

        Raises:
            UsageError: no row has the column, no word in the query, a limit that cannot be, or ``meaning`` where that
                is not installed.
            NodeError: the index cannot be written.
            ModelUnavailableError: the embedding model is broken, and ``meaning`` is asked for.
        """
        _check_limit(limit)

        def work(stop: Stop) -> Rows:
            texts = _texts(rows, column)
            digest = hashlib.sha256(json.dumps(texts).encode()).hexdigest()
            place = self._place("rows", digest)

            def fill(index: Index) -> None:
                if digest not in {known.digest for known in index.known().values()}:
                    found = enumerate(stop.each(texts))
                    index.put_pieces(digest, [Piece(number, number, text) for number, text in found if text.strip()])
                    index.put_documents({_ALL: Known(digest, digest)})

            def take(hits: Iterator[Hit]) -> Rows:
                found = ((hit.piece.first, hit.score) for hit in islice(hits, limit))
                return [{"row": number, "value": rows[number], "score": score} for number, score in found]

            hits = self._search(place, fill, query, meaning, take, stop)
            self._trim(place)
            return hits

        return await off_loop(work, limit_s=_LIMIT_S, what="looking through the rows")

    def _search(
        self,
        place: Path,
        fill: Callable[[Index], None],
        query: str,
        meaning: bool | None,
        take: Callable[[Iterator[Hit]], Rows],
        stop: Stop,
    ) -> Rows:
        """Bring the index up to date, rank what it has by words and by meaning, and take from that, best first."""
        check_query(query)
        by_meaning = self._by_meaning(meaning)
        with open_index(place, stop) as index:
            fill(index)
            if by_meaning is None:
                return take(stop.each(index.hits(blend(index.by_words(query), {}))))
        wanted = _wanted(by_meaning, place, query, stop, is_asked=bool(meaning))
        with open_index(place, stop) as index:  # which others may have changed meanwhile
            near = index.vectors(wanted.model).cosines(wanted.vector) if wanted else {}
            return take(stop.each(index.hits(blend(index.by_words(query), near))))

    def _by_meaning(self, asked: bool | None) -> Meaning | None:
        if self._meaning is None and asked:
            raise UsageError("passages cannot be found by meaning", hint="there is no embedding model here")
        return self._meaning if self._meaning and self._meaning.is_wanted(asked) else None

    def _place(self, kind: str, what: str) -> Path:
        return self._home / f"{kind}-{hashlib.sha256(os.fsencode(what)).hexdigest()[:32]}.db"

    def _trim(self, used: Path) -> None:
        """Keep the indexes of tables that were used last."""
        with suppress(FileNotFoundError):  # another kernel may be doing the same
            os.utime(used)
            ages = sorted((path.stat().st_mtime_ns, path) for path in self._home.glob("rows-*.db"))
            for _, path in ages[:-_MOST_INDEXES]:
                remove_index(path)


def _wanted(by_meaning: Meaning, place: Path, query: str, stop: Stop, *, is_asked: bool) -> Wanted | None:
    """Return what the query means; None where the embedder is broken and nobody asked for it: words are left."""
    try:
        by_meaning.catch_up(place, stop)
        return by_meaning.of(query)
    except ModelUnavailableError as error:
        if is_asked:
            raise
        _LOG.warning("Passages are found by their words alone: %s (%s)", error.message, error.hint)
        return None


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
    text = "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values if value is not None)
    return text.encode("utf-8", "replace").decode()  # without half characters, which no index can hold


def retrieval_offers(folders: Folders, home: Path, embedder: Embedder | None = None) -> tuple[Offer, ...]:
    """Offer ``retrieve.folder`` and ``retrieve.rows``; without an embedder they compare words alone."""
    retrieval = Retrieval(folders, home / "retrieval", embedder)
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
