"""Many calls at once under one budget: each waits for the money that the others give back, and for no longer."""

from __future__ import annotations

import asyncio
import time

import pytest

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.event import BudgetWarning, NodeStarted
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import NodeState, Outcome
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.engine.hedge import HedgePolicy, Hedger
from nubem_jupyter.errors import BudgetError
from nubem_jupyter.session.deployments import Deployments
from nubem_jupyter.session.purse import set_aside
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import Reply, ScriptedProvider, scripted_model

MODEL = scripted_model("scripted/one", usd_per_token=0.001, right=[("answer", 1.0, 50)], local=False)
USED = Usage(input_tokens=10, output_tokens=1)
COST_USD = 0.011
"""What each call costs; it may cost several times as much."""


@pytest.fixture
async def make(tmp_path):
    opened = []

    def make(then):
        provider = ScriptedProvider(then=then, models=[MODEL])
        session = Session(
            Settings(home=tmp_path, workspace=tmp_path, hedge=False), {}, providers={"scripted": provider}
        )
        opened.append(session)
        return session, provider

    yield make
    for session in opened:
        await session.aclose()


async def fan(session, branches):
    builder = Flow.build("fan").input("text")
    for index in range(branches):
        builder.model(f"n{index}", f"n{index} {{text}}", max_tokens=20)
    return await session.plan(builder.output(*(f"n{index}" for index in range(branches))))


def quick(_call):
    return Reply(text="ok", delay_s=0.002, usage=USED)


async def test_two_hundred_branches_that_can_be_paid_are(make):
    session, provider = make(quick)
    ledger = Ledger(200 * COST_USD * 1.05)
    run = await asyncio.wait_for(session.run(await fan(session, 200), {"text": "x"}, ledger=ledger), 60)
    assert run.outcome is Outcome.FINISHED
    assert run.cost_usd == pytest.approx(200 * COST_USD)
    assert len(provider.calls) == 200
    assert 1 < provider.most_at_once < 200


async def test_what_cannot_be_paid_stops_with_what_there_is(make):
    session, provider = make(quick)
    ledger = Ledger(100 * COST_USD)
    run = await asyncio.wait_for(session.run(await fan(session, 200), {"text": "x"}, ledger=ledger), 60)
    assert run.outcome is Outcome.OVER_BUDGET
    assert 80 <= len(provider.calls) <= 100
    assert ledger.spent_usd <= 100 * COST_USD
    assert (ledger.committed_usd, provider.running) == (ledger.spent_usd, 0)


async def test_runs_that_share_a_budget_wait_for_each_other(make):
    session, _ = make(quick)
    ledger = Ledger(40 * COST_USD * 1.1)
    plan = await fan(session, 20)
    both = (session.start(plan, {"text": text}, ledger=ledger).wait() for text in "xy")
    runs = await asyncio.wait_for(asyncio.gather(*both), 60)
    assert [run.outcome for run in runs] == [Outcome.FINISHED, Outcome.FINISHED]


async def test_a_run_is_stopped_while_calls_wait_for_money(make):
    session, provider = make(lambda call: Reply(text="ok", delay_s=20))
    ledger = Ledger(0.1)
    handle = session.start(await fan(session, 20), {"text": "x"}, ledger=ledger)
    async for event in handle.events():
        if isinstance(event, BudgetWarning | NodeStarted) and provider.running:
            break
    handle.cancel()
    run = await asyncio.wait_for(handle.wait(), 20)
    assert run.outcome is Outcome.CANCELLED
    assert len(provider.calls) < 20
    assert ledger.committed_usd == ledger.spent_usd
    assert {node.state for node in run.nodes} == {NodeState.CANCELLED}


async def test_who_is_stopped_in_the_moment_it_is_served_gives_the_money_back():
    ledger = Ledger(0.1)
    first = await set_aside(ledger, "a", MODEL.price, Usage(input_tokens=80))
    waiting = asyncio.ensure_future(set_aside(ledger, "b", MODEL.price, Usage(input_tokens=80)))
    last = asyncio.ensure_future(set_aside(ledger, "c", MODEL.price, Usage(input_tokens=70)))
    await asyncio.sleep(0)
    waiting.cancel()
    ledger.settle(first, 0.0)
    await last
    assert waiting.cancelled()
    assert ledger.committed_usd == pytest.approx(0.07)


async def test_who_waits_is_refused_when_too_little_comes_back():
    ledger = Ledger(0.1)
    first = await set_aside(ledger, "a", MODEL.price, Usage(input_tokens=80))
    waiting = asyncio.ensure_future(set_aside(ledger, "b", MODEL.price, Usage(input_tokens=80)))
    await asyncio.sleep(0)
    ledger.settle(first, 0.05)
    with pytest.raises(BudgetError, match="'b'"):
        await waiting


async def test_a_second_call_that_cannot_be_paid_now_is_not_made_and_takes_no_allowance(make):
    session, provider = make(lambda call: Reply(text="ok", delay_s=0.2, usage=USED))
    hedger = Hedger(HedgePolicy(least_seen=10))
    session._launcher.deployments = Deployments(time.monotonic, hedger)
    for _ in range(40):
        hedger.observer((MODEL.id, "answer"))(0.01)
    run = await session.run(await fan(session, 1), {"text": "x"}, ledger=Ledger(0.06))
    assert run.outcome is Outcome.FINISHED
    assert (run.nodes[0].hedges, len(provider.calls)) == (0, 1)
    assert hedger.may_hedge("a kind that costs nothing")
