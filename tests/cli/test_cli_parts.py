"""The small parts of the terminal: inputs, event text, progress, safe output."""

import io
import subprocess
import sys

import pytest

from nubem_jupyter.cli.inputs import read_inputs
from nubem_jupyter.cli.progress import Progress, StoppedError
from nubem_jupyter.cli.stream import EventText
from nubem_jupyter.cli.terminal import Terminal
from nubem_jupyter.core.event import (
    BudgetWarning,
    CascadeDecided,
    MemberAnswered,
    NodeCached,
    NodeFailed,
    NodeRetried,
    NodeStarted,
    RunStarted,
    Tokens,
)
from nubem_jupyter.core.ids import ModelId, NodePath, RunId
from nubem_jupyter.errors import UsageError
from nubem_jupyter.providers.local.pull import PullProgress


class Tty(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_inputs_are_text_json_or_files(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("long ü", encoding="utf-8")
    (tmp_path / "b.json").write_text("[1, 2]", encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO("piped"))
    given = ["t=a=b", "items:=[1, null]", f"file=@{tmp_path}/a.txt", f"list=@{tmp_path}/b.json", "in=@-", "empty="]
    assert read_inputs(given) == {
        "t": "a=b", "items": [1, None], "file": "long ü", "list": [1, 2], "in": "piped", "empty": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["a=1", "a=2"], "'a' is given twice"),
        (["1a=x"], "has no name and value"),
        (["a:=[1"], "'a' is not JSON"),
        (["a=@/no/such/file"], "cannot be read"),
    ],
)
def test_a_wrong_input_is_named(texts, sentence):
    with pytest.raises(UsageError, match=sentence) as caught:
        read_inputs(texts)
    assert caught.value.hint


def test_a_file_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8 text"):
        read_inputs([f"a=@{path}"])


def event(kind, **fields):
    return kind(run=RunId("r"), at_s=0.0, **fields)


def test_text_of_nodes_that_run_at_once_is_told_apart():
    said: list[str] = []
    text = EventText(said.append)
    a, b = NodePath("a"), NodePath("b")
    for one in (
        event(RunStarted, nodes=2),
        event(NodeStarted, node=a, model=ModelId("m/a")),
        event(NodeStarted, node=b),
        event(Tokens, node=a, text="one"),
        event(Tokens, node=a, text=""),
        event(Tokens, node=b, text="two\n"),
        event(Tokens, node=a, text="more"),
        event(NodeRetried, node=a, error="it broke"),
        event(NodeRetried, node=a, error="It broke again.", wait_s=2.5),
        event(NodeCached, node=a, saved_usd=0.25),
        event(NodeCached, node=b, similarity=0.94),
        event(NodeFailed, node=b, error="gone", optional=True),
        event(BudgetWarning, spent_usd=0.8, limit_usd=1.0),
        event(BudgetWarning, spent_usd=0.9, limit_usd=1.0, reserved_usd=0.5),
    ):
        text.take(one)
    text.end()
    assert "".join(said).splitlines() == [
        "── a (m/a)",
        "one",
        "── b",
        "two",
        "── a (m/a)",
        "more",
        "a: it broke; trying again",
        "a: It broke again; trying again in 2.5 s",
        "a: cached, $0.25 saved",
        "b: cached from a similar call (0.94)",
        "b failed: gone",
        "$0.80 of $1.00 are spent or reserved",
        "$0.90 of $1.00 are spent or reserved, $0.50 of it for calls under way",
    ]


def pulled(stage: str, megabytes: int) -> PullProgress:
    return PullProgress(name="small", stage=stage, done_bytes=megabytes * 1_000_000, total_bytes=100_000_000)


def test_a_terminal_gets_a_bar():
    err = Tty()
    progress = Progress(Terminal(io.StringIO(), err))
    progress.take(pulled("hub", 50))
    progress.take(pulled("hub", 100))
    progress.take(pulled("ready", 100))
    progress.end()
    progress.end()
    assert "\r[###############...............]  50%" in err.getvalue()
    assert err.getvalue().endswith("100%  100 of 100 MB  from the hub \n")


def test_a_stopped_download_ends_at_its_next_report():
    progress = Progress(Terminal(io.StringIO(), io.StringIO()))
    progress.stop()
    with pytest.raises(StoppedError):
        progress.take(pulled("hub", 1))


def test_control_characters_of_a_model_reach_files_but_no_terminal():
    tty, pipe = Tty(), io.StringIO()
    Terminal(tty, tty).show("a\x1b]0;title\x07b\tc")
    Terminal(pipe, pipe).show("a\x1bb")
    assert tty.getvalue() == "a]0;titleb\tc\n"
    assert pipe.getvalue() == "a\x1bb\n"


def test_a_stream_that_cannot_hold_a_character_gets_a_stand_in():
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Terminal(out, out).show("é")
    out.seek(0)
    assert out.read() == "?\n"


def test_a_reader_that_leaves_early_sees_no_traceback():
    """As with ``nubem schema | head -1``."""
    program = [sys.executable, "-m", "nubem_jupyter.cli", "schema"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        assert started.stdout is not None
        started.stdout.read(1)
        started.stdout.close()
        _, err = started.communicate(timeout=60)
    assert b"Traceback" not in err


def test_a_failure_that_ends_the_run_is_left_to_its_end():
    said: list[str] = []
    EventText(said.append).take(event(NodeFailed, node=NodePath("a"), error="gone"))
    assert said == []


def test_only_two_terminals_show_everything_to_one_reader():
    assert Terminal(Tty(), Tty()).shows_all
    assert not Terminal(io.StringIO(), Tty()).shows_all
    assert not Terminal(Tty(), io.StringIO()).shows_all


def test_what_the_members_of_a_cascade_say_stands_in_lines_of_its_own():
    said: list[str] = []
    text = EventText(said.append)
    a, model = NodePath("a"), ModelId("m/a")
    for one in (
        event(NodeStarted, node=a, model=ModelId("m/a then m/b")),
        event(MemberAnswered, node=a, model=model, text="yes"),
        event(MemberAnswered, node=a, model=ModelId("m/b"), place=1, error="It broke."),
        event(CascadeDecided, node=a, model=model, verdict="m/a was sure enough"),
        event(Tokens, node=a, text="yes"),
    ):
        text.take(one)
    text.end()
    assert "".join(said).splitlines() == [
        "a: m/a: yes",
        "a: m/b: It broke",
        "a: m/a was sure enough",
        "── a (m/a)",
        "yes",
    ]
