"""A run goes on where it was: what finished is neither done nor paid again, whatever ended it."""

from __future__ import annotations

import asyncio

import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.event import NodeFinished, NodeRetried, NodeStarted
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import NodeState, Outcome
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.errors import CallFailedError, CallRejectedError, NubemError, StorageError, UsageError
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import Reply, ScriptedProvider, scripted_model

PRICE = 0.001
"""US dollars a token of the model that these tests ask."""


@pytest.fixture
async def make(tmp_path):
    """Sessions over one home, each as if in a process of its own; the cache is off, so that only the record counts."""
    opened = []

    def make(answer):
        paid = scripted_model("scripted/paid", usd_per_token=PRICE, right=[("answer", 1.0, 50)])
        provider = ScriptedProvider(then=answer, models=[paid])
        settings = Settings(home=tmp_path / "home", workspace=tmp_path, providers=(), cache=False, hedge=False)
        opened.append(Session(settings, {}, providers={"scripted": provider}))
        return opened[-1], provider

    yield make
    for session in opened:
        await session.aclose()


def asked(provider):
    return [call.messages[-1].content for call in provider.calls]


def three():
    return Flow.build().input("x").model("a", "A {x}").model("b", "B {a}").model("c", "C {b}").output("c")


def hangs_at(letter):
    return lambda call: Reply(text="late", delay_s=60) if call.messages[-1].content.startswith(letter) else "done"


async def stopped_at(letter, session, plan, inputs):
    """Run until the step that asks so is under way, and stop there."""
    handle = session.start(plan, inputs)
    async for event in handle.events():
        if type(event).__name__ == "NodeStarted" and event.node == letter.lower():
            handle.cancel()
    return await handle.wait()


async def test_a_stopped_run_goes_on_and_pays_for_nothing_twice(make):
    first, _ = make(hangs_at("B"))
    plan = await first.plan(three())
    run = await stopped_at("B", first, plan, {"x": "1"})
    assert run.outcome is Outcome.CANCELLED
    second, provider = make(lambda call: "again")
    went_on = await (await second.resume(run.id)).wait()
    assert went_on.outcome is Outcome.FINISHED
    assert asked(provider) == ["B done", "C again"]
    assert went_on.id == run.id
    assert [(node.path, node.state) for node in went_on.nodes] == [(name, NodeState.FINISHED) for name in "abc"]
    assert went_on.cost_usd == pytest.approx(sum(node.cost_usd for node in went_on.nodes))
    assert went_on.cost_usd > run.nodes[0].cost_usd
    assert second.recorded(run.id) == went_on
    assert went_on.latency_s >= run.latency_s


async def test_what_a_stopped_try_may_have_cost_still_counts(make):
    first, _ = make(lambda call: Reply(text="some words then nothing", word_s=60) if "B" in str(call) else "done")
    plan = await first.plan(three())
    run = await stopped_at("B", first, plan, {"x": "1"})
    broken = next(node for node in run.nodes if node.path == "b")
    assert broken.cost_usd > 0
    second, _ = make(lambda call: "again")
    went_on = await (await second.resume(run.id)).wait()
    mended = next(node for node in went_on.nodes if node.path == "b")
    assert mended.cost_usd > broken.cost_usd
    assert mended.estimated


async def test_a_failed_run_goes_on_after_the_mend_with_its_replayable_answers(make):
    def fails(call):
        if call.messages[-1].content.startswith("B"):
            raise UsageError("not today")
        return "done"

    first, _ = make(fails)
    plan = await first.plan(three())
    run = await first.run(plan, {"x": "1"})
    assert run.outcome is Outcome.FAILED
    second, provider = make(lambda call: "again")
    went_on = await (await second.resume(run.id)).wait()
    assert went_on.outcome is Outcome.FINISHED
    assert went_on.failure is None
    assert len(provider.calls) == 2
    replayed = await second.run(went_on.plan, {"x": "1"}, replay=run.id)
    assert replayed.result == went_on.result
    assert len(provider.calls) == 2


async def test_a_map_keeps_its_finished_items_and_their_order(make):
    body = Flow.build("one").input("item").model("t", "Do {item}").output("t")
    flow = Flow.build().input("rows").map("m", body, "rows").output("m")
    rows = [str(number) for number in range(100)]

    def slow_at_seven(call):
        asked_for = call.messages[-1].content
        return Reply(text=asked_for, delay_s=60 if asked_for.endswith("7") else 0)

    first, _ = make(slow_at_seven)
    plan = await first.plan(flow)
    handle = first.start(plan, {"rows": rows})
    await asyncio.sleep(0.3)
    handle.cancel()
    run = await handle.wait()
    finished = sum(node.state is NodeState.FINISHED for node in run.nodes)
    assert 50 <= finished < 100
    second, provider = make(lambda call: call.messages[-1].content)
    went_on = await (await second.resume(run.id)).wait()
    assert went_on.result == [f"Do {row}" for row in rows]
    assert len(provider.calls) == 100 - finished


async def test_the_budget_counts_on_and_may_be_raised(make):
    first, _ = make(lambda call: "a long answer of many words " * 20)
    flow = Flow.build().input("x").model("a", "A {x}", max_tokens=150).model("b", "B {a}", max_tokens=150).output("b")
    plan = await first.plan(flow, constraints=Constraints(max_cost_usd=0.35))
    run = await first.run(plan, {"x": "1"})
    assert run.outcome is Outcome.OVER_BUDGET
    assert [node.path for node in run.nodes if node.state is NodeState.FINISHED] == ["a"]
    second, provider = make(lambda call: "short")
    still = await (await second.resume(run.id)).wait()
    assert still.outcome is Outcome.OVER_BUDGET
    assert provider.calls == []
    raised = await (await second.resume(run.id, Constraints(max_cost_usd=2.0))).wait()
    assert raised.outcome is Outcome.FINISHED
    assert raised.plan.constraints.max_cost_usd == 2.0


async def test_what_has_finished_or_is_under_way_cannot_be_taken_up(make):
    session, _ = make(lambda call: "done")
    plan = await session.plan(three())
    run = await session.run(plan, {"x": "1"})
    with pytest.raises(StorageError, match="finished"):
        await session.resume(run.id)
    with pytest.raises(UsageError, match="no run to go on with"):
        session.unfinished()
    slow, _ = make(hangs_at("A"))
    handle = slow.start(plan, {"x": "1"})
    await asyncio.sleep(0.1)
    other, _ = make(lambda call: "done")
    with pytest.raises(StorageError, match="under way"):
        await other.resume(handle.id)
    handle.cancel()
    await handle.wait()
    assert other.unfinished().id == handle.id


async def failed(session):
    """Return a run on record that has failed at its second step."""
    return await session.run(await session.plan(three()), {"x": "1"})


def refuses_b(call):
    if call.messages[-1].content.startswith("B"):
        raise CallRejectedError("not this one")
    return "done"


@pytest.mark.parametrize("options", [{"replay": "nobody"}, {"parallel": -1}], ids=str)
async def test_a_run_that_could_not_go_on_is_given_back_as_it_was(make, options):
    session, _ = make(refuses_b)
    run = await failed(session)
    answers = session.store.answers(run.id)
    with pytest.raises(NubemError):
        await session.resume(run.id, **options)
    assert session.store.under_way() == frozenset()
    assert session.recorded(run.id) == run
    assert session.store.answers(run.id) == answers
    other, provider = make(lambda call: "again")
    assert (await (await other.resume(run.id)).wait()).outcome is Outcome.FINISHED
    assert asked(provider) == ["B done", "C again"]


@pytest.mark.parametrize("turns", [1, 2, 3, 6])
async def test_a_run_whose_taking_up_was_cancelled_is_given_back(make, turns):
    session, _ = make(refuses_b)
    run = await failed(session)
    taking = asyncio.create_task(session.resume(run.id))
    for _ in range(turns):
        await asyncio.sleep(0)
        taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert session.recorded(run.id) == run
    session.providers["scripted"]._then = lambda call: "again"
    assert (await (await session.resume(run.id)).wait()).outcome is Outcome.FINISHED


async def test_what_another_kernel_has_under_way_is_not_picked_to_go_on_with(make):
    session, _ = make(refuses_b)
    run = await failed(session)
    other, _ = make(hangs_at("A"))
    handle = other.start(run.plan, {"x": "2"})
    async for event in handle.events():
        if isinstance(event, NodeStarted):
            assert session.unfinished().id == run.id
            assert other.unfinished().id == run.id
            handle.cancel()
    await handle.wait()
    assert session.unfinished().id == handle.id


async def test_calls_are_counted_over_all_the_times_that_a_run_went_on(make):
    """Tries inside one going on are counted once, and those of each going on are added."""
    calls = 0

    def down_seven_times(call):
        nonlocal calls
        calls += 1
        if calls <= 7:
            raise CallFailedError("down", status=500)
        return "done"

    session, provider = make(down_seven_times)
    flow = Flow.build().input("x").model("a", "A {x}").output("a")
    quick = RetryPolicy(max_tries=3, first_wait_s=0.001)
    run = await session.run(await session.plan(flow), {"x": "1"}, policy=quick)
    tries = [run.nodes[0].tries]
    while run.outcome is not Outcome.FINISHED:
        run = await (await session.resume(run.id, policy=quick)).wait()
        tries.append(run.nodes[0].tries)
    assert tries == [3, 6, 8]
    assert len(provider.calls) == 8
    assert session.recorded(run.id).nodes[0].tries == 8


async def test_the_prompt_of_a_step_stays_on_record_where_its_next_try_was_stopped_before_it_asked(make):
    def down(call):
        raise CallFailedError("down", status=500)

    session, provider = make(down)
    flow = Flow.build().input("x").model("a", "A {x}").output("a")
    patient = RetryPolicy(max_tries=3, first_wait_s=60)
    handle = session.start(await session.plan(flow), {"x": "1"}, policy=patient)
    async for event in handle.events():
        if isinstance(event, NodeRetried):
            handle.cancel()
    (node,) = (await handle.wait()).nodes
    assert (node.state, node.prompt) == (NodeState.CANCELLED, "A 1")
    assert len(provider.calls) == 1


async def test_a_join_that_stands_is_not_told_again(make):
    session, _ = make(refuses_b)
    flow = Flow.build().input("x").model("a", "A {x}").join("j", ["a", "x"]).model("b", "B {j}").output("b")
    run = await session.run(await session.plan(flow), {"x": "1"})
    session.providers["scripted"]._then = lambda call: "again"
    went_on = await (await session.resume(run.id)).wait()
    assert [event.node for event in went_on.log if isinstance(event, NodeFinished)] == ["b"]
    joined = [node for node in (*run.nodes, *went_on.nodes) if node.path == "j"]
    assert joined[0] == joined[1]


async def test_the_last_that_can_be_gone_on_with_is_not_the_last_that_ran(make):
    first, _ = make(hangs_at("B"))
    plan = await first.plan(three())
    stopped = await stopped_at("B", first, plan, {"x": "1"})
    second, _ = make(lambda call: "again")
    assert (await second.run(plan, {"x": "2"})).outcome is Outcome.FINISHED
    assert (await (await second.resume("last")).wait()).id == stopped.id
