"""The model that drafts plans takes its turn as others do: within the limits that are said, past places in trouble."""

from __future__ import annotations

import msgspec
import pytest

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, Price, Site
from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import ScriptedProvider, scripted_model

ASK = Flow.build("ask").input("text").model("ask", "{text}", max_tokens=50).output("ask")
ONE, TWO, A, B = (ModelId(f"scripted/{name}") for name in ("one", "two", "at_a", "at_b"))
FREE = Figure(value=0.0, source="listed in a test")


def site(name, weight=1.0, **limits):
    return Site(id=name, weight=weight, price=Price(input_usd=FREE, output_usd=FREE), **limits)


@pytest.fixture
async def make(tmp_path):
    opened = []

    def make(then, *sites):
        one, two = (
            scripted_model(name, usd_per_token=0.0, right=[("answer", right, 50)], local=False)
            for name, right in ((ONE, 1.0), (TWO, 0.5))
        )
        one = msgspec.structs.replace(one, deployments=sites)
        provider = ScriptedProvider(then=then, models=[one, two])
        settings = Settings(home=tmp_path, workspace=tmp_path, cache=False, hedge=False, planner_model=ONE)
        session = Session(settings, {}, providers={"scripted": provider})
        opened.append(session)
        return session, provider

    yield make
    for session in opened:
        await session.aclose()


def asked(provider):
    return [call.model for call in provider.calls]


async def test_a_limit_that_is_said_holds_for_plans_and_runs_together(make):
    session, provider = make(lambda call: "nonsense", site(A, calls_per_min=2))
    plan = await session.plan("Say hello")
    assert asked(provider) == [A, A], "a plan that cannot be used would be repaired once more"
    assert "takes no more calls for now" in plan.warnings[-1]
    await session.start(await session.plan(ASK), {"text": "x"}).wait()
    assert asked(provider) == [A, A, TWO]


async def test_a_limit_that_runs_have_used_up_keeps_the_planners_model_from_being_asked(make):
    session, provider = make(lambda call: "ok", site(A, calls_per_min=1))
    await session.start(await session.plan(ASK), {"text": "x"}).wait()
    plan = await session.plan("Say hello")
    assert asked(provider) == [A]
    assert plan.route, "its words decide"


async def test_a_place_where_the_key_is_refused_is_passed_over_by_the_next_plan(make):
    refused = ModelUnavailableError("the key is refused", hint="mend it")
    session, provider = make(lambda call: refused if call.model == A else "nonsense", site(A, 9), site(B))
    plan = await session.plan("Say hello")
    assert "the key is refused" in plan.warnings[-1]
    await session.plan("Say hello")
    assert asked(provider) == [A, B, B, B]
