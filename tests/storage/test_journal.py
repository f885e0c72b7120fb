"""A journal has every entry that was written whole, whatever became of the others, and is tidied away once."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core import wire
from nubem_jupyter.core.call import Answer
from nubem_jupyter.core.ids import NodePath, RunId
from nubem_jupyter.core.run import NodeRun, NodeState, Outcome, Run
from nubem_jupyter.errors import StorageError
from nubem_jupyter.storage.journal import read_entries, read_whole
from nubem_jupyter.storage.journals import Journals
from nubem_jupyter.storage.sqlite import SqliteRunStore
from nubem_jupyter.testing.conformance.store import begun, keep
from nubem_jupyter.testing.runs import sample_node, sample_run

RUN = sample_run("a1")
BEGUN = begun(RUN)


def journal_of(folder: Path, name: str = "a1") -> Path:
    return folder / "journals" / f"{name}.jsonl"


def abandon(folder: Path, *nodes: NodeRun, end: Run | None = None, name: str = "a1") -> Path:
    """Leave a journal as a process leaves it that died; return it."""
    journals = Journals(folder / "journals")
    with journals.locked(), journals.create(msgspec.structs.replace(BEGUN, id=RunId(name))) as journal:
        for node in nodes:
            journal.save_node(node, {})
        if end:
            journal.save_end(end)
    return journal_of(folder, name)


def rows(folder: Path) -> list[str]:
    """Return what is in the database itself."""
    with closing(SqliteRunStore(folder / "runs.db")) as store, store.database.reading() as connection:
        return [name for (name,) in connection.execute("SELECT id FROM run ORDER BY id")]


def test_an_entry_cut_at_any_byte_is_as_if_it_had_not_been_begun(tmp_path):
    """The others are there, and what is appended behind a torn entry is read."""
    path = abandon(tmp_path, RUN.nodes[0])
    before = len(path.read_bytes())
    abandon(tmp_path, *RUN.nodes, name="whole")
    content = journal_of(tmp_path, "whole").read_bytes().replace(b'"whole"', b'"a1"', 1)
    assert len(content) > before
    for length in range(before, len(content)):
        path.write_bytes(content[:length])
        with path.open("rb") as file:
            assert read_whole(RunId("a1"), file).nodes == RUN.nodes[:1], length
        path.write_bytes(content[:length] + content[before:])
        with path.open("rb") as file:
            assert read_whole(RunId("a1"), file).nodes == RUN.nodes, length


_NODES = st.builds(
    NodeRun,
    path=st.integers(0, 5).map(lambda number: NodePath(f"n{number}")),
    kind=st.just("code"),
    state=st.sampled_from(NodeState),
    value=st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=4,
    ),
)
_ENTRIES = st.lists(
    st.tuples(_NODES, st.dictionaries(st.sampled_from("abc"), st.builds(Answer, text=st.text()))), max_size=8
)


@given(entries=_ENTRIES, cut=st.floats(0, 1))
def test_of_a_journal_cut_anywhere_the_whole_entries_come_back(entries, cut):
    with tempfile.TemporaryDirectory() as folder:
        journals = Journals(Path(folder) / "journals")
        ends = []
        with journals.locked(), journals.create(BEGUN) as journal:
            first = journal.path.stat().st_size
            for node, answers in entries:
                journal.save_node(node, answers)
                ends.append(journal.path.stat().st_size)
        size = first + round(cut * (ends[-1] - first)) if ends else first
        os.truncate(journal.path, size)
        whole = [entry for entry, end in zip(entries, ends, strict=True) if end <= size]
        with journal.path.open("rb") as file:
            assert [(entry.node, entry.answers) for entry in read_entries(BEGUN.id, file)[1]] == whole
        found = journals.load(BEGUN.id)
        last = {node.path: place for place, (node, _) in enumerate(whole)}
        assert list(found.nodes) == [whole[place][0] for place in sorted(last.values())]


@pytest.mark.parametrize(
    "junk",
    [
        b"\n{}x",
        b'\n{"end":{"format":"nubem.run"}}',
        b"\n",
        b"\n\0\0\0",
        b"\n\xff\xfe",
        b'\n{"node":{"path":"x"}}',
        b"\n[1]",
        b'\n{"node"',
    ],
)
def test_a_damaged_line_is_left_out_and_the_rest_kept(tmp_path, junk):
    path = abandon(tmp_path, RUN.nodes[0])
    path.write_bytes(path.read_bytes() + junk)
    whole = abandon(tmp_path, RUN.nodes[1], name="b2").read_bytes()
    path.write_bytes(path.read_bytes() + whole[whole.rindex(b"\n") :])
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        assert store.load(RunId("a1")).nodes == RUN.nodes
    assert rows(tmp_path) == ["a1", "b2"]


def test_what_a_dead_process_left_becomes_rows_at_the_next_look(tmp_path):
    """As an interrupted run, or as it ended where its process came that far."""
    abandon(tmp_path, *RUN.nodes)
    abandon(tmp_path, *RUN.nodes, end=sample_run("b2"), name="b2")
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        assert [run.outcome for run in store.list()] == [Outcome.FINISHED, Outcome.RUNNING]
        assert store.load(RunId("b2")) == sample_run("b2")
    assert rows(tmp_path) == ["a1", "b2"]
    assert [path.name for path in (tmp_path / "journals").iterdir()] == [".lock"]


def test_a_journal_that_comes_back_after_its_run_was_kept_doubles_nothing(tmp_path):
    """A process may die, or the power fail, between the rows and the removal."""
    path = abandon(tmp_path, *RUN.nodes, end=RUN)
    shutil.copy(path, tmp_path / "copy")
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        assert store.load(RUN.id) == RUN
        shutil.copy(tmp_path / "copy", path)
        assert [run.id for run in store.list()] == ["a1"]
        assert store.load(RUN.id) == RUN
    assert not path.exists()


def test_a_journal_under_way_is_left_to_its_writer(tmp_path):
    with closing(SqliteRunStore(tmp_path / "runs.db")) as one, closing(SqliteRunStore(tmp_path / "runs.db")) as two:
        one.begin(BEGUN)
        assert two.load(RUN.id) == one.load(RUN.id) == BEGUN
        assert two.named("a") == ["a1"]
        assert journal_of(tmp_path).exists()
        assert rows(tmp_path) == []


def test_a_run_whose_folder_was_removed_is_kept_all_the_same(tmp_path):
    """The writer reads its journal through what it has open, not by its name."""
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        store.begin(BEGUN)
        shutil.rmtree(tmp_path / "journals")
        for node in RUN.nodes:
            store.save_node(RUN.id, node)
        store.end(RUN)
        assert store.load(RUN.id) == RUN


@pytest.mark.parametrize(("head", "hint"), [(b"{cut", "other runs can"), (b"", None), ("newer", "update")])
def test_a_head_that_cannot_be_read_hides_nothing_else(tmp_path, head, hint):
    """The journal stays as it is and is named; one with nothing in it never was a run."""
    spoilt = abandon(tmp_path, RUN.nodes[0])
    if head == "newer":
        document = json.loads(spoilt.read_bytes().split(b"\n")[0])
        head = json.dumps(document | {"version": 99}).encode()
    spoilt.write_bytes(head)
    abandon(tmp_path, *RUN.nodes, name="b2")
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        assert [run.id for run in store.list()] == ["b2"]
        assert store.damaged() == (["a1"] if hint else [])
        if hint:
            for ask in (store.load, store.resume):
                with pytest.raises(StorageError, match="run 'a1' cannot be read") as caught:
                    ask(RunId("a1"))
                assert hint in caught.value.hint
            assert spoilt.read_bytes() == head
            with pytest.raises(StorageError, match="on record already"):
                store.begin(BEGUN)
        else:
            assert not spoilt.exists()
            store.begin(BEGUN)


def test_what_an_older_version_left_is_brought_up_to_date(tmp_path, monkeypatch):
    """Its nodes too, though the program was renewed while the run was under way."""
    abandon(tmp_path, *RUN.nodes, end=RUN)
    name, version = wire._FORMATS[Run]

    def step(body):
        body["outcome"] = body.pop("outcome").replace("finished", "failed")
        for node in body.get("nodes", []):
            node["kind"] = node["kind"].upper()
        return body

    monkeypatch.setitem(wire._FORMATS, Run, (name, version + 1))
    monkeypatch.setitem(wire._UPGRADES, (name, version), step)
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        found = store.load(RUN.id)
    assert [node.kind for node in found.nodes] == [node.kind.upper() for node in RUN.nodes]
    assert found.outcome is Outcome.FAILED


def test_what_died_while_it_began_is_cleared_away(tmp_path):
    abandon(tmp_path)
    part = tmp_path / "journals" / "b2.jsonl.part"
    part.write_bytes(b'{"format"')
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        assert [run.id for run in store.list()] == ["a1"]
        assert not part.exists()
        part.write_bytes(b"half")
        store.begin(sample_run("b2"))
        assert store.load(RunId("b2")) == sample_run("b2", nodes=())


@pytest.mark.parametrize("name", ["", "..", "../a", "a/b", "a\\b", ".hidden", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        with pytest.raises(StorageError, match="cannot name a run"):
            store.begin(msgspec.structs.replace(BEGUN, id=RunId(name)))
        with pytest.raises(StorageError):
            store.resume(RunId(name))
        assert store.load(RunId(name)) is None
        assert store.answers(RunId(name)) == {}


def test_journals_are_their_owners_and_are_not_passed_to_children(tmp_path):
    """Prompts are private, and a program that a run started must not keep the run alive."""
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        store.begin(BEGUN)
        folder = tmp_path / "journals"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    with closing(SqliteRunStore(tmp_path / "runs.db")) as other:
        assert other.resume(RUN.id) == BEGUN
    child.communicate(b"\n")


def test_a_closed_store_has_nothing_under_way(tmp_path):
    """It may be used again, and then takes a run up as any other does."""
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        store.begin(BEGUN)
        store.close()
        for late in (lambda: store.save_node(RUN.id, RUN.nodes[0]), lambda: store.sync(RUN.id), lambda: store.end(RUN)):
            with pytest.raises(StorageError, match="never began"):
                late()
        store.resume(RUN.id)
        store.save_node(RUN.id, RUN.nodes[0])


def test_a_run_with_many_nodes_is_kept_in_their_order(tmp_path):
    """They are kept a part at a time, and repeated ones are found across the parts."""
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        store.begin(BEGUN)
        for number in (*range(1200), 3):
            store.save_node(RUN.id, sample_node(NodePath(f"n{number}")), {f"d{number}": Answer(text=str(number))})
        store.end(RUN)
        found = store.load(RUN.id)
        assert [node.path for node in found.nodes] == [f"n{number}" for number in (*range(3), *range(4, 1200), 3)]
        assert len(store.answers(RUN.id)) == 1200


def test_a_store_that_cannot_be_written_takes_no_run_up(tmp_path):
    """The run stays what it was."""
    failed = sample_run("a1", outcome=Outcome.FAILED)
    with closing(SqliteRunStore(tmp_path / "runs.db")) as store:
        keep(store, failed)
        shutil.rmtree(tmp_path / "journals")
        (tmp_path / "journals").write_text("a file")
        with pytest.raises(StorageError) as caught:
            store.resume(failed.id)
        assert "NUBEM_HOME" in caught.value.hint
        assert store.load(failed.id) == failed
        assert [run.id for run in store.list()] == ["a1"]
