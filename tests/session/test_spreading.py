"""Calls are spread over a model's deployments: by weight, past those in trouble, and back when they are well again."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import msgspec
import pytest

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.cascade import CascadePlan, Member, Verdict
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.event import NodeRetried
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, Price, Site
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.engine.hedge import HedgePolicy, Hedger
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.errors import CallFailedError, CallRejectedError, DeploymentGoneError, ModelUnavailableError
from nubem_jupyter.render.blocks import Table
from nubem_jupyter.render.members import members_table
from nubem_jupyter.render.tables import steps_table
from nubem_jupyter.session.deployments import Deployments
from nubem_jupyter.session.model_pages import model_page
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.session.settings_tables import EndpointSettings
from nubem_jupyter.testing import Reply, ScriptedProvider, scripted_model
from nubem_jupyter.testing.openai_server import OpenAIServer, Page

ASK = Flow.build("ask").input("text").model("ask", "{text}", max_tokens=50).output("ask")
QUICK = RetryPolicy(max_tries=2, first_wait_s=0.001)
DOWN = CallFailedError("down", status=500)
BUSY = CallFailedError("busy", status=429, retry_after_s=30.0)
A, B, C = (ModelId(f"scripted/at_{name}") for name in "abc")


def price(usd, cached=None):
    figure = Figure(value=usd, source="listed in a test")
    return Price(
        input_usd=figure,
        output_usd=figure,
        cached_input_usd=None if cached is None else Figure(value=cached, source="listed in a test"),
    )


def served(*sites, name="scripted/one", right=1.0, usd=0.0):
    info = scripted_model(name, usd_per_token=usd, right=[("answer", right, 50)], local=False)
    return msgspec.structs.replace(info, deployments=sites)


def site(name, weight=1.0, **fields):
    return Site(id=name, weight=weight, **{"price": price(0.0), **fields})


@pytest.fixture
async def make(tmp_path):
    opened = []

    def make(then, *models, **settings):
        provider = ScriptedProvider(then=then, models=models)
        settings = Settings(home=tmp_path, workspace=tmp_path, cache=False, **settings)
        session = Session(settings, {}, providers={"scripted": provider})
        opened.append(session)
        return session, provider

    yield make
    for session in opened:
        await session.aclose()


async def done(session, count=1, *, constraints=None, flow=ASK, at_once=False):
    plan = await session.plan(flow, constraints=constraints)
    runs = (session.start(plan, {"text": f"x{number}"}, policy=QUICK) for number in range(count))
    if at_once:
        return await asyncio.gather(*(run.wait() for run in list(runs)))
    return [await run.wait() for run in runs]


def asked(provider):
    return Counter(call.model for call in provider.calls)


async def test_calls_are_spread_by_weight_and_each_step_says_where_it_was_answered(make):
    session, provider = make(lambda call: "ok", served(site(A, 3), site(B, 1), site(C, 0)))
    runs = await done(session, 20)
    assert asked(provider) == {A: 15, B: 5}
    assert [run.nodes[0].deployment for run in runs] == [call.model for call in provider.calls]
    assert {run.nodes[0].model for run in runs} == {"scripted/one"}


async def test_the_same_seed_asks_the_same_ones(make):
    def order(seed):
        fleet = Deployments(lambda: 0.0, rng=random.Random(seed)).here().fleet(ModelId("m"))
        sites = [site(A, 2), site(B, 2), site(C, 1)]
        return [fleet.take(sites, 0.0).site.id for _ in range(20)]

    assert [order(seed) for seed in range(5)] == [order(seed) for seed in range(5)]
    assert len({order(seed)[0] for seed in range(20)}) > 1


async def test_one_whose_limit_is_reached_is_passed_over_while_another_lets_calls_go(make):
    session, provider = make(lambda call: BUSY if call.model == A else "ok", served(site(A), site(B)))
    runs = await asyncio.wait_for(done(session, 10), 5)
    assert all(run.outcome is Outcome.FINISHED for run in runs)
    assert asked(provider) == {A: 1, B: 10}
    assert sum(run.nodes[0].refusals for run in runs) == 1


@pytest.mark.parametrize(
    "error", [DOWN, DeploymentGoneError("nobody is there"), ModelUnavailableError("the key is refused", hint="mend it")]
)
async def test_what_fails_at_one_is_asked_of_the_next_before_another_model_is(make, error):
    first, second = served(site(A, 9), site(B)), scripted_model("scripted/two", right=[("answer", 0.5, 50)])
    session, provider = make(lambda call: error if call.model == A else "ok", first, second)
    (run,) = await done(session)
    assert run.outcome is Outcome.FINISHED
    (node,) = run.nodes
    assert (node.model, node.deployment, node.tries) == ("scripted/one", B, 1)
    assert [call.model for call in provider.calls] == [A, B]
    assert any(isinstance(event, NodeRetried) and A in event.error for event in run.log)


async def test_where_all_fail_the_next_model_is_asked(make):
    first, second = served(site(A), site(B)), scripted_model("scripted/two", right=[("answer", 0.5, 50)])
    session, provider = make(lambda call: "ok" if call.model == second.id else DOWN, first, second)
    (run,) = await done(session)
    assert run.nodes[0].model == second.id
    assert run.nodes[0].deployment is None
    assert set(list(asked(provider))[:2]) == {A, B}
    assert asked(provider)[second.id] == 1


async def test_a_call_that_one_rejects_is_not_asked_elsewhere(make):
    session, provider = make(lambda call: CallRejectedError("too long for me"), served(site(A), site(B)))
    (run,) = await done(session)
    assert run.outcome is Outcome.FAILED
    assert len(provider.calls) == 1


async def test_one_that_keeps_failing_is_left_alone_and_gets_its_share_when_it_is_back():
    now_s, down = 0.0, True
    fleet = Deployments(lambda: now_s, rng=random.Random(1)).here().fleet(ModelId("m"))
    sites = [site(A), site(B)]

    def call():
        trip = fleet.take(sites, now_s)
        if trip.site.id == A and down:
            trip.failed(DOWN, now_s, now_s)
        else:
            trip.answered(now_s, Usage())
        return trip.site.id

    asked_while_down = Counter()
    for _ in range(200):
        now_s += 0.01
        asked_while_down[call()] += 1
    assert asked_while_down[A] < 25, "after some failures in a row it rests"
    down = False
    now_s += 10.0
    assert Counter(call() for _ in range(100))[A] in range(49, 52)


async def test_limits_that_are_said_are_kept_beforehand_and_calls_go_elsewhere(make):
    session, provider = make(lambda call: "ok", served(site(A, 9, calls_per_min=3), site(B)))
    await done(session, 12)
    assert asked(provider) == {A: 3, B: 9}


async def test_a_limit_holds_for_calls_from_several_event_loops_at_once(make):
    session, provider = make(lambda call: "ok", served(site(A, 9, calls_per_min=10), site(B)), hedge=False)
    plan = await session.plan(ASK)

    async def several():
        runs = [session.start(plan, {"text": f"x{number}"}, policy=QUICK) for number in range(8)]
        return await asyncio.gather(*(run.wait() for run in runs))

    loops = [asyncio.to_thread(asyncio.run, several()) for _ in range(4)]
    runs = [run for runs in await asyncio.wait_for(asyncio.gather(*loops), 60) for run in runs]
    assert [run.outcome for run in runs] == [Outcome.FINISHED] * 32
    assert asked(provider) == {A: 10, B: 22}


async def test_a_limit_of_the_only_deployment_sends_calls_to_the_next_model(make):
    first, second = served(site(A, calls_per_min=2)), scripted_model("scripted/two", right=[("answer", 0.5, 50)])
    session, provider = make(lambda call: "ok", first, second)
    await asyncio.wait_for(done(session, 4), 5)
    assert asked(provider) == {A: 2, second.id: 2}


async def test_tokens_that_were_used_count_against_the_limit(make):
    used = Reply(text="ok", usage=Usage(input_tokens=60, output_tokens=60))
    session, provider = make(lambda call: used, served(site(A, 9, tokens_per_min=200), site(B)))
    await done(session, 6)
    assert asked(provider) == {A: 1, B: 5}, "another call is expected to take 120 as well"


async def test_only_deployments_in_the_region_that_can_be_called_are_asked(make):
    info = served(site(A, 9, regions=("us-east-1",)), site(B, regions=("eu",)), site(C, regions=("eu",), missing="key"))
    session, provider = make(lambda call: DOWN if len(provider.calls) < 3 else "ok", info)
    runs = await done(session, 6, constraints=Constraints(region="eu"))
    assert runs[-1].outcome is Outcome.FINISHED
    assert set(asked(provider)) == {B}


async def test_a_call_is_billed_at_the_price_of_where_it_was_answered(make):
    used = Reply(text="ok", usage=Usage(input_tokens=10, output_tokens=10))
    info = served(site(A, price=price(0.001)), site(B, price=price(0.002)), usd=0.002)
    session, _ = make(lambda call: used, info)
    runs = await done(session, 2, constraints=Constraints(max_cost_usd=10.0))
    assert {run.nodes[0].deployment: round(run.cost_usd, 9) for run in runs} == {A: 0.02, B: 0.04}


async def test_a_call_beside_a_late_one_goes_to_another_deployment(make):
    late = Reply(text="late", delay_s=600.0)
    session, provider = make(lambda call: late if call.model == A else "ok", served(site(A, 9), site(B)))
    policy = HedgePolicy(least_seen=1, least_wait_s=0.01, allowance=1.0, share=0.0)  # one call beside, no more
    hedger = Hedger(policy)
    hedger.observer(("scripted/one", "answer"))(0.001)
    session._launcher.deployments = Deployments(session._launcher.deployments._clock, hedger, random.Random(0))
    (run,) = await asyncio.wait_for(done(session), 60)
    assert (run.result, run.nodes[0].deployment, run.nodes[0].hedges) == ("ok", B, 1)
    assert [call.model for call in provider.calls] == [A, B]


LONG = "the same long beginning of every prompt, again and again; " * 60
STICKY = Flow.build("ask").input("text").model("ask", "{text}", system=LONG, max_tokens=50).output("ask")


async def test_calls_that_begin_alike_stay_where_that_was_read_as_long_as_it_pays(make):
    saves = (site(A, price=price(0.001, cached=0.0001)), site(B, price=price(0.001, cached=0.0001)))
    used = Reply(text="ok", usage=Usage(input_tokens=900, output_tokens=1, cached_tokens=800))
    session, provider = make(lambda call: used, served(*saves, usd=0.001))
    await done(session, 10, flow=STICKY)
    assert len(asked(provider)) == 1
    await done(session, 1)
    assert len(asked(provider)) == 2, "another prompt goes by weight"


async def test_without_a_cheaper_price_or_where_nothing_is_kept_they_are_spread(make):
    anew = Reply(text="ok", usage=Usage(input_tokens=900, output_tokens=1))
    plain = served(site(A), site(B), name="scripted/plain")
    session, provider = make(lambda call: anew, plain)
    await done(session, 10, flow=STICKY)
    assert asked(provider) == {A: 5, B: 5}
    saves = (site(A, price=price(0.001, cached=0.0001)), site(B, price=price(0.001, cached=0.0001)))
    session, provider = make(lambda call: anew, served(*saves, usd=0.001))
    await done(session, 40, flow=STICKY)
    assert min(asked(provider)[A], asked(provider)[B]) > 10, "told by calls that nothing is kept, it is not waited for"


async def test_many_calls_at_once_that_begin_alike_use_every_deployment(make):
    saves = (site(A, price=price(0.001, cached=0.0001)), site(B, price=price(0.001, cached=0.0001)))
    slow = Reply(text="ok", delay_s=0.05, usage=Usage(input_tokens=900, output_tokens=1, cached_tokens=800))
    session, provider = make(lambda call: slow, served(*saves, usd=0.001))
    await done(session, 32, flow=STICKY, at_once=True)
    assert min(asked(provider)[A], asked(provider)[B]) >= 10


async def test_the_doctor_tells_how_each_is_doing_and_a_runs_page_who_answered(make):
    info = served(site(A), site(B, calls_per_min=1), site(C))
    session, _ = make(lambda call: DOWN if call.model == A else "ok", info)
    runs = await done(session, 30)
    told = {finding.text.split()[2].rstrip(":"): finding for finding in await session.health()}
    assert set(told) == {A, B, C}
    assert (told[A].ok, told[B].ok, told[C].ok) == (False, None, True)
    assert "failed too often" in told[A].text
    assert "1 call sent; its limits" in told[B].text
    assert told[C].text == "scripted/one at scripted/at_c: 29 calls sent"
    table = steps_table(runs[-1])
    assert table.rows[0][1] == f"scripted/one (at {C})"


def test_a_models_page_lists_its_deployments():
    info = served(
        site(A, 3, regions=("eu",), calls_per_min=60),
        site(B, 1, price=price(0.001)),
        site(C, local=True, missing="a key"),
    )
    titled = [block for block in model_page(info) if isinstance(block, Table) and block.title == "Where its calls go"]
    assert [row[:2] + row[2:4] + row[5:] for row in titled[0].rows] == [
        (A, "75 %", "60 calls a minute", "eu", "yes"),
        (B, "25 %", "none", "unknown", "yes"),
        (C, "", "none", "this machine", "a key"),
    ]


LIST = {"/v1/models": Page(content={"data": [{"id": "m"}]})}


async def test_real_servers_share_the_calls_and_one_takes_over_when_the_other_dies(tmp_path):
    """From the settings to the answer, over HTTP; a dead server costs no run."""
    one, other = (OpenAIServer(lambda body: Reply(text="ok"), pages=LIST, keeps_open=True) for _ in range(2))
    async with other.running():
        async with one.running():
            endpoints = {
                "first": EndpointSettings(url=one.url, pool="pool", weight=2),
                "second": EndpointSettings(url=other.url, pool="pool"),
            }
            settings = Settings(
                home=tmp_path, workspace=tmp_path, endpoints=endpoints, providers=("servers",), cache=False
            )
            session = Session(settings, {})
            runs = await done(session, 6)
            assert [run.outcome for run in runs] == [Outcome.FINISHED] * 6
            assert (len(one.requests), len(other.requests)) == (4, 2)
            assert {run.nodes[0].model for run in runs} == {"pool/m"}
        plan = await session.plan(ASK)
        for number in range(4):
            run = await session.start(plan, {"text": str(number)}, policy=QUICK).wait()
            assert (run.outcome, run.nodes[0].deployment) == (Outcome.FINISHED, "second/m")
        await session.aclose()


async def test_what_calls_tell_of_prompts_read_before_counts_in_the_next_plan_and_the_bill_by_what_is_told(make):
    saves = (site(A, price=price(0.001, cached=0.0001)), site(B, price=price(0.001, cached=0.0001)))
    info = msgspec.structs.replace(served(*saves, usd=0.001), price=price(0.001, cached=0.0001))
    used = Reply(text="ok", usage=Usage(input_tokens=1000, output_tokens=2, cached_tokens=900))
    session, _ = make(lambda call: used, info)
    before = (await session.plan(STICKY)).route["ask"].chosen.cost_usd
    runs = await done(session, 10, flow=STICKY)
    assert [run.cost_usd for run in runs] == [pytest.approx(100 * 0.001 + 900 * 0.0001 + 2 * 0.001)] * 10
    after = (await session.plan(STICKY)).route["ask"].chosen.cost_usd
    assert after.value < 0.5 * before.value
    assert after.low < after.value
    assert after.high == before.high, "a budget is kept whatever is kept there"


async def test_members_of_a_cascade_are_spread_too_and_only_over_where_the_data_may_go(make):
    """Each says where it was answered, and a member whose model is elsewhere altogether counts as no answer."""
    first = served(site(A, 9, regions=("us",)), site(B, regions=("eu",)))
    second = served(site(C, regions=("eu",)), name="scripted/two")
    third = msgspec.structs.replace(scripted_model("scripted/far", local=False), regions=("us",))
    session, provider = make(lambda call: "cat", first, second, third)
    members = (Member(model=third.id), Member(model=first.id), Member(model=second.id))
    cascade = CascadePlan(members=members, verdicts={".aa": Verdict(member=1, chance=0.9)})
    flow = Flow.build("ask").input("text").model("ask", "{text}", capability="classify", max_tokens=8).output("ask")
    choice = Choice(chosen=Candidate(model=ModelId(cascade.name), cascade=cascade))
    plan = Plan(flow=flow, route={"ask": choice}, constraints=Constraints(region="eu"))
    run = await session.start(plan, {"text": "x"}, policy=QUICK).wait()
    assert (run.outcome, run.result) == (Outcome.FINISHED, "cat")
    assert set(asked(provider)) == {B, C}
    (node,) = run.nodes
    assert [member.deployment for member in node.members] == [None, B, C]
    assert "may run in us, outside of region eu" in node.members[0].failure.message
    assert node.deployment in {B, C}
    assert [row[1] for row in members_table(run).rows][1:] == [f"scripted/one (at {B})", f"scripted/two (at {C})"]
