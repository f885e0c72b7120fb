"""An option of a run that there is not is refused, since a limit with a mistake in its name would limit nothing."""

import pytest

import nubem_jupyter as nj
from nubem_jupyter.errors import UsageError
from nubem_jupyter.session import default
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings

FLOW = nj.Flow.build("sum").component("sum", "math.compute", args={"expression": "6 * 7"}).output("sum")
READ = nj.Flow.build("note").component("note", "files.read", args={"path": "a.txt"}).output("note")


@pytest.fixture
async def session(tmp_path):
    made = Session(Settings(home=tmp_path / "home", workspace=tmp_path, providers=("echo",)), {})
    old = default.replace_default(made)
    yield made
    default.forget_default(made)
    if old is not None:
        default.replace_default(old)
    await made.aclose()


async def test_a_flow_runs_within_the_constraints_given(session, tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(UsageError, match="needs leave for files"):
        await nj.run(READ)
    assert (await nj.run(READ, constraints=nj.Constraints(allow=("files",)))).result == "hello"


async def test_a_plan_has_its_constraints_already(session):
    plan = await nj.plan(FLOW)
    assert (await nj.run(plan)).result == 42
    with pytest.raises(UsageError, match="has its constraints already"):
        await nj.run(plan, constraints=nj.Constraints(max_cost_usd=1))


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"bogus": 1}, "there are: replay"),
        ({"max_cost": 3}, "nj.Constraints(max_cost_usd=…)"),
        ({"paralel": 3}, "did you mean 'parallel'?"),
    ],
)
async def test_an_unknown_option_is_refused_with_what_was_meant(session, options, hint):
    plan = await session.plan(FLOW)
    for call in (nj.run, session.run):
        with pytest.raises(UsageError, match=f"a run has no option '{next(iter(options))}'") as caught:
            await call(plan, **options)
        assert hint in caught.value.hint
    with pytest.raises(UsageError, match="has no option"):
        session.start(plan, **options)
    with pytest.raises(UsageError, match=r"nj\.Constraints"):
        await session.run(plan, constraints=nj.Constraints())
    assert not session.store.list()


async def test_resuming_refuses_unknown_options_too(session):
    plan = await session.plan(FLOW)
    run = await session.run(plan)
    assert run.result == 42
    with pytest.raises(UsageError, match="has no option 'bogus'"):
        await session.resume(run.id, bogus=1)
