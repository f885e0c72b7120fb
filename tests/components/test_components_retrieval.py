"""``retrieve.*`` find passages by their words, from an index that follows what it was made of."""

import asyncio
import json
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.components.retrieval import folder as folder_module
from nubem_jupyter.components.retrieval import retrieve as retrieve_module
from nubem_jupyter.components.retrieval.index import Known, open_index
from nubem_jupyter.components.retrieval.pieces import Piece, pieces
from nubem_jupyter.components.retrieval.retrieve import retrieval_offers
from nubem_jupyter.components.stop import Stop, StoppedError
from nubem_jupyter.components.walk import Pattern
from nubem_jupyter.errors import NodeError, UsageError


@pytest.fixture
def use(folders, functions, tmp_path):
    return functions(retrieval_offers(folders, tmp_path / "home"))


@pytest.fixture
def find(use):
    async def find(query, **more):
        return [hit["file"] for hit in await use["retrieve.folder"](query=query, **more)]

    return find


@given(st.lists(st.text("ab# \ndef", max_size=400), max_size=30).map("\n".join))
def test_pieces_lose_no_word_and_know_their_lines(text):
    lines = text.split("\n")
    found = list(pieces(text))
    assert "".join("".join(piece.text.split()) for piece in found) == "".join(text.split())
    assert all(1 <= piece.first <= piece.last <= len(lines) for piece in found)
    assert all(len(piece.text) <= 1200 for piece in found)
    for piece in found:
        assert "".join(piece.text.split()) in "".join("".join(lines[piece.first - 1 : piece.last]).split())


def test_pieces_begin_at_headings():
    text = "\n".join(["# One", *["word " * 10] * 6, "# Two", "more"])
    assert [(piece.first, piece.last) for piece in pieces(text)] == [(1, 7), (8, 9)]


async def test_passages_come_with_their_place(use, workspace):
    (workspace / "docs").mkdir()
    (workspace / "docs/a.md").write_text("# Leave\n\nVacation days are carried over until March.\n")
    (workspace / "b.md").write_text("Nothing of the kind.")
    (hit,) = await use["retrieve.folder"](query="carried-over vacation?")
    score = hit.pop("score")
    assert score > 0
    assert hit == {
        "file": "docs/a.md",
        "first_line": 1,
        "last_line": 4,
        "text": "# Leave\n\nVacation days are carried over until March.",
    }
    (below,) = await use["retrieve.folder"](query="vacation", path="docs")
    assert below["file"] == "docs/a.md"


async def test_the_best_comes_first_and_endings_and_accents_do_not_matter(find, workspace):
    (workspace / "a.txt").write_text("The filters were replaced.")
    (workspace / "b.txt").write_text("Un filtro: el número de la vacación. Filter replacement.")
    (workspace / "c.txt").write_text("The the the the of of of.")
    assert await find("replace the filters") == ["a.txt", "b.txt", "c.txt"]
    assert await find("numero vacaciones") == ["b.txt"]


async def test_what_changes_in_the_folder_changes_what_is_found(find, workspace):
    (workspace / "a.txt").write_text("apple")
    assert await find("apple") == ["a.txt"]
    (workspace / "a.txt").write_text("banana!")
    (workspace / "b.txt").write_text("apple")
    assert (await find("apple"), await find("banana")) == (["b.txt"], ["a.txt"])
    (workspace / "b.txt").rename(workspace / "c.txt")
    assert await find("apple") == ["c.txt"]
    (workspace / "c.txt").unlink()
    assert await find("apple") == []
    (workspace / "d.txt").write_text("banana!")
    assert await find("banana") == ["a.txt", "d.txt"]


async def test_only_what_changed_is_read(find, workspace, monkeypatch):
    read = []
    real = folder_module.read_bytes
    monkeypatch.setattr(
        folder_module, "read_bytes", lambda folders, path: read.append(Path(path).name) or real(folders, path)
    )
    (workspace / "a.txt").write_text("apple")
    (workspace / "b.txt").write_text("apple")
    await find("apple")
    (workspace / "b.txt").write_text("banana")
    os.utime(workspace / "b.txt", ns=(1, 1))
    await find("apple")
    await find("apple")
    assert read == ["a.txt", "b.txt", "b.txt"]


async def test_what_is_no_text_of_the_folder_is_left_out(find, workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(folder_module, "_MOST_BYTES", 100)
    (tmp_path / "secret.txt").write_text("apple")
    (workspace / "link.txt").symlink_to(tmp_path / "secret.txt")
    (workspace / "loop").symlink_to(workspace)
    (workspace / ".hidden.txt").write_text("apple")
    (workspace / "image.bin").write_bytes(b"apple \0\1")
    (workspace / "large.txt").write_text("apple " * 50)
    (workspace / "shut.txt").write_text("apple")
    (workspace / "a.md").write_bytes("apple größe".encode("latin-1"))
    os.mkfifo(workspace / "pipe")
    real = folder_module.read_bytes

    def read(folders, path):
        if path.endswith("shut.txt"):
            raise NodeError("it may not be read")
        return real(folders, path)

    monkeypatch.setattr(folder_module, "read_bytes", read)
    assert await find("apple") == ["a.md"]
    assert await find("größe") == ["a.md"]


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfea\0p", b"\xff\xfe\0\xd8", b"\xfe\xff\xd8\0\0", b"\xef\xbb\xbf\xff", b"\xff\xfe\0\0\xff\xff\xff\xff"],
    ids=["half a letter", "half a pair", "from the other end", "no UTF-8", "no UTF-32"],
)
async def test_a_file_that_is_not_what_its_mark_says_is_left_out(find, workspace, content):
    (workspace / "a.txt").write_text("apple")
    (workspace / "bad.txt").write_bytes(content)
    assert await find("apple") == ["a.txt"]
    (workspace / "bad.txt").write_bytes("apple".encode("utf-16"))
    assert await find("apple") == ["a.txt", "bad.txt"]


async def test_a_file_whose_name_is_no_text_is_left_out(find, workspace):
    (workspace / "a.txt").write_text("apple")
    try:
        (workspace / os.fsdecode(b"b\xff.txt")).write_text("apple")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert await find("apple") == ["a.txt"]


async def test_a_pattern_chooses_among_files(find, workspace):
    for name in ("a.md", "a.txt", "docs/b.md"):
        (workspace / name).parent.mkdir(exist_ok=True)
        (workspace / name).write_text("apple")
    assert await find("apple", pattern="*.md") == ["a.md"]
    assert await find("apple", pattern="**/*.md") == ["a.md", "docs/b.md"]
    assert await find("apple", limit=1) == ["a.md"]


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        ("a+(b)?.md", "a+(b)c.md", True),
        ("*.md", "docs/a.md", False),
        ("**", "docs/deep/a.md", True),
        ("**/*.md", "a.md", True),
        ("docs/**/a.*", "docs/a.md", True),
        ("docs/**/a.*", "docs/x/y/a.md", True),
        ("docs/**/a.*", "a.md", False),
        ("docs/*", "docs/x/y", False),
        ("docs/**", "docs", True),
        ("**/" * 60 + "a", "b/" * 200 + "c", False),
        ("*a" * 60, "a" * 250 + "b", False),
    ],
)
def test_patterns(pattern, path, wanted):
    """The last two would take an ordinary expression for ever."""
    assert Pattern(pattern).matches(path) is wanted


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"query": "?!"}, UsageError, "no word"),
        ({"query": "a", "limit": 0}, UsageError, "limit"),
        ({"query": "a", "limit": 101}, UsageError, "limit"),
        ({"query": "a", "path": ".."}, UsageError, "outside"),
        ({"query": "a", "path": "a.txt"}, NodeError, "not a folder"),
    ],
)
async def test_what_cannot_be_looked_for_is_named(find, workspace, arguments, error, sentence):
    (workspace / "a.txt").write_text("a")
    with pytest.raises(error, match=sentence):
        await find(**arguments)


async def test_a_folder_of_too_many_files_is_refused(find, workspace, monkeypatch):
    monkeypatch.setattr(folder_module, "_MOST_FILES", 1)
    (workspace / "a.txt").write_text("a")
    (workspace / "b.txt").write_text("a")
    with pytest.raises(NodeError, match="more than 1 files"):
        await find("a")


@pytest.fixture(scope="module")
def empty_index(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("index") / "empty.db"


@given(query=st.text(max_size=80))
def test_every_query_is_words_or_a_mistake(empty_index, query):
    with open_index(empty_index, Stop()) as index:
        if any(character.isalnum() for character in query.lower()):
            assert index.by_words(query) == {}
        else:
            with pytest.raises(UsageError, match="no word"):
                index.by_words(query)


async def test_rows_are_found_with_their_number(use):
    rows = [{"city": "Lima", "note": "on the coast"}, {"city": "Oslo", "note": None}, {"n": 3}, None, "Lima too"]
    find = use["retrieve.rows"]
    assert [hit["row"] for hit in await find(query="coast", rows=rows)] == [0]
    assert [hit["value"] for hit in await find(query="lima", rows=rows, column="city")] == [rows[0]]
    assert {hit["row"] for hit in await find(query="lima", rows=rows)} == {0, 4}
    assert [hit["row"] for hit in await find(query="7", rows=[6, 7, [7]])] == [1, 2]
    with pytest.raises(UsageError, match="no row has a column 'town'"):
        await find(query="lima", rows=rows, column="town")
    assert await find(query="lima", rows=[]) == []


async def test_a_row_with_half_a_character_is_found_by_the_rest(use):
    rows = ["apple \ud83d", {"a": "apple \ude00 pie"}, "pear"]
    hits = await use["retrieve.rows"](query="apple", rows=rows)
    assert sorted(hit["row"] for hit in hits) == [0, 1]
    assert all(hit["value"] is rows[hit["row"]] for hit in hits)
    assert await use["retrieve.rows"](query="\ud83d pear", rows=["apple \ud83d"]) == []


async def test_the_folder_s_own_name_may_be_no_text(use, workspace):
    try:
        (workspace / os.fsdecode(b"d\xff")).mkdir()
    except OSError:
        pytest.skip("this file system takes no such name")
    (workspace / os.fsdecode(b"d\xff") / "a.txt").write_text("apple")
    hits = await use["retrieve.folder"](query="apple", path=os.fsdecode(b"d\xff"))
    assert len(hits) == 1


async def test_the_index_of_equal_rows_is_used_again_and_old_ones_go(use, tmp_path, monkeypatch):
    monkeypatch.setattr(retrieve_module, "_MOST_INDEXES", 2)
    find = use["retrieve.rows"]
    for rows in (["a b"], ["a c"], ["a d"], ["a d"]):
        assert len(await find(query="a", rows=rows)) == 1
    assert len(list((tmp_path / "home/retrieval").glob("*.db"))) == 2


async def test_a_damaged_index_is_made_anew(find, workspace, tmp_path):
    (workspace / "a.txt").write_text("apple")
    await find("apple")
    (path,) = (tmp_path / "home/retrieval").glob("*.db")
    path.write_bytes(b"this is no database" * 500)
    assert await find("apple") == ["a.txt"]


async def test_an_index_of_another_form_is_made_anew(find, workspace, tmp_path):
    (workspace / "a.txt").write_text("apple")
    await find("apple")
    (path,) = (tmp_path / "home/retrieval").glob("*.db")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("DELETE FROM body")
    assert await find("apple") == ["a.txt"]


async def test_a_home_that_cannot_be_written_is_a_sentence(folders, functions, workspace, tmp_path):
    (tmp_path / "file").write_text("")
    (workspace / "a.txt").write_text("apple")
    use = functions(retrieval_offers(folders, tmp_path / "file"))
    with pytest.raises(NodeError, match="cannot be used"):
        await use["retrieve.folder"](query="apple")
    (tmp_path / "home/retrieval").mkdir(parents=True)
    with pytest.raises(NodeError, match="cannot be used"), open_index(tmp_path / "home/retrieval", Stop()):
        pass


def begin_and_stop(path):
    stop = Stop()
    with open_index(path, stop) as index:
        index.put_pieces("d", [Piece(1, 1, "apple")])
        index.put_documents({"a": Known("s", "d")})
        stop.set()
        stop.check()


def read_while_interrupted(path):
    with open_index(path, Stop()) as index:
        index._connection.set_progress_handler(lambda: 1, 1)
        index.known()


def test_what_is_stopped_changes_nothing(tmp_path):
    path = tmp_path / "index.db"
    with pytest.raises(StoppedError):
        begin_and_stop(path)
    with open_index(path, Stop()) as index:
        assert index.known() == {}
    with pytest.raises(StoppedError):
        read_while_interrupted(path)


async def test_many_at_once_see_one_index(find, workspace):
    for number in range(20):
        (workspace / f"{number}.txt").write_text(f"apple {number}")
    found = await asyncio.gather(*(find("apple", limit=100) for _ in range(8)))
    assert all(len(files) == 20 for files in found)


def known_at_once(path, barrier):
    barrier.wait()
    with open_index(path, Stop()) as index:
        return index.known()


def test_a_new_index_may_be_opened_by_many_at_the_same_moment(tmp_path):
    """The moment is short: it is met by trying often."""
    barrier = threading.Barrier(8)
    with ThreadPoolExecutor(8) as pool:
        for number in range(60):
            uses = [pool.submit(known_at_once, tmp_path / f"{number}.db", barrier) for _ in range(8)]
            assert [use.result() for use in uses] == [{}] * 8


def labelled(name):
    path = Path(__file__).parents[2] / "benchmarks" / "retrieval" / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def test_labelled_questions_find_their_passage(use):
    """By their words and by other forms of them; what is said in other words altogether is not promised."""
    passages = labelled("passages.jsonl")
    found = {"words": [], "forms": []}
    for question in labelled("questions.jsonl"):
        if question["kind"] in found:
            hits = await use["retrieve.rows"](query=question["question"], rows=passages, column="text", limit=3)
            found[question["kind"]].append(question["passage"] in [hit["value"]["id"] for hit in hits])
    assert all(found["words"])
    assert all(found["forms"])
