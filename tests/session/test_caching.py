"""Answers at hand: what is given again, what never is, and what an edit makes anew."""

from __future__ import annotations

import asyncio
import time

import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.event import NodeCached
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import Reply, ScriptedProvider, scripted_model


@pytest.fixture
async def make(tmp_path):
    """Sessions over one home, each as if in a process of its own; their provider counts what it is asked."""
    opened = []

    def make(answer=None, **settings):
        paid = scripted_model("scripted/paid", usd_per_token=0.001, right=[("answer", 1.0, 50)])
        provider = ScriptedProvider(then=answer or (lambda call: call.messages[-1].content.upper()), models=[paid])
        chosen = Settings(home=tmp_path / "home", workspace=tmp_path, providers=(), hedge=False, **settings)
        opened.append(Session(chosen, {}, providers={"scripted": provider}))
        return opened[-1], provider

    yield make
    for session in opened:
        await session.aclose()


def asked(provider):
    return [call.messages[-1].content for call in provider.calls]


def three(second="b {a}"):
    flow = Flow.build().input("x").model("a", "a {x}").model("side", "side {x}").model("b", second).model("c", "c {b}")
    return flow.output("c", "side")


async def done(session, flow, x="1", **options):
    run = await session.run(await session.plan(flow), {"x": x}, **options)
    assert run.outcome is Outcome.FINISHED, run.failure
    return run


async def test_the_same_run_again_asks_nobody_and_says_what_that_saved(make):
    session, provider = make()
    first = await done(session, three())
    count = len(provider.calls)
    again = await done(session, three())
    assert len(provider.calls) == count
    assert again.result == first.result
    assert [node.cached for node in again.nodes if node.model] == [True] * 4
    assert again.cost_usd == 0
    assert sum(node.saved_usd for node in again.nodes) == pytest.approx(first.cost_usd)
    assert sum(isinstance(event, NodeCached) for event in again.log) == 4


async def test_another_process_finds_it_too(make):
    first, _ = make()
    await done(first, three())
    await first.aclose()
    second, provider = make()
    await done(second, three())
    assert provider.calls == []


async def test_an_edited_prompt_runs_anew_with_what_depends_on_it_and_nothing_else(make):
    session, provider = make()
    await done(session, three())
    provider.calls.clear()
    run = await done(session, three("better {a}"))
    assert asked(provider) == ["better A 1", "c BETTER A 1"]
    assert run.result["c"] == "C BETTER A 1"


async def test_an_edit_that_changes_no_value_stops_there(make):
    """Early cutoff: what is asked of the readers is what was asked before."""
    session, provider = make(lambda call: "same" if call.messages[-1].content.startswith("b") else "other")
    await done(session, three())
    provider.calls.clear()
    await done(session, three("be quick {a}"))
    assert asked(provider) == ["be quick other"]


@pytest.mark.parametrize(
    "change",
    [{"max_tokens": 99}, {"system": "Be kind."}, {"temperature": 0.5, "seed": 3}, {"output": "json"}],
    ids=str,
)
async def test_whatever_decides_the_answer_decides_what_is_given_again(make, change):
    session, provider = make(lambda call: "1")
    flow = Flow.build().input("x").model("a", "a {x}")
    await done(session, flow.output("a"))
    await done(session, Flow.build().input("x").model("a", "a {x}", **change).output("a"))
    assert len(provider.calls) == (1 if "output" in change else 2), "how it is read does not decide what is said"


async def test_chance_is_not_given_again_but_a_seed_is(make):
    session, provider = make()
    for _ in range(2):
        await done(session, Flow.build().input("x").model("a", "a {x}", temperature=0.7).output("a"))
    assert len(provider.calls) == 2
    for _ in range(2):
        await done(session, Flow.build().input("x").model("a", "a {x}", temperature=0.7, seed=5).output("a"))
    assert len(provider.calls) == 3
    assert (await session.recall.find("nothing")) is None


async def test_equal_calls_at_once_are_made_once(make):
    session, provider = make(lambda call: Reply(text="yes", delay_s=0.02))
    body = Flow.build("one").input("item").model("t", "Do {item}").output("t")
    flow = Flow.build().input("rows").map("m", body, "rows").output("m")
    run = await session.run(await session.plan(flow), {"rows": ["same"] * 50 + ["other"] * 50})
    assert run.result == ["yes"] * 100
    assert len(provider.calls) == 2
    assert sum(node.cached for node in run.nodes) == 98


async def test_an_unreadable_answer_is_asked_for_again(make):
    answers = iter(["no number here", "still none", "42"])
    session, provider = make(lambda call: next(answers))
    flow = Flow.build().input("x").model("a", "a {x}", output="number").output("a")
    plan = await session.plan(flow)
    assert (await session.run(plan, {"x": "1"})).outcome is Outcome.FAILED
    assert (await session.run(plan, {"x": "1"})).outcome is Outcome.FAILED
    assert (await session.run(plan, {"x": "1"})).result == 42
    assert len(provider.calls) == 3


async def test_an_answer_that_this_step_cannot_read_is_asked_for_again(make):
    answers = iter(["forty-two", "42"])
    session, provider = make(lambda call: next(answers))
    await done(session, Flow.build().input("x").model("a", "a {x}").output("a"))
    run = await done(session, Flow.build().input("x").model("a", "a {x}", output="number").output("a"))
    assert run.result == 42
    assert not run.nodes[0].cached
    assert len(provider.calls) == 2


async def test_no_cache_asks_anew_and_keeps_nothing(make):
    session, provider = make()
    flow = Flow.build().input("x").model("a", "a {x}").output("a")
    for _ in range(2):
        await done(session, flow, cache=False)
    await done(session, flow)
    assert len(provider.calls) == 3
    off, provider = make(cache=False)
    await done(off, flow)
    assert len(provider.calls) == 1


async def test_a_level_of_its_own_has_answers_of_its_own(make):
    session, provider = make()
    flow = Flow.build().input("x").model("a", "a {x}").output("a")
    for level in ("low", "medium", "medium"):
        plan = await session.plan(flow, constraints=Constraints(security_level=level))
        await session.run(plan, {"x": "1"})
    assert len(provider.calls) == 2


async def test_a_run_with_answers_at_hand_can_be_replayed(make):
    session, _ = make()
    await done(session, three())
    again = await done(session, three())
    replayed = await session.run(again.plan, {"x": "1"}, replay=again.id)
    assert replayed.result == again.result
    assert not any(node.cached for node in replayed.nodes)


class TestTools:
    def flow(self, **options):
        return (
            Flow.build()
            .input("x")
            .component("t", "my.tool", capability="compute", inputs={"x": "x"}, **options)
            .output("t")
        )

    async def used(self, session, uses, **offer):
        def tool(x):
            uses.append(x)
            return {"n": len(uses)}

        session.add_component("my.tool", tool, **offer)
        plan = await session.plan(self.flow())
        return [(await session.run(plan, {"x": "1"})).result for _ in range(2)]

    async def test_it_is_used_each_time_unless_it_says_otherwise(self, make):
        session, _ = make()
        for offer in ({}, {"version": "1"}, {"ttl_s": 60.0}, {"version": "1", "ttl_s": 0.0}):
            assert await self.used(session, [], **offer) == [{"n": 1}, {"n": 2}]

    async def test_a_version_and_a_time_to_live_let_its_value_be_given_again(self, make):
        session, _ = make()
        assert await self.used(session, [], version="1", ttl_s=60.0) == [{"n": 1}, {"n": 1}]
        assert await self.used(session, [0, 0], version="2", ttl_s=60.0) == [{"n": 3}, {"n": 3}]

    async def test_its_time_to_live_is_kept(self, make):
        session, _ = make()
        uses = []
        assert await self.used(session, uses, version="1", ttl_s=3600.0) == [{"n": 1}, {"n": 1}]
        await self.used(session, uses, version="2", ttl_s=0.05)
        used = len(uses)
        await asyncio.sleep(0.06)
        assert (await session.run(await session.plan(self.flow()), {"x": "1"})).result == {"n": used + 1}

    async def test_the_flow_has_the_last_word(self, make):
        session, _ = make()
        uses = []
        session.add_component("my.tool", lambda x: uses.append(x) or len(uses), version="1", ttl_s=60.0)
        for options in ({"ttl_s": 0.0}, {"ttl_s": 0.0}, {"version": "9"}, {"version": "9"}):
            await session.run(await session.plan(self.flow(**options)), {"x": "1"})
        assert len(uses) == 4


class TestSimilar:
    FLOW = Flow.build().input("x").model("kind", "Sort this: {x}", similar=0.8).output("kind")
    FIRST = "please tell me the delivery date of my order"
    ALIKE = "please, tell me the delivery date of my order!"

    async def test_a_call_worded_otherwise_takes_the_answer_once_it_was_checked_often_enough(self, make):
        session, provider = make(lambda call: "orders")
        session.rng.random = lambda: 0.5  # of the hits after those, one in twenty is checked
        plan = await session.plan(self.FLOW)
        await session.run(plan, {"x": self.FIRST})
        for number in range(20):
            run = await session.run(plan, {"x": self.ALIKE + " " * (number + 1)})
            assert not run.nodes[0].cached
        assert len(provider.calls) == 21
        run = await session.run(plan, {"x": self.ALIKE + "!"})
        assert len(provider.calls) == 21
        assert run.result == "orders"
        assert run.nodes[0].similarity >= 0.8
        assert run.nodes[0].false_hits.checked == 20
        assert run.nodes[0].false_hits.wrong == 0
        (step,) = session.similar.scopes()
        assert step.place == "flow/kind"

    async def test_where_it_proves_wrong_it_is_turned_off(self, make):
        count = iter(range(1000))
        session, provider = make(lambda call: f"kind {next(count)}")
        plan = await session.plan(self.FLOW)
        for number in range(25):
            await session.run(plan, {"x": self.FIRST + "!" * number})
        assert len(provider.calls) == 25
        assert session.similar.scopes()[0].trouble

    async def test_no_node_takes_it_unasked(self, make):
        session, provider = make(lambda call: "orders")
        plan = await session.plan(Flow.build().input("x").model("kind", "Sort this: {x}").output("kind"))
        for number in range(25):
            await session.run(plan, {"x": self.FIRST + "!" * number})
        assert len(provider.calls) == 25


async def test_as_many_plain_components_run_at_once_as_a_map_has_items_under_way(make):
    """Their deadline is for their work, and not for waiting until a thread is free."""
    session, _ = make()
    session.add_component("my.slow", lambda x: time.sleep(0.2) or x)
    body = (
        Flow.build("one")
        .input("item")
        .component("t", "my.slow", capability="compute", inputs={"x": "item"}, timeout_s=10.0)
    )
    flow = Flow.build().input("rows").map("m", body.output("t"), "rows").output("m")
    began_s = time.monotonic()
    run = await session.run(await session.plan(flow), {"rows": list(range(64))})
    assert run.result == list(range(64))
    assert time.monotonic() - began_s < 64 * 0.2 / 4
