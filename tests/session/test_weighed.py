"""A plan's limits as knobs: what they would change is said with no call of a model."""

from functools import partial

import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence, Figure, ModelInfo, Price, Speed
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.engine.estimator import estimate
from nubem_jupyter.engine.router import route
from nubem_jupyter.errors import BudgetError, ConstraintError, InfeasibleError, UsageError
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.session.weighed import WeighedPlan

FLOW = Flow.build().input("t").model("draft", "{t}", max_tokens=1).model("polish", "{draft}", max_tokens=1).output()


def model(name, price, seconds, right):
    def figure(value):
        return Figure(value=value, source="listed in a test")

    return ModelInfo(
        id=ModelId(name),
        provider="a",
        price=Price(input_usd=figure(0.0), output_usd=figure(price)),
        speed=Speed(first_token_s=figure(seconds), tokens_per_s=figure(1e9)),
        evidence=(Evidence(capability="answer", n=40, score_sum=right, source="suite", date="2026-01-01"),),
    )


MODELS = [model("a/strong", 1.0, 5.0, 39), model("a/fair", 0.4, 2.0, 30), model("a/weak", 0.1, 1.0, 22)]


@pytest.fixture
def weighed():
    limits = Constraints(prefer="quality", max_latency_s=20.0)
    chosen = route(FLOW, MODELS, limits)
    plan = Plan(flow=FLOW, route=chosen, constraints=limits, estimate=estimate(FLOW, chosen))
    return WeighedPlan(plan, partial(route, FLOW, MODELS))


def test_with_the_same_limits_nothing_changes(weighed):
    found = weighed.what_if()
    assert found.changes == ()
    assert found.estimate == found.before == weighed.plan.estimate
    assert found.frame.empty


def test_a_lower_budget_says_which_step_changes_hands_and_how_the_two_differ(weighed):
    found = weighed.what_if(max_cost_usd=1.5)
    (change,) = found.changes
    assert (change.before.model, change.after.model) == ("a/strong", "a/fair")
    assert (
        change.reason
        == "less sure to be right (0.75 against 0.97), cheaper ($0.4 against $1), faster (2 s against 5 s)"
    )
    assert found.estimate.cost_usd.high <= 1.5
    assert found.constraints.max_latency_s == 20.0
    assert found.frame["after"].tolist() == ["a/fair"]
    assert found.frame["cost_usd_before"].tolist() == [1.0]


def test_none_takes_a_limit_away_and_a_preference_can_change(weighed):
    found = weighed.what_if(max_latency_s=None, prefer="cost")
    assert found.constraints.max_latency_s is None
    assert {one.model for one in found.chosen.values()} == {"a/weak"}


def test_limits_that_cannot_be_kept_say_what_would_be_enough(weighed):
    with pytest.raises(InfeasibleError) as caught:
        weighed.what_if(max_cost_usd=0.1)
    assert caught.value.hint == "--max-cost 0.2 would be enough, in 2.1 s"


@pytest.mark.parametrize(("limits", "kind"), [({"models": ("a",)}, UsageError), ({"max_cost_usd": 0}, ConstraintError)])
def test_what_cannot_be_weighed_is_a_sentence(weighed, limits, kind):
    with pytest.raises(kind):
        weighed.what_if(**limits)
    with pytest.raises(kind):
        weighed.front(**limits)


def test_a_front_is_a_table_with_a_column_for_each_step(weighed):
    frame = weighed.front().frame
    assert frame["cost_usd"].is_monotonic_increasing
    assert {"quality", "quality_low", "latency_s_high", "draft", "polish"} <= set(frame.columns)
    assert frame.iloc[0][["draft", "polish"]].tolist() == ["a/weak", "a/weak"]
    assert weighed.front(max_cost_usd=0.01).frame.empty


async def test_a_session_weighs_with_the_models_that_it_knows(tmp_path):
    session = Session(Settings(home=tmp_path / "home", workspace=tmp_path, providers=("echo",)), {})
    try:
        plan = await session.plan(FLOW, inputs={"t": "a"}, constraints=Constraints(models=("echo/echo",)))
        kept = await session.weigh(plan, inputs={"t": "a"})
        assert kept.what_if(max_latency_s=60.0).changes == ()
        assert [set(point.models.values()) for point in kept.front().points] == [{"echo/echo"}]
    finally:
        await session.aclose()


@pytest.mark.parametrize("planned", [None, 0.5])
async def test_a_budget_that_a_run_refuses_is_refused_in_the_same_words(tmp_path, planned):
    """Nobody knows what a use of the component costs."""
    session = Session(Settings(home=tmp_path / "home", workspace=tmp_path, providers=("echo",)), {})
    session.add_component("my.look", lambda text: text, cost_usd=None)
    flow = Flow.build().input("text").component("look", "my.look").output()
    limits = {"max_cost_usd": 0.5}
    with pytest.raises(BudgetError) as run:
        await session.run(await session.plan(flow, constraints=Constraints(**limits)), {"text": "a"})
    weighed = await session.weigh(await session.plan(flow, constraints=Constraints(max_cost_usd=planned)))
    asked = {} if planned else limits
    for turned in (weighed.what_if, weighed.front):
        with pytest.raises(BudgetError) as caught:
            turned(**asked)
        assert (caught.value.message, caught.value.hint) == (run.value.message, run.value.hint)
        turned(max_cost_usd=None)
    await session.aclose()


def test_a_choice_that_is_hardly_ever_right_is_marked():
    models = [*MODELS, model("a/never", 0.01, 0.1, 0)]
    limits = Constraints(prefer="quality")
    chosen = route(FLOW, models, limits)
    plan = Plan(flow=FLOW, route=chosen, constraints=limits, estimate=estimate(FLOW, chosen))
    weighed = WeighedPlan(plan, partial(route, FLOW, models))
    found = weighed.what_if(prefer="cost")
    assert found.remark == "hardly ever right at draft, polish"
    assert found.changes[0].reason.startswith("hardly ever right: ")
    assert weighed.what_if(max_cost_usd=1.5).remark == ""
