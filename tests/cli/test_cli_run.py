"""``nubem run``: the result on the output, everything else beside it, and a status that tells how it went."""

import asyncio
import json
import sys

import msgspec
import pytest

from nubem_jupyter.cli.run import _watched
from nubem_jupyter.cli.stream import EventText
from nubem_jupyter.cli.terminal import Terminal
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.run import Outcome, Run
from nubem_jupyter.core.wire import read
from nubem_jupyter.errors import UsageError
from nubem_jupyter.testing.runs import sample_run


def test_no_cache_asks_anew(nubem, session):
    nubem("run", "Shorten this")
    assert session.asked["cache"] is None, "the settings decide"
    nubem("run", "Shorten this", "--no-cache")
    assert session.asked["cache"] is False


def test_the_last_line_says_what_was_at_hand(nubem, session):
    step = msgspec.structs.replace(session.run.nodes[-1], cached=True, cost_usd=0.0, saved_usd=0.125)
    session.run = msgspec.structs.replace(session.run, nodes=(*session.run.nodes[:-1], step))
    assert nubem("run", "Shorten this").err.splitlines()[-1].endswith("1 step cached, $0.12 saved")


def test_only_the_result_goes_to_the_output(nubem, session):
    said = nubem("run", "Shorten this", "--max-cost", "0.01", "-i", "text=long", "--models", "echo/echo")
    assert said.status == 0
    assert said.out == "¡Olé!\n"
    assert session.asked["target"] == "Shorten this"
    assert session.asked["inputs"] == {"text": "long"}
    assert session.asked["constraints"] == Constraints(max_cost_usd=0.01, models=("echo/echo",))
    assert session.is_closed


def test_the_text_is_the_one_open_input_of_a_saved_flow(nubem, session):
    """As in a cell."""
    nubem("run", "--flow", "kept", "a long text")
    assert session.asked["target"] == session.saved["kept"]
    assert session.asked["inputs"] == {"text": "a long text"}


def test_sampling_is_set_for_every_call(nubem, session):
    nubem("run", "Shorten this", "--seed", "0", "--temperature", "0.9")
    assert (session.asked["seed"], session.asked["temperature"]) == (0, 0.9)


def test_a_refusal_says_alone_what_the_warnings_foresaw(nubem, session, monkeypatch):
    def refused(plan, inputs, **options):
        raise UsageError("be careful", hint="take care")

    monkeypatch.setattr(session, "begin", refused)
    assert nubem("run", "Shorten this").err == "be careful\nHint: take care\n"


def test_a_run_that_goes_on_tells_what_has_happened_to_its_components(nubem, session):
    told = "note: a component has broken since\n"
    assert told in nubem("run", "--resume", session.run.id).err
    assert told not in nubem("run", "--resume", session.run.id, "--quiet").err


def test_whoever_goes_on_with_the_last_run_is_told_which_that_is(nubem, session, monkeypatch):
    monkeypatch.setattr(session, "unfinished", lambda: session.run, raising=False)
    told = f"going on with run {session.run.id}: "
    assert told in nubem("run", "--resume", "last").err
    assert told not in nubem("run", "--resume", "last", "--quiet").err
    assert told not in nubem("run", "--resume", session.run.id).err


def test_tokens_warnings_and_the_sum_are_told_beside(nubem):
    said = nubem("run", "Shorten this")
    assert said.err.count("note: be careful") == 1
    assert "── shorter (echo/echo)\n¡Olé!\n" in said.err
    assert "$0.12" in said.err


def test_quiet_tells_nothing_else(nubem):
    assert nubem("run", "Shorten this", "--quiet").err == ""


def test_json_is_the_stored_form_of_the_run(nubem, session):
    said = nubem("run", "Shorten this", "--json", "--quiet")
    assert read(json.loads(said.out), Run) == session.run


def test_a_run_that_fails_ends_with_1_and_says_why(nubem, session):
    session.run = sample_run("20300101-2", outcome=Outcome.FAILED)
    said = nubem("run", "Shorten this")
    assert said.status == 1
    assert said.out == ""
    assert "node 'shorter' failed\nHint: try again" in said.err


@pytest.mark.parametrize(
    ("outcome", "raised"), [(Outcome.OVER_BUDGET, "--max-cost USD"), (Outcome.OVER_TIME, "--max-latency S")]
)
def test_a_run_that_its_limit_stopped_says_how_it_goes_on_with_a_higher_one(nubem, session, outcome, raised):
    session.run = sample_run("20300101-2", outcome=outcome)
    said = nubem("run", "Shorten this")
    assert said.status == 1
    assert f"go on with: nubem run --resume 20300101-2 {raised}\n" in said.err


def test_a_page_is_written(nubem, tmp_path):
    page = tmp_path / "run.html"
    assert nubem("run", "Shorten this", "--html", str(page)).status == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "Olé" in text


def test_a_saved_flow_is_run_and_a_flow_is_saved(nubem, session):
    assert nubem("run", "--flow", "kept").status == 0
    assert session.asked["target"] == session.saved["kept"]
    assert "--flow mine" in nubem("run", "Shorten this", "--save", "mine").err
    assert "mine" in session.saved


def test_a_run_can_be_replayed(nubem, session):
    nubem("run", "Shorten this", "--replay", "2030")
    assert session.asked["replay"] == "2030"


def test_a_result_that_is_no_text_is_json(nubem, session):
    session.run = msgspec.structs.replace(session.run, result={"name": "Ana", "tags": ["ü"]})
    assert json.loads(nubem("run", "x").out) == {"name": "Ana", "tags": ["ü"]}
    assert "ü" in nubem("run", "x").out


async def test_ctrl_c_stops_the_run_and_tells_what_is_kept(hanging, capsys):
    """Ctrl-C cancels the program's task; what finished is named, and the cancellation goes on."""
    terminal = Terminal(sys.stdout, sys.stderr)
    task = asyncio.create_task(_watched(hanging, terminal, EventText(terminal.stream), quiet=True))
    await hanging.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert hanging.cancelled.is_set()
    assert "2 of 2 steps are kept; go on with: nubem run --resume 20300101-1" in capsys.readouterr().err


def test_a_keyboard_interrupt_ends_with_130(nubem, session):
    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    session.begin = interrupt
    said = nubem("run", "Shorten this")
    assert said.status == 130
    assert "Traceback" not in said.err


def test_a_failure_is_told_once(nubem, session):
    session.run = sample_run("20300101-2", outcome=Outcome.FAILED)
    assert nubem("run", "Shorten this").err.count(session.run.failure.message) == 1


@pytest.mark.parametrize("streams", [("out",), ("err",), ("out", "err")])
def test_a_text_is_written_once_where_one_terminal_shows_both_streams(nubem, monkeypatch, streams):
    for name in streams:
        monkeypatch.setattr(getattr(sys, f"std{name}"), "isatty", lambda: True)
    said = nubem("run", "Shorten this")
    assert said.out == ("" if len(streams) == 2 else "¡Olé!\n")
    assert "¡Olé!" in said.err


def test_a_result_that_nobody_saw_being_written_is_shown_in_a_terminal_too(nubem, session, monkeypatch):
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    assert nubem("run", "Shorten this", "--quiet").out == "¡Olé!\n"
    session.run = msgspec.structs.replace(session.run, result="another")
    assert nubem("run", "Shorten this").out == "another\n"


def test_an_answer_that_was_cut_off_is_reported(nubem, session):
    nodes = tuple(msgspec.structs.replace(node, finish_reason="length") for node in session.run.nodes)
    session.run = msgspec.structs.replace(session.run, nodes=nodes)
    assert "note: The text of step 'shorter' was cut off at" in nubem("run", "Shorten this").err
    assert nubem("run", "Shorten this", "--quiet").err == ""
