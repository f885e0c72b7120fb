"""A file that broke, and a component that fails or breaks its word, are told with file and line."""

import re
from pathlib import Path

import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.errors import UsageError
from nubem_jupyter.render.bundle import bundle
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings

GOOD = 'def run(city: str) -> str:\n    """Tell the weather."""\n    return city.upper()\n'
BROKEN = GOOD + "\n\ndef other(:\n"
FLOW = Flow.build("trip").input("city").component("days", "weather.run", inputs={"city": "city"}).output("days")
CODE = Constraints(allow=("code",))


@pytest.fixture
def path(tmp_path) -> Path:
    made = tmp_path / "work" / "components" / "weather.py"
    made.parent.mkdir(parents=True)
    made.write_text(GOOD)
    return made


@pytest.fixture
async def open_session(tmp_path, path):
    opened = []

    def open_one():
        made = Settings(home=tmp_path / "home", workspace=tmp_path / "work", providers=("echo",))
        opened.append(Session(made, {}))
        return opened[-1]

    yield open_one
    for session in opened:
        await session.aclose()


async def use(session, flow=FLOW, **inputs):
    return await session.run(await session.plan(flow, constraints=CODE), inputs)


async def test_the_last_good_version_is_used_where_it_was_loaded_and_the_run_says_so(open_session, path):
    session = open_session()
    plan = await session.plan(FLOW, constraints=CODE)
    assert (await session.run(plan, {"city": "a"})).plan.warnings == plan.warnings
    path.write_text(BROKEN)
    run = await session.run(plan, {"city": "a"})
    assert run.result == "A"
    told = f"'weather.run' is used as it was loaded before. {path}: line 6: "
    assert any(warning.startswith(told) for warning in run.plan.warnings)
    shown = bundle(run)["text/plain"]
    assert "used as it was loaded before" in shown
    planned = await session.plan(FLOW, constraints=CODE)
    assert any(warning.startswith(told) for warning in planned.warnings)
    again = await session.run(planned, {"city": "a"})
    assert again.plan.warnings == planned.warnings, "what the plan has told is not told twice"
    path.write_text(GOOD)
    assert not any("loaded before" in warning for warning in (await session.plan(FLOW, constraints=CODE)).warnings)


async def test_a_new_kernel_refuses_it_with_what_is_wrong_since_the_good_version_is_nowhere(open_session, path):
    assert (await use(open_session(), city="a")).result == "A"
    path.write_text(BROKEN)
    new = open_session()
    plan = await new.plan(FLOW, constraints=CODE)
    assert any("cannot be loaded" in warning and "line 6" in warning for warning in plan.warnings)
    with pytest.raises(UsageError) as caught:
        await new.run(plan, {"city": "a"})
    assert re.search(
        r"step 'days' uses 'weather\.run', which cannot be loaded: .*weather\.py: line 6: ", str(caught.value)
    )
    assert "stays" not in caught.value.message
    assert "nothing was run" in caught.value.message
    assert "mend the file" in caught.value.hint


async def test_a_function_that_was_left_out_is_refused_with_the_reason(open_session, path):
    path.write_text(GOOD.replace("city: str", "city: Frame"))
    session = open_session()
    plan = await session.plan(FLOW, constraints=CODE)
    assert "weather.py: 'run' " in plan.warnings[0]
    with pytest.raises(UsageError, match=r"there is no component 'weather.run' for step 'days': .*weather\.py: 'run' "):
        await session.run(plan, {"city": "a"})


async def test_a_component_that_fails_is_told_with_file_and_line(open_session, path):
    run = await use(open_session(), city=3)
    assert run.outcome is Outcome.FAILED
    assert f"failed at 'days' in {path}, line 3: AttributeError" in run.failure.message


async def test_a_failure_below_a_component_names_the_components_own_line(open_session, path):
    path.write_text(GOOD.replace("return city.upper()", "import json\n    return json.loads(city)"))
    assert f"in {path}, line 4: JSONDecodeError" in (await use(open_session(), city="{")).failure.message


async def test_a_function_of_the_program_that_stands_in_no_file_names_its_line(open_session):
    session = open_session()
    made = {}
    exec(compile("def f():\n    return 1 / 0\n", "<cell>", "exec"), made)
    session.add_component("my.f", made["f"])
    flow = Flow.build("f").component("f", "my.f").output("f")
    assert "failed at 'f' in line 2 of its source: ZeroDivisionError" in (await use(session, flow)).failure.message
    session.add_component("my.f", lambda: int("x"))
    assert f"in {__file__}, line " in (await use(session, flow)).failure.message
    session.add_component("my.f", iter)
    assert "failed at 'f': TypeError" in (await use(session, flow)).failure.message


@pytest.mark.parametrize(
    ("annotation", "value", "given"),
    [
        ("str", "5", "number"),
        ("int", "True", "boolean"),
        ("dict", "5", "number"),
        ("str", "None", "nothing"),
        ("list[dict]", "[1]", "list"),
        ("bool", "0", "number"),
    ],
)
async def test_a_component_is_held_to_the_type_that_it_tells(open_session, path, annotation, value, given):
    path.write_text(f'def run(city: str) -> {annotation}:\n    """Tell."""\n    return {value}\n')
    run = await use(open_session(), city="a")
    assert run.outcome is Outcome.FAILED
    assert f"'weather.run' gave {given} at 'days', and tells that it gives " in run.failure.message
    assert str(path) in run.failure.hint


@pytest.mark.parametrize(
    ("annotation", "value", "result"),
    [
        ("str | None", "None", None),
        ("None", "None", None),
        ("float", "1", 1),
        ("dict", '{"a": 1}', {"a": 1}),
        ("list[str]", '("a",)', ["a"]),
        ("list[dict]", "[]", []),
    ],
)
async def test_what_keeps_its_word_passes(open_session, path, annotation, value, result):
    path.write_text(f'def run(city: str) -> {annotation}:\n    """Tell."""\n    return {value}\n')
    run = await use(open_session(), city="a")
    assert run.result == result if not isinstance(result, list) else list(run.result) == result
