"""How often retrieval finds the passage that answers a question, on 52 labelled questions over 30 short passages.

The questions are of three kinds: in the passage's own words, in other forms of them (plurals, endings), and in other
words altogether. The set was written for this file in English, Spanish and German, and is small: it tells whether the
method does what it is meant for, and that it knows nothing of meaning, not how well it does on a user's texts. Beside
it stands the same index asked for whole words only. Goal: all of the first two kinds among the first three.

    python benchmarks/bench_retrieval.py
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from nubem_jupyter.components.folders import Folders
from nubem_jupyter.components.retrieval.retrieve import Retrieval

HERE = Path(__file__).parent
KINDS = ("words", "forms", "meaning")
FIRST = 3
ROWS = 20_000

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


def ours(retrieval: Retrieval, passages: list[dict[str, str]]) -> Find:
    async def find(question: str) -> list[str]:
        hits = await retrieval.rows(query=question, rows=passages, column="text", limit=FIRST)
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


async def main() -> None:
    passages = lines_of("passages.jsonl")
    with tempfile.TemporaryDirectory() as home:
        retrieval = Retrieval(Folders(()), Path(home))
        print(f"among the first {FIRST}, ours:        {await shares(ours(retrieval, passages))}")
        print(f"among the first {FIRST}, whole words: {await shares(whole_words(passages))}")
        rows = [{"text": f"{passages[number % 30]['text']} Case {number}."} for number in range(ROWS)]
        times = []
        for _ in range(2):
            began_s = time.perf_counter()
            await retrieval.rows(query="clogged filter case 12345", rows=rows, column="text")
            times.append(time.perf_counter() - began_s)
        print(
            f"{ROWS:,} rows, with a kept index against without: {times[1] / times[0]:.2f} of the time (goal: below 1)"
        )


if __name__ == "__main__":
    asyncio.run(main())
