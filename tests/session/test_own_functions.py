"""Functions that the program itself offers: what they say that they return holds, and what they give is plain."""

from __future__ import annotations

import datetime
import math
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.session.own_function import output_type
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings

FLOW = Flow.build("own").component("use", "my.tool").output("use")


@pytest.fixture
async def given(tmp_path):
    """What a run gives, and what is on record of it, where a function returns a value and says so."""
    session = Session(Settings(home=tmp_path / "home", workspace=tmp_path), {})

    async def given(value, told=Any):
        def tool():
            return value

        tool.__annotations__["return"] = told
        session.add_component("my.tool", tool)
        run = await session.run(await session.plan(FLOW), {})
        return run, session.recorded(run.id)

    yield given
    await session.aclose()


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (str, ValueType.TEXT),
        ("str", ValueType.TEXT),
        (list[dict], ValueType.TABLE),
        ("list[dict[str, Any]]", ValueType.TABLE),
        (list, ValueType.LIST),
        (Literal["a", "b"], ValueType.LABEL),
        (float | None, ValueType.ANY),
        (None, ValueType.ANY),
        (pd.DataFrame, ValueType.ANY),
        (datetime.date, ValueType.ANY),
        ("no type at all", ValueType.ANY),
    ],
)
def test_what_a_function_says_that_it_returns_is_its_type(told, kind):
    def tool(): ...

    tool.__annotations__["return"] = told
    assert output_type(tool) is kind


def test_what_says_nothing_gives_anything():
    assert output_type(lambda: 1) is output_type(max) is output_type(iter) is ValueType.ANY


async def test_a_value_of_another_type_fails_its_step(given):
    run, _ = await given(None, float)
    assert "gave nothing at 'use', and tells that it gives number" in run.failure.message
    run, _ = await given(None, float | None)
    assert (run.outcome, run.result) == ("finished", None)


@pytest.mark.parametrize(
    ("value", "told", "plain"),
    [
        (np.float64(1.5), float, 1.5),
        (np.int64(3), int, 3),
        (np.bool_(True), bool, True),
        (np.arange(3), list, [0, 1, 2]),
        ({"a": [np.float32(0.5)]}, dict, {"a": [0.5]}),
        (pd.Series([1.0, None]), list, [1.0, None]),
        (pd.DataFrame({"a": [1, 2]}), list[dict], [{"a": 1}, {"a": 2}]),
    ],
)
async def test_what_numpy_and_pandas_give_becomes_plain(given, value, told, plain):
    run, recorded = await given(value, told)
    assert run.result == recorded.result == plain
    assert type(run.result) is type(plain)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float64("nan")])
async def test_a_number_that_is_none_is_nothing_here_as_on_record(given, number):
    for value, plain in ((number, None), ([{"a": number}, 1.5], [{"a": None}, 1.5]), ((1, number), [1, None])):
        run, recorded = await given(value)
        assert run.result == recorded.result == plain


async def test_what_flows_cannot_carry_is_named(given):
    run, _ = await given(object())
    assert run.outcome == "failed"
    assert "is no plain value: flows cannot carry values of the type object" in run.failure.message
    assert "data frames" in run.failure.hint
