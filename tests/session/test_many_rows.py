"""A map over very many rows: little memory, nothing done twice, failed items said loudly, short pages."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.engine.group import MAP_WINDOW
from nubem_jupyter.errors import CallRejectedError
from nubem_jupyter.render.bundle import bundle
from nubem_jupyter.session.foresight import plain_inputs
from nubem_jupyter.session.record import MOST_ITEM_NODES
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import ScriptedProvider

ROWS = 2_000

CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from nubem_jupyter.testing import ScriptedProvider
sys.path.insert(0, sys.argv[1])
from test_many_rows import ROWS, each, opened

calls = 0

def answer(call):
    global calls
    calls += 1
    if calls > ROWS // 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return call.messages[-1].content

async def main():
    session = opened(Path(sys.argv[2]), answer)[0]
    await session.run(await session.plan(each()), {"rows": [f"row {number}" for number in range(ROWS)]})

asyncio.run(main())
"""


def each():
    body = Flow.build("one").input("item").model("label", "{item}").output("label")
    return Flow.build().input("rows").map("each", body, "rows", keep_errors=True).output("each")


def opened(home, answer):
    provider = ScriptedProvider(then=answer)
    settings = Settings(home=home, workspace=home, providers=(), cache=False, hedge=False)
    return Session(settings, {}, providers={"scripted": provider}), provider


def some_fail(call):
    asked = call.messages[-1].content
    return CallRejectedError(f"{asked} is refused") if asked.endswith("77") else asked.upper()


async def ran(home, rows, answer=some_fail):
    session, _ = opened(home, answer)
    try:
        return await session.run(await session.plan(each()), {"rows": rows})
    finally:
        await session.aclose()


async def test_a_killed_run_over_many_rows_goes_on_and_asks_for_no_finished_row_again(tmp_path):
    arguments = [sys.executable, "-c", CHILD, str(Path(__file__).parent), str(tmp_path)]
    died = await asyncio.to_thread(subprocess.run, arguments, check=False)
    assert died.returncode == -signal.SIGKILL
    session, provider = opened(tmp_path, lambda call: call.messages[-1].content)
    before = session.recorded(session.unfinished().id)
    assert len(before.nodes) >= ROWS // 2 - MAP_WINDOW, "all but those that were under way"
    run = await (await session.resume(before.id)).wait()
    await session.aclose()
    assert run.result == [f"row {number}" for number in range(ROWS)]
    assert len(provider.calls) == ROWS - len(before.nodes)
    assert not {call.messages[-1].content for call in provider.calls} & {node.value for node in before.nodes}


async def test_a_failed_row_is_none_and_the_run_says_which_and_why(tmp_path):
    run = await ran(tmp_path, [f"row {number}" for number in range(200)])
    assert run.outcome is Outcome.FINISHED
    assert (run.result[76], run.result[77], run.result[78]) == ("ROW 76", None, "ROW 78")
    assert list(run.failed_items.item) == [77, 177]
    assert run.failed_count == 2
    assert "row 77 is refused" in run.failed_items.message[0]
    shown = bundle(run)["text/plain"]
    assert "! 2 of 200 items failed at step 'each'" in shown
    assert "finished, 2 of 200 items failed" in shown
    assert repr(run).endswith("2 items failed>")


async def test_a_run_over_more_rows_than_are_held_has_short_pages_and_lists(tmp_path):
    """What is left out is said, and the sums are those of all steps."""
    count = MOST_ITEM_NODES + 500
    run = await ran(tmp_path, [f"row {number}" for number in range(count)], lambda call: "label " + "x" * 40)
    assert run.steps == count + 1
    began_s = time.monotonic()
    shown = bundle(run)
    assert time.monotonic() - began_s < 20
    assert len(json.dumps(shown)) < 1_000_000
    assert f"The run had {count + 1:,} steps" in shown["text/plain"]
    assert "the first 200 of 10,500" in shown["text/plain"]
    assert len(repr(run)) < 200
    session, _ = opened(tmp_path, some_fail)
    (listed,) = session.store.list()
    assert (listed.steps, listed.usage, listed.cost_usd) == (run.steps, run.usage, run.cost_usd)
    assert len(msgspec.json.encode(listed)) < 10_000
    assert len(session.store.load(run.id).nodes) == count + 1
    await session.aclose()


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (pd.Series(["a", None, "c"]), ["a", None, "c"]),
        (pd.Series([1.0, np.nan]), [1.0, None]),
        (pd.Series([3, 4], index=[9, 8]), [3, 4]),
        (np.array([[1.5, np.nan]]), [[1.5, None]]),
        (np.int64(3), 3),
        (pd.DataFrame({"n": [1, 2], "t": ["x", None]}), [{"n": 1, "t": "x"}, {"n": 2, "t": None}]),
    ],
)
def test_tables_and_columns_go_in_as_lists_in_their_order(value, plain):
    assert plain_inputs({"rows": value}) == {"rows": plain}


def test_results_of_a_column_fit_the_column(tmp_path):
    table = pd.DataFrame({"text": ["a", "b 77", "c"]})
    run = asyncio.run(ran(tmp_path, table.text))
    table["label"] = run.result
    assert list(table.label.isna()) == [False, True, False]
    assert table.label[2] == "C"
