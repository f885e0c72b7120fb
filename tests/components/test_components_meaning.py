"""``retrieve.*`` find what is said in other words, where there is an embedder."""

import asyncio
import json
import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.components.retrieval import meaning as meaning_module
from nubem_jupyter.components.retrieval.blend import blend
from nubem_jupyter.components.retrieval.index import Known, open_index
from nubem_jupyter.components.retrieval.meaning import Meaning
from nubem_jupyter.components.retrieval.pieces import Piece
from nubem_jupyter.components.retrieval.retrieve import Retrieval, retrieval_offers
from nubem_jupyter.components.stop import Stop, StoppedError
from nubem_jupyter.errors import ModelUnavailableError, UsageError
from nubem_jupyter.providers.sentence_encoder import SentenceEncoder
from nubem_jupyter.testing import FakeEmbedder

CARS = ("car", "automobile", "vehicle")


@pytest.fixture
def retrieval(folders, tmp_path):
    return lambda embedder, **more: Retrieval(folders, tmp_path / "home", embedder, **more)


def files(hits):
    return [hit["file"] for hit in hits]


async def test_other_words_find_a_passage_that_means_the_same(retrieval, workspace):
    (workspace / "a.txt").write_text("The automobile waits outside.")
    (workspace / "b.txt").write_text("Bread and butter for lunch.")
    search = retrieval(FakeEmbedder(CARS)).folder
    assert files(await search(query="car")) == ["a.txt"]
    assert files(await search(query="car", meaning=False)) == []
    rows = await retrieval(FakeEmbedder(CARS)).rows(query="vehicle", rows=["bread", "my car", None, {"a": "auto"}])
    assert rows[0]["row"] == 1


async def test_a_word_that_stands_there_comes_before_what_means_the_same(retrieval, workspace):
    (workspace / "a.txt").write_text("An automobile.")
    (workspace / "b.txt").write_text("Invoice E42 about a car.")
    (workspace / "c.txt").write_text("Bread and butter.")
    assert files(await retrieval(FakeEmbedder(CARS)).folder(query="E42"))[0] == "b.txt"


async def test_without_the_model_words_alone_are_compared(retrieval, workspace, functions, folders, tmp_path):
    (workspace / "a.txt").write_text("The automobile waits.")
    absent = FakeEmbedder(CARS, missing="run: pip install it")
    assert files(await retrieval(absent).folder(query="automobile")) == ["a.txt"]
    assert files(await retrieval(absent).folder(query="car")) == []
    with pytest.raises(UsageError, match="by meaning") as caught:
        await retrieval(absent).folder(query="car", meaning=True)
    assert caught.value.hint == "run: pip install it"
    with pytest.raises(UsageError, match="by meaning"):
        await functions(retrieval_offers(folders, tmp_path / "home"))["retrieve.rows"](
            query="car", rows=["a"], meaning=True
        )
    assert absent.asked == []


async def test_a_text_is_embedded_once(retrieval, workspace):
    """Not again when its file is renamed or copied, nor when another part of its file changes."""
    embedder = FakeEmbedder(CARS)
    search = retrieval(embedder).folder
    parts = [f"# Part {number}\n" + f"word{number} " * 40 for number in range(3)]
    (workspace / "a.md").write_text("\n".join(parts))
    await search(query="car")
    passages = [text for text in embedder.asked if text != "car"]
    assert len(passages) == len(set(passages)) == 3
    embedder.asked.clear()
    (workspace / "a.md").rename(workspace / "b.md")
    (workspace / "c.md").write_text((workspace / "b.md").read_text())
    await search(query="car")
    assert embedder.asked == ["car"]
    embedder.asked.clear()
    (workspace / "b.md").write_text("\n".join([*parts[:2], "# Part 2\n" + "changed " * 40]))
    await search(query="car")
    assert [text[:20] for text in embedder.asked] == ["# Part 2\nchanged cha", "car"]


async def test_another_model_embeds_everything_again(retrieval, workspace):
    (workspace / "a.txt").write_text("The automobile waits.")
    (workspace / "b.txt").write_text("Bread.")
    await retrieval(FakeEmbedder(CARS)).folder(query="car")
    newer = FakeEmbedder(CARS, name="fake 2")
    assert files(await retrieval(newer).folder(query="car")) == ["a.txt"]
    assert newer.asked == ["The automobile waits.", "Bread.", "car"]


async def test_what_time_does_not_allow_is_found_by_words_and_made_up_for_later(retrieval, workspace):
    (workspace / "a.txt").write_text("The automobile waits.")
    embedder = FakeEmbedder(CARS)
    hurried = retrieval(embedder, embedding_s=0)
    assert files(await hurried.folder(query="car")) == []
    assert files(await hurried.folder(query="automobile")) == ["a.txt"]
    assert files(await retrieval(embedder).folder(query="car")) == ["a.txt"]


async def test_many_at_once_embed_each_text_once_and_not_on_the_event_loop(retrieval, workspace):
    for number in range(40):
        (workspace / f"{number}.txt").write_text(f"automobile {number}")
    threads = set()
    embedder = FakeEmbedder(CARS, before=lambda texts: threads.add(threading.get_ident()))
    search = retrieval(embedder).folder
    found = await asyncio.gather(*(search(query="car", limit=100) for _ in range(6)))
    assert all(len(hits) == 40 for hits in found)
    assert sorted(embedder.asked) == sorted([*(f"automobile {number}" for number in range(40)), *["car"] * 6])
    assert threading.get_ident() not in threads


def an_index(path, texts):
    with open_index(path, Stop()) as index:
        index.put_pieces("d", [Piece(number, number, text) for number, text in enumerate(texts)])
        index.put_documents({"a": Known("s", "d")})


def test_a_stop_ends_it_and_keeps_what_is_done(tmp_path, monkeypatch):
    monkeypatch.setattr(meaning_module, "_BATCH", 2)
    path, stop, embedder = tmp_path / "index.db", Stop(), FakeEmbedder()
    an_index(path, [f"text {number}" for number in range(7)])
    stopping = FakeEmbedder(before=lambda texts: stop.set() if "text 2" in texts else None)
    with pytest.raises(StoppedError):
        Meaning(stopping, embedding_s=60).catch_up(path, stop)
    Meaning(embedder, embedding_s=60).catch_up(path, Stop())
    assert stopping.asked[:2] == ["text 0", "text 1"]
    assert set(stopping.asked[:2]).isdisjoint(embedder.asked)
    assert {*stopping.asked, *embedder.asked} == {f"text {number}" for number in range(7)}


def test_who_waits_for_another_s_work_can_be_stopped(tmp_path):
    path, stop = tmp_path / "index.db", Stop()
    an_index(path, ["text"])
    meaning = Meaning(FakeEmbedder(), embedding_s=60)
    stop.set()
    with meaning._turn, pytest.raises(StoppedError):
        meaning.catch_up(path, stop)


async def test_with_a_broken_embedder_words_alone_are_compared_and_its_sentence_is_told(retrieval, workspace, caplog):
    def fail(texts):
        raise ModelUnavailableError("the embedding model cannot be loaded", hint="install it")

    (workspace / "a.txt").write_text("car")
    broken = retrieval(FakeEmbedder(CARS, before=fail))
    assert files(await broken.folder(query="car", meaning=False)) == ["a.txt"]
    assert caplog.messages == []
    assert files(await broken.folder(query="car")) == ["a.txt"]
    assert [hit["row"] for hit in await broken.rows(query="car", rows=["bread", "car"])] == [1]
    told = "Passages are found by their words alone: the embedding model cannot be loaded (install it)"
    assert caplog.messages == [told] * 2


async def test_a_broken_embedder_that_is_asked_for_is_its_sentence(retrieval, workspace):
    def fail(texts):
        raise ModelUnavailableError("the embedding model cannot be loaded", hint="install it")

    (workspace / "a.txt").write_text("car")
    with pytest.raises(ModelUnavailableError, match="cannot be loaded"):
        await retrieval(FakeEmbedder(CARS, before=fail)).folder(query="car", meaning=True)


async def test_a_query_without_a_word_embeds_nothing(retrieval, workspace):
    (workspace / "a.txt").write_text("car")
    embedder = FakeEmbedder()
    with pytest.raises(UsageError, match="no word"):
        await retrieval(embedder).folder(query="?!")
    assert embedder.asked == []


async def test_a_vector_that_was_cut_short_is_left_out(retrieval, workspace, tmp_path):
    (workspace / "a.txt").write_text("The automobile waits.")
    search = retrieval(FakeEmbedder(CARS)).folder
    await search(query="car")
    (path,) = (tmp_path / "home").glob("*.db")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE vector SET value = substr(value, 1, 7)")
    connection.close()
    assert files(await search(query="automobile")) == ["a.txt"]


shares = st.dictionaries(st.integers(0, 20), st.floats(0, 1), max_size=12)
cosines = st.dictionaries(st.integers(0, 20), st.floats(-1, 1), max_size=12)


@given(words=shares, meaning=cosines)
def test_one_ranking_of_two(words, meaning):
    ranked = blend(words, meaning)
    scores = [score for _, score in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)
    assert len({piece for piece, _ in ranked}) == len(ranked)
    assert {piece for piece, _ in ranked} <= words.keys() | meaning.keys()


@given(words=shares)
def test_without_meaning_the_words_rank_alone_and_all_stay(words):
    expected = sorted((piece for piece, share in words.items() if 1.5 * share > 0), key=lambda p: (-1.5 * words[p], p))
    assert [piece for piece, _ in blend(words, {})] == expected


def labelled(name):
    path = Path(__file__).parents[2] / "benchmarks" / "retrieval" / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def test_labelled_questions_in_other_words_and_languages_find_their_passage(retrieval):
    """With the model of the extra: all that words find, and of the rest most, where words find a fifth to a third."""
    search = retrieval(SentenceEncoder(), embedding_s=120).rows
    passages = labelled("passages.jsonl")
    found: dict[str, list[bool]] = {}
    for question in labelled("questions.jsonl"):
        hits = await search(query=question["question"], rows=passages, column="text", limit=3, meaning=True)
        found.setdefault(question["kind"], []).append(question["passage"] in [hit["value"]["id"] for hit in hits])
    assert all(found["words"] + found["forms"])
    assert sum(found["meaning"]) >= 25
    assert sum(found["language"]) >= 14
