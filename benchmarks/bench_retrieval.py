"""How often retrieval finds the passage that answers a question, on 86 labelled questions over 30 short passages.

The questions are of four kinds: in the passage's own words, in other forms of them (plurals, endings), in other words
altogether, and in another language. The set was written for this project in five languages, and is small: it tells
whether the method does what it is meant for, not how well it does on a user's texts. What words count beside meaning
(``components/retrieval/blend.py``) was chosen on it and on questions about this project's own documentation, which
are answered by whichever passage holds a certain phrase.

Goals: with the embedding model, all of the first two kinds among the first three, as by words alone; of the other two
at least twice as many as by words alone. 20,000 rows are looked through with a kept index in less time than without.

    python benchmarks/bench_retrieval.py
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from nubem_jupyter.components.folders import Folders
from nubem_jupyter.components.retrieval.retrieve import Retrieval
from nubem_jupyter.providers.sentence_encoder import SentenceEncoder

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
KINDS = ("words", "forms", "meaning", "language")
FIRST = 3
MORE = 5
ROWS = 20_000
EMBEDDED = 1_000
ASKED = 20

Find = Callable[[str], Awaitable[list[str]]]


def lines_of(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (HERE / "retrieval" / name).read_text("utf-8").splitlines()]


def whole_words(passages: list[dict[str, str]]) -> Find:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE body USING fts5 (id, text)")
    connection.executemany("INSERT INTO body VALUES (:id, :text)", passages)

    async def find(question: str) -> list[str]:
        words = " OR ".join(f'"{word}"' for word in question.replace('"', " ").split())
        query = "SELECT id FROM body WHERE text MATCH ? ORDER BY rank LIMIT ?"
        # A column's name would be matched too, so only the text's.
        return [
            row[0]
            for row in connection.execute(query.replace("text MATCH", "body MATCH"), (f"text : ({words})", FIRST))
        ]

    return find


def ours(retrieval: Retrieval, passages: list[dict[str, str]], *, meaning: bool) -> Find:
    async def find(question: str) -> list[str]:
        hits = await retrieval.rows(query=question, rows=passages, column="text", limit=FIRST, meaning=meaning)
        return [hit["value"]["id"] for hit in hits]

    return find


async def shares(find: Find) -> str:
    told = []
    questions = lines_of("questions.jsonl")
    for kind in KINDS:
        asked = [question for question in questions if question["kind"] == kind]
        found = [question["passage"] in await find(question["question"]) for question in asked]
        told.append(f"{kind} {sum(found)} of {len(found)}")
    return ", ".join(told)


async def own_docs(retrieval: Retrieval, *, meaning: bool) -> str:
    questions = lines_of("own_docs.jsonl")
    places: list[int] = []
    for question in questions:
        hits = await retrieval.folder(query=question["question"], path=str(DOCS), limit=MORE, meaning=meaning)
        held = [place for place, hit in enumerate(hits) if question["holds"].lower() in hit["text"].lower()]
        places.append(min(held, default=MORE))
    found = (f"{sum(place < first for place in places)} among the first {first}" for first in (1, FIRST, MORE))
    return f"{', '.join(found)} of {len(questions)}"


async def timed(retrieval: Retrieval, **arguments: Any) -> float:
    began_s = time.perf_counter()
    await retrieval.rows(**arguments)
    return time.perf_counter() - began_s


async def times_by_words(retrieval: Retrieval, passages: list[dict[str, str]]) -> None:
    rows = [{"text": f"{passages[number % 30]['text']} Case {number}."} for number in range(ROWS)]
    asked = {"query": "clogged filter case 12345", "rows": rows, "column": "text", "meaning": False}
    first, kept = [await timed(retrieval, **asked) for _ in range(2)]
    print(f"{ROWS:,} rows by words, with a kept index against without: {kept / first:.2f} of the time (goal: below 1)")


async def times_by_meaning(retrieval: Retrieval, passages: list[dict[str, str]]) -> None:
    rows = [{"text": f"{passages[number % 30]['text']} Case {number}."} for number in range(EMBEDDED)]
    asked = {"query": "the motor is weak", "rows": rows, "column": "text"}
    by_words = await timed(retrieval, **asked, meaning=False)
    first = await timed(retrieval, **asked)
    again = statistics.median([await timed(retrieval, **asked) for _ in range(ASKED)])
    words = statistics.median([await timed(retrieval, **asked, meaning=False) for _ in range(ASKED)])
    chars = statistics.fmean(len(row["text"]) for row in rows)
    print(f"{EMBEDDED:,} rows of {chars:.0f} characters: an index of words in {by_words * 1e3:.0f} ms,", end=" ")
    print(f"vectors in {first * 1e3 / EMBEDDED:.1f} ms a row;", end=" ")
    print(f"then a question in {again * 1e3:.0f} ms, by words alone in {words * 1e3:.0f} ms")


async def main() -> None:
    passages = lines_of("passages.jsonl")
    encoder = SentenceEncoder()
    with tempfile.TemporaryDirectory() as home:
        retrieval = Retrieval(Folders((DOCS,)), Path(home), encoder)
        print(f"among the first {FIRST}, whole words:       {await shares(whole_words(passages))}")
        print(f"among the first {FIRST}, words:             {await shares(ours(retrieval, passages, meaning=False))}")
        if encoder.missing:
            print(f"by meaning: {encoder.missing}")
        else:
            print(
                f"among the first {FIRST}, words and meaning: {await shares(ours(retrieval, passages, meaning=True))}"
            )
        print(f"own documentation, words:             {await own_docs(retrieval, meaning=False)}")
        if not encoder.missing:
            print(f"own documentation, words and meaning: {await own_docs(retrieval, meaning=True)}")
        await times_by_words(retrieval, passages)
        if not encoder.missing:
            await times_by_meaning(retrieval, passages)


if __name__ == "__main__":
    asyncio.run(main())
