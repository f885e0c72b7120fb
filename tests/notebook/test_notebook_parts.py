"""The parts behind the magics: the loop, variables, progress, completion, settings, loading and unloading."""

import asyncio
import contextlib
import datetime
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from nubem_jupyter.core.event import (
    BudgetWarning,
    CascadeDecided,
    MemberAnswered,
    NodeCached,
    NodeFailed,
    NodeFinished,
    NodeRetried,
    NodeStarted,
    RunEnded,
    RunStarted,
    Tokens,
)
from nubem_jupyter.errors import UsageError
from nubem_jupyter.notebook.extension import load_ipython_extension, unload_ipython_extension
from nubem_jupyter.notebook.loop import BackgroundLoop
from nubem_jupyter.notebook.options import VALUES
from nubem_jupyter.notebook.progress import Progress, advance, progress_page
from nubem_jupyter.notebook.variables import to_plain
from nubem_jupyter.render.text import text


@pytest.fixture
def loop():
    loop = BackgroundLoop()
    yield loop
    loop.close(timeout_s=1.0)


def test_the_loop_gives_results_and_errors_and_looks_while_it_waits(loop):
    async def work():
        await asyncio.sleep(0.35)
        return threading.current_thread().name

    looks = []
    assert loop.call(work(), look=lambda: looks.append(1)) == "nubem"
    assert looks

    async def fail():
        raise UsageError("no")

    with pytest.raises(UsageError, match="no"):
        loop.call(fail())


def test_an_interrupt_cancels_the_work_and_waits_for_its_end(loop):
    ended = []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            ended.append(True)

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.call(work(), look=interrupt)
    assert ended == [True]


def test_an_interrupt_does_not_wait_for_work_that_will_not_end(loop):
    async def stubborn():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(5)

    def interrupt():
        raise KeyboardInterrupt

    before = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        loop.call(stubborn(), look=interrupt)
    assert time.monotonic() - before < 4


def test_a_broken_display_does_not_leave_work_running(loop):
    cancelled = threading.Event()

    async def work():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    def broken():
        raise RuntimeError("no display")

    with pytest.raises(RuntimeError):
        loop.call(work(), look=broken)
    assert cancelled.wait(60)


def test_the_loop_is_closed_twice_and_never_started_for_nothing():
    loop = BackgroundLoop()
    loop.close()
    loop.call(asyncio.sleep(0))
    loop.close()
    loop.close()


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("text", "text"),
        (1, 1),
        (True, True),
        (None, None),
        (1.5, 1.5),
        (float("nan"), None),
        ([1, (2, 3)], [1, [2, 3]]),
        ({"a": {1: "b"}}, {"a": {"1": "b"}}),
        (np.array([[1, 2]]), [[1, 2]]),
        (np.float64(2.0), 2.0),
        (pd.Series(["a", None]), ["a", None]),
        (pd.Series([1.0, None]), [1.0, None]),
        (pd.Timestamp("2026-01-02"), "2026-01-02T00:00:00"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (pd.NaT, None),
        (pd.NA, None),
        (
            pd.DataFrame({"n": [1, None], "t": [pd.Timestamp("2026-01-02"), pd.NaT]}),
            [{"n": 1.0, "t": "2026-01-02T00:00:00"}, {"n": None, "t": None}],
        ),
    ],
)
def test_values_become_plain(value, plain):
    assert to_plain("v", value) == plain


def test_a_path_is_read_and_one_that_cannot_be_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("hola", encoding="utf-8")
    assert to_plain("p", tmp_path / "a.txt") == "hola"
    (tmp_path / "b.bin").write_bytes(b"\xff\xfe\x00")
    for path, word in ((tmp_path / "b.bin", "not text"), (tmp_path / "none", "No such file"), (tmp_path, "directory")):
        with pytest.raises(UsageError, match=word):
            to_plain("p", path)


def test_what_cannot_be_given_is_named_where_it_stands():
    with pytest.raises(UsageError, match=r"'v\['a'\]\[1\]' is a object") as caught:
        to_plain("v", {"a": [1, object()]})
    assert "data frames" in caught.value.hint


def test_progress_follows_the_events():
    progress = Progress()
    for event in (
        RunStarted(run="r", at_s=0, nodes=3),
        NodeStarted(run="r", at_s=0.0, node="a", model="echo/echo"),
        Tokens(run="r", at_s=0.1, node="a", text="hel"),
        NodeRetried(run="r", at_s=0.2, node="a", error="busy"),
        Tokens(run="r", at_s=0.3, node="a", text="hello"),
        NodeStarted(run="r", at_s=0.3, node="b"),
        NodeFailed(run="r", at_s=0.5, node="b", error="no"),
        BudgetWarning(run="r", at_s=0.5, spent_usd=0.8, limit_usd=1.0),
    ):
        progress = advance(progress, event)
    shown = text(progress_page(progress, 0.6))
    assert "1 step done of 3 " in shown
    assert "tried again: busy" in shown
    assert shown.endswith("hello")
    assert "$0.80 of $1.00" in shown
    progress = advance(progress, NodeFinished(run="r", at_s=0.9, node="a", cost_usd=0.25))
    progress = advance(progress, RunEnded(run="r", at_s=0.9, outcome="finished"))
    assert progress.ended
    assert "$0.25 so far" in text(progress_page(progress, 1.0))
    assert "hello" not in text(progress_page(progress, 1.0))


def test_of_the_items_of_a_map_nobody_knows_how_many_steps_there_will_be():
    progress = advance(Progress(), RunStarted(run="r", at_s=0, nodes=3))
    for item in range(2):
        progress = advance(progress, NodeStarted(run="r", at_s=0.0, node=f"each[{item}]/ask", model="echo/echo"))
        progress = advance(progress, NodeFinished(run="r", at_s=0.1, node=f"each[{item}]/ask"))
    assert "Running: 2 steps done · " in text(progress_page(progress, 0.2))


def test_progress_says_of_a_step_that_it_was_at_hand():
    progress = Progress()
    for event in (
        NodeStarted(run="r", at_s=0.0, node="a", model="echo/echo"),
        NodeCached(run="r", at_s=0.0, node="a", model="echo/echo", saved_usd=0.25),
        NodeFinished(run="r", at_s=0.0, node="a"),
        NodeCached(run="r", at_s=0.0, node="b"),
    ):
        progress = advance(progress, event)
    shown = text(progress_page(progress, 0.1))
    assert "1 step done" in shown
    assert re.search(r"a +echo/echo +cached, \$0.25 saved", shown)
    assert re.search(r"b +cached +", shown)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("%%orchestrate --max-", {"--max-cost", "--max-latency"}),
        ("%orchestrate --security ", {"low", "medium", "high"}),
        ("x = %orchestrate --prefer q", {"quality"}),
        ("%orchestrate --models echo/echo,e", {"echo/echo"}),
        ("%orchestrate -i my_te", {"my_text"}),
        ("%nubem wh", {"why", "what-if"}),
        ("%nubem why reply la", {"last"}),
        ("%nubem front la", {"last"}),
        ("%nubem front last ", set()),
        ("%nubem what-if --prefer q", {"quality"}),
        ("%nubem why ", {"reply"}),
        ("%optimize saved", {"saved_flow"}),
        ("%orchestrate --flow ", {"saved_flow", "held"}),
        ("%evaluate --scorer ex", {"exact"}),
        ("%nubem run la", {"last"}),
        ("%nubem models re", {"refresh"}),
        ("%nubem models --all ec", {"echo/echo"}),
        ("%nubem models --provider ec", {"echo"}),
        ("%nubem models --require js", {"json_schema"}),
        ("%nubem models --di", {"--diff"}),
        ("%nubem run re", {"resume"}),
        ("%nubem run resume ", set()),
        ("%nubem run resume --max-", {"--max-cost", "--max-latency"}),
        ("%orchestrate --replay la", {"last"}),
        ("%orchestrate --max-cost ", set()),
    ],
)
def test_tab_completes(cell, complete, source, found):
    cell("my_text = 'x'\nheld = %orchestrate --save saved_flow Say hello")
    offered = complete(source)
    assert offered == found if found else not any(word.startswith("-") for word in offered)


def test_completion_elsewhere_is_left_alone(complete, cell):
    cell("my_text = 'x'")
    assert "my_text" in complete("my_te")
    assert "--max-cost" not in complete("%orchestrat")


def test_config_changes_settings_of_the_next_session(cell, opener):
    cell("%nubem status")
    cell("%config Nubem.idle_unload_s = 7.0")
    cell("%config Nubem.allow = ['files']")
    cell("%config Nubem.region = 'eu'")
    cell("%nubem status")
    assert [session.settings.idle_unload_s for session in opener.opened] == [300.0, 7.0]
    assert [list(session.settings.allow) for session in opener.opened] == [[], ["files"]]
    assert [session.settings.region for session in opener.opened] == ["", "eu"]


def test_the_session_is_opened_by_the_first_use_and_not_by_loading(shell, opener):
    assert opener.opened == []
    shell.run_cell("%nubem flows")
    shell.run_cell("%nubem flows")
    assert len(opener.opened) == 1


def test_unloading_takes_everything_out(opener):
    def registered():
        kinds = {type(held).__name__ for held in shell.configurables if "nubem" in type(held).__module__}
        ours = {name for name in shell.magics_manager.magics["cell"] if name in {"orchestrate", "evaluate"}}
        readers = len(shell.input_transformer_manager.token_transformers) - before
        return kinds | ours, len(shell.Completer.custom_matchers), readers

    shell = InteractiveShell()
    before = len(shell.input_transformer_manager.token_transformers)
    load_ipython_extension(shell, opener)
    load_ipython_extension(shell, opener)
    kinds, matchers, readers = registered()
    assert {"Nubem", "orchestrate", "evaluate"} <= kinds
    assert matchers == 1
    assert readers == 2
    unload_ipython_extension(shell)
    unload_ipython_extension(shell)
    assert registered() == (set(), 0, 0)
    assert "pinfo" in shell.transform_cell("%orchestrate Who?")


def test_loading_imports_nothing_slow():
    slow = "{'litellm', 'xllamacpp', 'pandas', 'numpy', 'httpx', 'ipywidgets', 'networkx', 'jsonschema', 'yaml'}"
    code = f"import sys, nubem_jupyter.notebook.extension; print(sorted({slow} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert told.stdout.strip() == "[]"


def test_runs_are_offered_newest_first_after_last(cell, shell):
    ids = [cell(f"%orchestrate Say {word}").result.id for word in ("one", "two")]
    line = "%orchestrate --replay "
    with provisionalcompleter():
        offered = [found.text for found in shell.Completer.completions(line, len(line))]
    newest_first = [run.id for run in shell._nubem_extension.workbench.session.store.list()]
    assert set(ids) == set(newest_first)
    assert offered == ["last", *newest_first]


def test_words_of_an_option_are_plain_text_and_steps_are_offered_from_the_record(complete, cell, shell):
    assert complete("%orchestrate --security ") == {"low", "medium", "high"}
    assert all(type(word) is str for words in VALUES.values() for word in words)
    assert "classify" in complete("%evaluate --capability ")
    cell("%orchestrate --quiet Say hello")
    shell._nubem_extension.workbench.last_plan = None
    assert complete("%nubem why ") == {"reply"}


@pytest.mark.parametrize("used", ["%nubem runs", "%orchestrate --models echo/echo Say hello"])
def test_the_interpreter_ends_without_a_word(tmp_path, used):
    """At its end Python starts no thread any more, and says so on the error stream for whoever tries."""
    program = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "from nubem_jupyter.notebook.extension import load_ipython_extension\n"
        "shell = InteractiveShell()\n"
        "load_ipython_extension(shell)\n"
        f"assert shell.run_cell({used!r}).success\n"
    )
    places = {"NUBEM_PROVIDERS": "echo", "NUBEM_HOME": str(tmp_path / "home"), "NUBEM_WORKSPACE": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **places, "IPYTHONDIR": str(tmp_path / "ipython")},
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('-i text=df["my col"] -o x', ["-i", 'text=df["my col"]', "-o", "x"]),
        ("-i text=df['a'][0]", ["-i", "text=df['a'][0]"]),
        ('-i "text=a b" rest', ["-i", "text=a b", "rest"]),
        ("-i text='df[\"my col\"]'", ["-i", 'text=df["my col"]']),
        ('-i text=f("a b","c")', ["-i", 'text=f("a b","c")']),
    ],
)
def test_quotes_in_brackets_belong_to_the_expression(line, words):
    from nubem_jupyter.notebook.arguments import _all_words

    assert list(_all_words(line)) == words


def test_progress_says_which_member_of_a_cascade_answered_and_who_was_taken():
    progress = Progress()
    shown = []
    for event in (
        NodeStarted(run="r", at_s=0.0, node="a", model="m/a then m/b"),
        MemberAnswered(run="r", at_s=0.1, node="a", model="m/a", error="It broke."),
        MemberAnswered(run="r", at_s=0.2, node="a", model="m/b", place=1, text="yes"),
        CascadeDecided(run="r", at_s=0.2, node="a", model="m/b", verdict="m/b was taken"),
    ):
        progress = advance(progress, event)
        shown.append((progress.steps["a"].model, progress.steps["a"].state))
    assert shown[1:] == [("m/a then m/b", "m/a: It broke"), ("m/a then m/b", "m/b: yes"), ("m/b", "m/b was taken")]
