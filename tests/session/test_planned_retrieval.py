"""A request to answer from files, or from rows that fit, uses the built-in retrieval, with leave for files."""

import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import FakeEmbedder

ALLOWED = Constraints(models=("echo/echo",), allow=("files",))
WITHHELD = Constraints(models=("echo/echo",))
CARS = ("car", "automobile")


@pytest.fixture
async def session(tmp_path):
    (tmp_path / "work" / "docs").mkdir(parents=True)
    (tmp_path / "work" / "docs" / "fleet.md").write_text("Every automobile is washed on Fridays.")
    (tmp_path / "work" / "docs" / "food.md").write_text("Lunch is at noon.")
    made = Session(Settings(home=tmp_path / "home", workspace=tmp_path / "work", providers=("echo",)), {})
    yield made
    await made.aclose()


def component_uses(plan):
    return [str(node.component) for _, node in plan.flow.walk() if node.component]


async def test_files_are_looked_up_with_leave_and_the_answer_is_given_what_was_found(session):
    session.embedder = FakeEmbedder(CARS)
    plan = await session.plan("Answer from the files in docs/: when is my car washed?", constraints=ALLOWED)
    assert component_uses(plan) == ["retrieve.folder"]
    assert plan.warnings == ()
    run = await session.run(plan, {})
    assert run.outcome is Outcome.FINISHED
    assert "docs/fleet.md" in run.result  # the echo model gives its prompt back
    assert "washed on Fridays" in run.result


async def test_without_leave_the_plan_says_what_would_help(session):
    request = "Search my notes for the day on which cars are washed"
    plan = await session.plan(request, constraints=WITHHELD)
    assert component_uses(plan) == []
    assert any("--allow files" in warning for warning in plan.warnings)
    assert component_uses(await session.plan(request, constraints=ALLOWED)) == ["retrieve.folder"]


async def test_without_the_model_words_alone_are_compared_and_the_plan_says_so(session):
    session.embedder = FakeEmbedder(missing="run: pip install 'nubem-jupyter[retrieval]'")
    plan = await session.plan("Answer from the files in docs/: when is lunch?", constraints=ALLOWED)
    (warning,) = plan.warnings
    assert "pip install 'nubem-jupyter[retrieval]'" in warning
    assert "Lunch is at noon" in (await session.run(plan, {})).result


async def test_rows_need_no_leave_and_only_those_that_fit_are_read(session):
    session.embedder = FakeEmbedder(CARS)
    rows = [{"text": f"ticket about lunch {number}"} for number in range(30)] + [{"text": "my automobile is lost"}]
    plan = await session.plan("Which of these rows is about a car?", inputs={"tickets": rows}, constraints=WITHHELD)
    assert component_uses(plan) == ["retrieve.rows"]
    run = await session.run(plan, {"tickets": rows})
    assert "my automobile is lost" in run.result
    assert "lunch 29" not in run.result


async def test_a_security_level_changes_nothing_of_what_stays_on_this_machine(session):
    session.embedder = FakeEmbedder(CARS)
    flow = Flow.build().component(
        "found", "retrieve.folder", capability="retrieve", args={"query": "car", "path": "docs"}
    )
    plan = await session.plan(flow.output("found"), constraints=Constraints(allow=("files",), security_level="high"))
    run = await session.run(plan, {})
    assert [hit["file"] for hit in run.result] == ["docs/fleet.md"]
