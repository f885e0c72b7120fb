"""``files.*`` read what was granted and nothing else."""

import os
from pathlib import Path

import pytest

from nubem_jupyter.components import files as files_module
from nubem_jupyter.components.files import file_offers
from nubem_jupyter.components.folders import Folders
from nubem_jupyter.errors import NodeError, NubemError, UsageError

BOMB = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10))])
"""Ten short lines that stand for billions of values."""


@pytest.fixture
def read(folders, functions):
    return functions(file_offers(folders))["files.read"]


@pytest.fixture
def listing(folders, functions):
    return functions(file_offers(folders))["files.list"]


@pytest.mark.parametrize(
    ("name", "content", "value"),
    [
        ("a.txt", "größe\r\nzwei".encode(), "größe\nzwei"),
        ("b.md", "\ufeff# Título".encode(), "# Título"),
        ("c.txt", "Größe".encode("cp1252"), "Größe"),
        ("d.txt", "日本".encode("utf-16"), "日本"),
        ("e.txt", b"\x81\x8d raw", "\x81\x8d raw"),
        ("f.json", b'{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        ("g.jsonl", '{"a": 1}\n\n{"a": "x\u2028y"}\n'.encode(), [{"a": 1}, {"a": "x\u2028y"}]),
        ("h.yaml", b"day: 2026-01-02\nnames: [a, b]\n", {"day": "2026-01-02", "names": ["a", "b"]}),
        ("i.csv", b"n,zip,x,ok,t\n1,00123,1.5,true,a\n,00456,2,false,\n", [
            {"n": 1, "zip": "00123", "x": 1.5, "ok": True, "t": "a"},
            {"n": None, "zip": "00456", "x": 2.0, "ok": False, "t": ""},
        ]),
        ("j.csv", b'a;b\n"1;2";"x\ny"\n3\n', [{"a": "1;2", "b": "x\ny"}, {"a": "3", "b": ""}]),
        ("k.csv", b"e,f\n,x\n", [{"e": "", "f": "x"}]),
        ("empty.txt", b"", ""),
    ],
)  # fmt: skip
async def test_a_file_is_read_by_its_suffix_and_encoding(read, workspace, name, content, value):
    (workspace / name).write_bytes(content)
    assert await read(path=name) == value


async def test_format_and_encoding_can_be_told(read, workspace):
    (workspace / "rows.data").write_bytes("a\nñ\n".encode("latin-1"))
    assert await read(path="rows.data", format="csv", encoding="latin-1") == [{"a": "ñ"}]
    (workspace / "x.json").write_bytes(b"{broken")
    assert await read(path="x.json", format="text") == "{broken"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.bin", b"\0\1\2", "not a text file"),
        ("a.json", b"{broken", "no JSON"),
        ("a.json", b'{"a": NaN}', "NaN is no JSON value"),
        ("a.json", b"[1e999]", "too large"),
        ("a.jsonl", b"{}\n{broken\n", "line 2"),
        ("a.yaml", b"a: [1", "no YAML at line"),
        ("a.yaml", b"!!python/object/apply:os.system ['true']", "no YAML"),
        ("a.yaml", BOMB.encode(), "more than 2 million values"),
        ("a.yaml", b"a: &a [*a]", "more than 2 million values"),
        ("a.yaml", b"{1, 2}: 3", "no YAML"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"a,a\n1,2\n", "two columns 'a'"),
        ("a.csv", b"a\n1,2\n", "row 2"),
        ("a.csv", b'a\n"open', "no CSV"),
        ("a.xlsx", b"PK", "Excel"),
        ("a.pdf", b"%PDF", "PDF"),
    ],
)
async def test_what_cannot_be_read_is_named(read, workspace, name, content, sentence):
    (workspace / name).write_bytes(content)
    with pytest.raises(NodeError, match=sentence) as caught:
        await read(path=name)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"path": "a.txt", "format": "xml"}, "no format"),
        ({"path": "a.txt", "encoding": "klingon"}, "no encoding"),
        ({"path": "a.txt", "encoding": "base64"}, "no encoding"),
        ({"path": "a.txt", "colour": "red"}, "no input 'colour'"),
        ({"path": "a.txt", "frmat": "csv"}, "no input 'frmat'"),
        ({"path": 3}, "not text"),
        ({}, "needs 'path'"),
    ],
)
async def test_a_wrong_argument_is_the_users_mistake(read, workspace, arguments, sentence):
    (workspace / "a.txt").write_text("a")
    with pytest.raises(UsageError, match=sentence):
        await read(**arguments)


@pytest.mark.parametrize("encoding", ["utf-8", "undefined"])
async def test_bytes_that_do_not_fit_the_encoding_are_told(read, workspace, encoding):
    (workspace / "a.txt").write_bytes(b"a\xff")
    with pytest.raises(NodeError, match=f"is not {encoding}"):
        await read(path="a.txt", encoding=encoding)


async def test_long_yaml_is_refused_as_it_would_take_minutes(read, workspace):
    (workspace / "a.yaml").write_text("- a\n" * 1_000_001)
    with pytest.raises(NodeError, match="more YAML"):
        await read(path="a.yaml")


async def test_a_file_is_at_most_so_large(read, workspace, monkeypatch):
    monkeypatch.setattr(files_module.read_bytes, "__defaults__", (1 << 20,))
    (workspace / "big.txt").write_bytes(b"a" * ((1 << 20) + 1))
    with pytest.raises(NodeError, match="larger than 1 MiB"):
        await read(path="big.txt")


@pytest.fixture
def secret(tmp_path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text("secret")
    return path


@pytest.mark.parametrize("path", ["../secret.txt", "sub/../../secret.txt", "link", "folder/secret.txt", "{absolute}"])
async def test_nothing_leads_out_of_the_granted_folders(read, workspace, secret, path):
    (workspace / "sub").mkdir()
    (workspace / "link").symlink_to(secret)
    (workspace / "folder").symlink_to(secret.parent)
    with pytest.raises(UsageError, match="outside"):
        await read(path=path.format(absolute=secret))


@pytest.mark.parametrize("path", ["../there-is-none", "/there-is-none", "../no\0path"])
async def test_whether_something_is_outside_is_not_told(read, path):
    with pytest.raises(UsageError, match="outside"):
        await read(path=path)


async def test_a_link_inside_is_followed_and_one_slipped_in_later_is_not(folders, workspace, secret, monkeypatch):
    (workspace / "a.txt").write_text("mine")
    (workspace / "link").symlink_to("a.txt")
    with folders.open("link") as file:
        assert file.read() == b"mine"
    checked = folders._locate("a.txt")
    (workspace / "a.txt").unlink()
    (workspace / "a.txt").symlink_to(secret)
    monkeypatch.setattr(folders, "_locate", lambda path: checked)
    with pytest.raises(NodeError, match="cannot be read"):
        folders.open("a.txt")


@pytest.mark.parametrize("path", ["circle", "gone.txt", "a.txt/below", "nul\0l", "x" * 5000])
async def test_what_is_not_there_is_a_sentence(read, workspace, path):
    (workspace / "circle").symlink_to("circle")
    (workspace / "a.txt").write_text("a")
    with pytest.raises(NubemError):
        await read(path=path)


async def test_a_pipe_is_refused_without_waiting_for_its_writer(read, workspace):
    os.mkfifo(workspace / "pipe")
    with pytest.raises(NodeError, match="ordinary"):
        await read(path="pipe")


async def test_without_a_grant_nothing_is_read(functions):
    with pytest.raises(UsageError, match="no folder"):
        await functions(file_offers(Folders(())))["files.read"](path="a")


async def test_a_second_granted_folder_is_reached_by_its_own_path(functions, workspace, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("there")
    functions = functions(file_offers(Folders((workspace, other))))
    assert await functions["files.read"](path=str(other / "a.txt")) == "there"


async def test_files_are_listed_by_pattern(listing, workspace, secret):
    (workspace / "sub" / "deep").mkdir(parents=True)
    for name in ("b.md", "a.md", "sub/c.md", "sub/deep/d.md", "sub/e.txt", ".hidden.md"):
        (workspace / name).write_text("12345")
    (workspace / "out.md").symlink_to(secret)
    (workspace / "loop").symlink_to(workspace)

    async def paths(**arguments):
        return [row["path"] for row in await listing(**arguments)]

    assert await paths() == ["a.md", "b.md", "sub"]
    assert await paths(pattern="**/*.md") == ["a.md", "b.md", "sub/c.md", "sub/deep/d.md"]
    assert await paths(path="sub") == ["sub/c.md", "sub/deep", "sub/e.txt"]
    assert await paths(pattern="?.md") == ["a.md", "b.md"]
    assert await listing(pattern="a.*") == [{"path": "a.md", "kind": "file", "bytes": 5}]


async def test_listing_says_what_is_no_folder_and_what_is_too_much(listing, workspace, monkeypatch):
    (workspace / "a.md").write_text("a")
    (workspace / "b.md").write_text("a")
    with pytest.raises(NodeError, match="not a folder"):
        await listing(path="a.md")
    monkeypatch.setattr(files_module, "_MOST_ENTRIES", 1)
    with pytest.raises(NodeError, match="more than 1 entries"):
        await listing()
