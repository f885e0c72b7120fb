"""A region holds for whoever may be asked: the chosen model, those that stand in, cascades' members, the planner's."""

import msgspec
import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import Site
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.errors import CallFailedError, CallRejectedError, InfeasibleError, UsageError
from nubem_jupyter.session.limits import with_limits
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import ScriptedProvider, scripted_model

ASK = Flow.build("ask").input("text").model("ask", "{text}", max_tokens=50).output("ask")
DOWN = CallFailedError("down", status=500)
QUICK = RetryPolicy(max_tries=1, first_wait_s=0.001)
EU = Constraints(region="eu")


def placed(name, right, *regions):
    info = scripted_model(f"scripted/{name}", right=[("answer", right, 50)], local=False)
    return msgspec.structs.replace(info, regions=regions)


FAR, HERE, THERE = placed("far", 1.0, "us-east-1"), placed("here", 0.9, "eu-central-1"), placed("there", 0.4)
HOME = scripted_model("scripted/home", right=[("answer", 0.1, 50)])


@pytest.fixture
async def make(tmp_path):
    opened = []

    def make(*models, then=lambda call: "ok", **settings):
        provider = ScriptedProvider(then=then, models=models)
        settings = Settings(home=tmp_path, workspace=tmp_path, **settings)
        session = Session(settings, {}, providers={"scripted": provider})
        opened.append(session)
        return session, provider

    yield make
    for session in opened:
        await session.aclose()


async def test_only_who_runs_there_or_on_this_machine_is_chosen_and_may_stand_in(make):
    session, provider = make(FAR, HERE, THERE, HOME, then=lambda call: DOWN)
    plan = await session.plan(ASK, constraints=EU)
    choice = plan.route["ask"]
    assert [one.model for one in choice.in_turn] == [HERE.id, HOME.id]
    told = {one.model: one.reason for one in choice.alternatives if not one.feasible}
    assert told == {
        FAR.id: "may run in us-east-1, outside of region eu",
        THERE.id: "runs nobody says where, so region eu cannot be kept",
    }
    run = await session.start(plan, {"text": "x"}, policy=QUICK).wait()
    assert run.outcome is Outcome.FAILED
    assert {call.model for call in provider.calls} == {HERE.id, HOME.id}


async def test_where_nobody_runs_there_the_plan_is_refused_with_what_to_do(make):
    session, _ = make(THERE)
    with pytest.raises(InfeasibleError, match="runs nobody says where") as caught:
        await session.plan(ASK, constraints=EU)
    assert "nubem.toml" in caught.value.hint
    assert "--region" in caught.value.hint


async def test_who_runs_elsewhere_since_the_plan_was_made_is_not_asked(make):
    """A server may move between the plan and its run, or the run's going on."""
    session, provider = make(HERE, HOME)
    plan = await session.plan(ASK, constraints=EU)
    assert plan.route["ask"].model == HERE.id
    provider._models = (msgspec.structs.replace(HERE, regions=("us-east-1",)), HOME)
    run = await session.start(plan, {"text": "x"}, policy=QUICK).wait()
    assert run.nodes[0].model == HOME.id
    assert {call.model for call in provider.calls} == {HOME.id}


async def test_who_is_no_longer_on_this_machine_is_not_asked(make):
    session, provider = make(HOME)
    plan = await session.plan(ASK, constraints=Constraints(local_only=True))
    provider._models = (msgspec.structs.replace(HOME, local=False),)
    run = await session.start(plan, {"text": "x"}, policy=QUICK).wait()
    assert run.outcome is Outcome.FAILED
    assert "off this machine" in run.failure.message
    assert provider.calls == []


async def test_the_setting_holds_for_runs_that_name_no_region_and_words_do_not_loosen_it(make):
    session, _ = make(FAR, HERE, region="eu")
    assert (await session.plan(ASK)).route["ask"].model == HERE.id
    assert (await session.plan(ASK, constraints=Constraints(region="us"))).route["ask"].model == FAR.id
    plan = await session.plan("Answer this question, the data must stay in the US", inputs={"question": "why?"})
    assert plan.constraints.region == "eu"


async def test_words_name_a_region_too(make):
    session, _ = make(FAR, HERE)
    plan = await session.plan("Answer this question, the data must stay in the EU", inputs={"question": "why?"})
    assert plan.constraints.region == "eu"
    assert {choice.model for choice in plan.route.values()} == {HERE.id}


async def test_the_planners_model_is_not_asked_elsewhere(make):
    session, provider = make(FAR, HERE, planner_model=FAR.id)
    plan = await session.plan("Answer this question", inputs={"question": "why?"}, constraints=EU)
    assert any("may run in us-east-1" in warning for warning in plan.warnings)
    assert provider.calls == []


async def test_the_setting_holds_for_a_plan_that_was_made_without_it(make):
    """A plan may come from another session, from a file, or from before the setting was made."""
    elsewhere, _ = make(FAR, HERE)
    plan = await elsewhere.plan(ASK)
    assert plan.route["ask"].model == FAR.id
    session, provider = make(FAR, HERE, region="eu")
    run = await session.run(plan, {"text": "x"})
    assert run.plan.constraints.region == "eu"
    assert {call.model for call in provider.calls} == {HERE.id}
    weighed = await session.weigh(plan)
    assert [change.after.model for change in weighed.what_if().changes] == [HERE.id]
    only, far = make(FAR, region="eu")
    refused = await only.run(plan, {"text": "not answered before"})
    assert refused.outcome is Outcome.FAILED
    assert far.calls == []


async def broken(make, **limits):
    """Return a session that has a failed run on record, whose only model runs far away."""
    session, _ = make(FAR, then=lambda call: CallRejectedError("no"))
    run = await session.run(await session.plan(ASK, constraints=Constraints(**limits)), {"text": "x"})
    assert run.outcome is Outcome.FAILED
    return session, run


async def test_the_setting_holds_for_runs_that_go_on(make):
    _, run = await broken(make)
    session, provider = make(FAR, region="eu")
    went_on = await (await session.resume(run.id)).wait()
    assert "may run in us-east-1" in went_on.failure.message
    assert provider.calls == []


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"region": "eu"}, "may run in us-east-1"),
        ({"local_only": True}, "off this machine"),
        ({"security_level": "high"}, "off this machine"),
    ],
)
async def test_who_goes_on_may_say_more_strictly_where_data_goes(make, limits, told):
    _, run = await broken(make)
    session, provider = make(FAR)
    went_on = await (await session.resume(run.id, Constraints(**limits))).wait()
    assert told in went_on.failure.message
    assert provider.calls == []
    assert session.recorded(run.id).plan.constraints == Constraints(**limits)


@pytest.mark.parametrize(
    ("held", "given", "named"),
    [
        ({"region": "us"}, {"region": "eu"}, "region us"),
        ({"security_level": "medium"}, {"min_quality": 0.5}, "min_quality"),
        ({}, {"models": (HERE.id,)}, "models"),
        ({}, {"prefer": "cost"}, "prefer"),
        ({}, {"require": ("vision",)}, "require"),
        ({}, {"allow": ("network",)}, "allow"),
    ],
)
async def test_a_limit_that_a_run_cannot_go_on_with_is_refused_and_never_dropped(make, held, given, named):
    session, run = await broken(make, **held)
    with pytest.raises(UsageError, match=named):
        await session.resume(run.id, Constraints(**given))
    assert session.recorded(run.id) == run


async def test_less_isolation_is_refused_and_equal_limits_are_kept(make):
    _, run = await broken(make, region="us", models=(FAR.id,))
    held = run.plan.constraints
    kept = with_limits(run, Constraints(region="us-east", models=(FAR.id,))).plan.constraints
    assert kept == msgspec.structs.replace(held, region="us-east")
    strict = with_limits(run, Constraints(security_level="high"))
    with pytest.raises(UsageError, match="security high"):
        with_limits(strict, Constraints(security_level="medium"))


async def test_words_about_the_place_hold_for_the_planners_model(make):
    session, provider = make(FAR, HERE, planner_model=FAR.id)
    plan = await session.plan("Answer this question, the data must stay in the EU", inputs={"question": "why?"})
    assert any("may run in us-east-1" in warning for warning in plan.warnings)
    assert provider.calls == []


async def test_a_planners_model_is_asked_at_the_one_place_that_may_be(make):
    sites = (Site(id="scripted/near", local=True), Site(id="scripted/off", local=False))
    pool = msgspec.structs.replace(placed("pool", 0.9), deployments=sites)
    session, provider = make(pool, planner_model=pool.id)
    await session.plan("Answer {question}", inputs={"question": "why?"}, constraints=Constraints(local_only=True))
    assert {call.model for call in provider.calls} == {"scripted/near"}
