"""Now and then a step tries a model of which little is known: told, capped over restarts, and at nobody's expense."""

from __future__ import annotations

import msgspec
import pytest

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.evaluation import Dataset, EvalCase
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.errors import CallRejectedError, SettingsError, StorageError, UsageError
from nubem_jupyter.session.doctor import of_exploring
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings, load_settings
from nubem_jupyter.testing import Reply, ScriptedProvider, scripted_model

GOOD, NEW = "scripted/good", "scripted/new"
PRICE = 0.001
"""US dollars a token."""
FLOW = Flow.build().input("x").model("step", "{x}?", max_tokens=1, check="len(answer) > 3").output()
DAY_S = 86_400.0


class Clock:
    now_s = 20_000 * DAY_S

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def make(tmp_path, clock):
    """Sessions over one home, each as if in a process of its own."""
    opened = []

    def make(answers=None, *, price=0.0, explore=1.0, daily_usd=0.0, cache=False):
        said = {GOOD: "right", NEW: "right", **(answers or {})}
        models = [
            scripted_model(GOOD, usd_per_token=price, right=[("answer", 0.9, 100)]),
            scripted_model(NEW, usd_per_token=price),
        ]

        def reply(call):
            text = said[call.model]
            usage = Usage(input_tokens=2, output_tokens=1)
            return Reply(text=text, usage=usage) if isinstance(text, str) else text

        provider = ScriptedProvider(then=reply, models=models)
        settings = Settings(
            home=tmp_path / "home",
            workspace=tmp_path,
            providers=(),
            cache=cache,
            explore=explore,
            explore_daily_usd=daily_usd,
        )
        opened.append(Session(settings, {}, providers={"scripted": provider}, wall_clock=clock))
        return opened[-1], provider

    yield make
    for session in opened:
        await session.aclose()


async def plans(session, count=60, **given):
    return [await session.plan(FLOW, seed=seed, **given) for seed in range(count)]


async def trying(session, **given):
    """A plan that tries the new model."""
    return next(plan for plan in await plans(session, **given) if plan.route["step"].explored)


def asked(provider):
    return [call.model for call in provider.calls]


async def test_nothing_is_tried_unless_the_user_asks_for_it(make):
    session, _ = make(explore=0.0)
    assert not [plan for plan in await plans(session) if plan.route["step"].explored]


async def test_some_plans_try_the_new_model_and_say_so_and_equal_seeds_give_equal_plans(make):
    session, provider = make()
    made = await plans(session)
    tried = [plan for plan in made if plan.route["step"].explored]
    assert 0 < len(tried) < 30
    assert made == await plans(session)
    assert "step: scripted/new, tried so that more is known of it" in tried[0].explain()
    run = await session.run(tried[0], {"x": "1"})
    assert run.result == "right"
    assert asked(provider) == [NEW]
    assert session.recorded(run.id).plan.route["step"].explored.seed == tried[0].route["step"].explored.seed


async def test_without_a_seed_plans_differ(make):
    session, _ = make()
    assert len({(await session.plan(FLOW)).route["step"].explored is None for _ in range(200)}) == 2


@pytest.mark.parametrize("said", ["no", CallRejectedError("too long")])
async def test_a_tried_model_whose_answer_is_refused_or_that_fails_costs_nobody_the_run(make, said):
    session, provider = make({NEW: said})
    run = await session.run(await trying(session), {"x": "1"})
    assert (run.outcome, run.result) == (Outcome.FINISHED, "right")
    assert asked(provider) == [NEW, GOOD]


async def test_a_model_that_is_not_only_tried_fails_the_run_as_ever(make):
    session, provider = make({GOOD: "no"}, explore=0.0)
    run = await session.run(await session.plan(FLOW), {"x": "1"})
    assert run.outcome is Outcome.FAILED
    assert asked(provider) == [GOOD]


async def test_what_it_costs_is_kept_and_stops_it_for_the_day_also_in_another_process(make, clock):
    session, _ = make(price=PRICE, daily_usd=0.01)
    plan = await trying(session)
    assert plan.route["step"].chosen.cost_usd.high <= 0.01
    spent = 0.0
    while session.explorer.spent_usd + plan.route["step"].chosen.cost_usd.high <= 0.01:
        run = await session.run(plan, {"x": "1"})
        assert run.nodes[-1].model is not None
        spent += next(node.cost_usd for node in run.nodes if node.path == "step")
        assert session.explorer.spent_usd == pytest.approx(spent)
    await session.aclose()
    again, provider = make(price=PRICE, daily_usd=0.01)
    assert again.explorer.spent_usd == pytest.approx(spent)
    assert 0 < spent <= 0.01
    assert not [one for one in await plans(again) if one.route["step"].explored]
    # A plan that was made before asks whom it would ask without.
    run = await again.run(plan, {"x": "1"})
    assert asked(provider) == [GOOD]
    assert run.plan.route["step"].reason.endswith(
        "; scripted/new was to be tried, but what trying models may cost a day is spent"
    )
    clock.now_s += DAY_S
    assert again.explorer.spent_usd == 0
    assert [one for one in await plans(again) if one.route["step"].explored]


async def test_without_money_for_it_only_what_costs_nothing_is_tried(make):
    paid, _ = make(price=PRICE)
    assert not [plan for plan in await plans(paid) if plan.route["step"].explored]


async def test_a_run_that_dies_is_taken_to_have_spent_what_was_set_aside(make):
    session, _ = make(price=PRICE, daily_usd=0.01)
    plan = await trying(session)
    most_usd = plan.route["step"].chosen.cost_usd.high
    assert session.explorer.admitted(plan, "some run", {}, {}) is plan
    other, _ = make(price=PRICE, daily_usd=0.01)
    assert other.explorer.spent_usd == pytest.approx(most_usd)
    # The same run set aside again counts once.
    assert other.explorer.admitted(plan, "some run", {}, {}) is plan
    assert other.explorer.spent_usd == pytest.approx(most_usd)
    assert other.explorer.admitted(plan, "some run", {}, {}, {"step"}) is plan


async def test_what_is_set_aside_goes_by_what_is_really_given(make):
    session, provider = make(price=PRICE, daily_usd=0.01)
    plan = await trying(session)
    run = await session.run(plan, {"x": "a long text " * 100})
    assert asked(provider) == [GOOD]
    assert run.outcome is Outcome.FINISHED


@pytest.mark.parametrize("said", ["no", CallRejectedError("too long")])
async def test_what_is_asked_after_a_tried_model_is_not_counted_with_it(make, said):
    session, provider = make({NEW: said}, price=PRICE, daily_usd=1.0)
    run = await session.run(await trying(session), {"x": "1"})
    assert asked(provider) == [NEW, GOOD]
    (step,) = [node for node in run.nodes if node.path == "step"]
    new_usd = 3 * PRICE if said == "no" else 0.0
    assert step.cost_usd == pytest.approx(3 * PRICE + new_usd)
    assert session.explorer.spent_usd == pytest.approx(new_usd)


async def test_a_run_that_goes_on_counts_what_every_call_to_the_tried_model_cost(make):
    session, _ = make({GOOD: "no", NEW: "no"}, price=PRICE, daily_usd=1.0)
    run = await session.run(await trying(session), {"x": "1"})
    assert run.outcome is Outcome.FAILED
    assert session.explorer.spent_usd == pytest.approx(3 * PRICE)
    await session.aclose()
    other, provider = make(price=PRICE, daily_usd=1.0)
    run = await (await other.resume(run.id)).wait()
    assert (run.outcome, asked(provider)) == (Outcome.FINISHED, [NEW])
    assert run.cost_usd == pytest.approx(9 * PRICE)
    assert other.explorer.spent_usd == pytest.approx(6 * PRICE)


async def test_a_run_that_is_refused_has_spent_nothing(make):
    session, _ = make(price=PRICE, daily_usd=0.01)
    with pytest.raises(UsageError):
        await session.run(await trying(session), {"y": "1"})
    assert session.explorer.spent_usd == 0


async def test_a_store_in_trouble_leaves_what_costs_nothing_to_be_tried(make, monkeypatch):
    def broken(*_):
        raise StorageError("the disk is gone")

    paid, provider = make(price=PRICE, daily_usd=1.0)
    plan = await trying(paid)
    for name in ("spent_usd", "set_aside", "settle"):
        monkeypatch.setattr(f"nubem_jupyter.storage.explorations.ExplorationStore.{name}", broken)
    assert not [one for one in await plans(paid) if one.route["step"].explored]
    await paid.run(plan, {"x": "1"})
    assert asked(provider) == [GOOD]
    free, provider = make()
    await free.run(await trying(free), {"x": "1"})
    assert asked(provider) == [NEW]


async def test_a_replay_asks_whom_the_run_asked_whatever_is_planned_now(make):
    session, provider = make()
    made = await plans(session)
    plain = next(plan for plan in made if not plan.route["step"].explored)
    tried = next(plan for plan in made if plan.route["step"].explored)
    for before, other in ((plain, tried), (tried, plain)):
        # The seeds of the calls differ from plan to plan as well, and are part of what is asked.
        now = msgspec.structs.replace(other, flow=before.flow)
        run = await session.run(before, {"x": "1"})
        count = len(provider.calls)
        again = await session.run(now, {"x": "1"}, replay=run.id)
        assert (again.outcome, again.result) == (Outcome.FINISHED, "right")
        assert [node.model for node in again.nodes] == [node.model for node in run.nodes]
        assert len(provider.calls) == count


async def test_a_run_that_goes_on_tries_what_it_tried(make):
    refused = CallRejectedError("not today")
    session, provider = make({GOOD: refused, NEW: refused}, price=PRICE, daily_usd=1.0)
    run = await session.run(await trying(session), {"x": "1"})
    assert run.outcome is Outcome.FAILED
    assert session.explorer.spent_usd == 0
    await session.aclose()
    other, provider = make(price=PRICE, daily_usd=1.0)
    run = await (await other.resume(run.id)).wait()
    assert (run.outcome, asked(provider)) == (Outcome.FINISHED, [NEW])
    assert run.cost_usd > 0
    assert other.explorer.spent_usd == pytest.approx(run.cost_usd)


async def test_named_models_are_the_only_ones_that_are_tried(make):
    session, _ = make()
    alone = Constraints(models=(GOOD,))
    assert not [plan for plan in await plans(session, constraints=alone) if plan.route["step"].explored]


async def test_an_evaluation_and_what_if_try_nothing(make):
    session, provider = make()
    plan = await trying(session)
    cases = Dataset(name="d", cases=tuple(EvalCase(id=str(n), inputs={"x": str(n)}, target="right") for n in range(3)))
    await session.evaluate(cases, "exact", targets={"plan": plan, "flow": FLOW})
    assert set(asked(provider)) == {GOOD}
    weighed = await session.weigh(plan)
    assert weighed.what_if().changes == ()


async def test_the_doctor_says_what_it_has_cost_today(make, monkeypatch):
    session, _ = make(price=PRICE, daily_usd=0.01)
    (found,) = [one for one in session.doctor() if one.area == "trying"]
    assert found.text == "models are tried in 100.00% of the steps that allow it; $0.0000 of $0.0100 are spent today"
    off, _ = make(explore=0.0)
    assert not [one for one in off.doctor() if one.area == "trying"]

    def broken(*_):
        raise StorageError("the disk is gone")

    monkeypatch.setattr("nubem_jupyter.storage.explorations.ExplorationStore.spent_usd", broken)
    (found,) = of_exploring(session.settings, session.explorer)
    assert (found.ok, found.text) == (False, "the disk is gone")


@pytest.mark.parametrize(("name", "value"), [("explore", 1.5), ("explore", -0.1), ("explore_daily_usd", -1.0)])
def test_settings_that_mean_nothing_are_refused(tmp_path, name, value):
    with pytest.raises(SettingsError, match=f"^{name} is"):
        Settings(home=tmp_path, workspace=tmp_path, **{name: value})


def test_the_settings_come_from_the_environment_and_never_from_a_workspace_of_somebody_else(tmp_path):
    environ = {"NUBEM_EXPLORE": "0.05", "NUBEM_EXPLORE_DAILY_USD": "0.1"}
    mine = tmp_path / "mine.toml"
    loaded = load_settings(environ, tmp_path, user_file=mine)
    assert (loaded.explore, loaded.explore_daily_usd) == (0.05, 0.1)
    (tmp_path / "nubem.toml").write_text("[nubem]\nexplore = 1.0\n")
    with pytest.raises(SettingsError, match="cannot be set by a workspace's own file"):
        load_settings({}, tmp_path, user_file=mine)
