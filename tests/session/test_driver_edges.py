"""The driver where two things happen at once: nothing is lost, nothing hangs, no time goes back."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.run import NodeState, Outcome, Run
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.engine.schedule import Schedule
from nubem_jupyter.errors import CallFailedError
from nubem_jupyter.session.ask import Asker
from nubem_jupyter.session.deployments import Deployments
from nubem_jupyter.session.driver import Driver
from nubem_jupyter.session.handle import RunHandle
from nubem_jupyter.session.lasting import to_its_end
from nubem_jupyter.session.race import Race
from nubem_jupyter.session.tool import Tool
from nubem_jupyter.session.turns import turns_of
from nubem_jupyter.session.work import Workers
from nubem_jupyter.session.writer import NoWriter, RunWriter
from nubem_jupyter.testing import FakeSandbox, MemoryRunStore, Reply, ScriptedProvider, scripted_model

PAID = scripted_model(usd_per_token=0.001)
CHAIN = Flow.build().input("x").model("a", "first {x}", max_tokens=20).model("b", "then {a}", max_tokens=20).output("b")


class Kept(NoWriter):
    """Keeps the last record of each node."""

    def __init__(self):
        self.nodes = {}

    def save_node(self, node, answers):
        self.nodes[node.path] = node


class Odd(Schedule):
    """A schedule with a defect."""

    def answered(self, path, value):
        raise ZeroDivisionError(path)


def start(flow, inputs, provider, *, writer=None, components=None, most_usd=None, most_s=None, schedule=Schedule):
    constraints = Constraints(max_cost_usd=most_usd, max_latency_s=most_s)
    info = provider.models()[0]
    choice = Choice(chosen=Candidate(model=info.id))
    route = {place: choice for place, node in flow.walk() if isinstance(node.work, Prompt)}
    plan = Plan(flow=flow, constraints=constraints, route=route)
    asker = Asker(
        turns=turns_of(route, {info.id: info}, {"scripted": provider}),
        neighbours=Deployments(time.monotonic).here(),
        ledger=Ledger(most_usd),
    )
    workers = Workers(
        asker=asker,
        sandbox=FakeSandbox(lambda request: None),
        components={name: Tool(function=function) for name, function in (components or {}).items()},
        constraints=constraints,
    )
    run = Run(id="r1", plan=plan, inputs=inputs, outcome=Outcome.RUNNING)
    steps = schedule(flow, inputs, RetryPolicy(max_tries=3, first_wait_s=0.001))
    writer = writer or NoWriter()
    return RunHandle(Driver(run, steps, workers, writer=writer, clock=time.monotonic, rng=random.Random(1)))


async def test_a_step_whose_own_task_is_cancelled_by_what_it_calls_ends_the_run():
    """A library that cancels the task that it runs in is nobody's stop; the run must not wait for that step forever."""

    async def gives_up():
        asyncio.current_task().cancel()
        await asyncio.sleep(1)

    flow = Flow.build().component("c", "odd.one", capability="compute").output("c")
    run = await asyncio.wait_for(start(flow, {}, ScriptedProvider(), components={"odd.one": gives_up}).wait(), 5)
    assert run.outcome is Outcome.CANCELLED
    assert [(node.path, node.state) for node in run.nodes] == [("c", NodeState.CANCELLED)]


async def test_what_a_try_cost_counts_when_the_run_stops_before_the_next_begins():
    """The next try's task is cancelled before its first step, so it cannot tell what the one before used."""
    broken = Reply(text="one two", error=CallFailedError("the line broke"))
    writer = Kept()
    handle = start(CHAIN, {"x": "1"}, ScriptedProvider(broken, "never", models=[PAID]), writer=writer)
    driver = handle._driver
    driver.tell = lambda event: handle.cancel() if type(event).__name__ == "NodeRetried" else None
    run = await handle.wait()
    (node,) = run.nodes
    assert (node.path, node.state, node.failure) == ("a", NodeState.CANCELLED, None)
    assert node.estimated
    assert run.cost_usd > 0
    assert writer.nodes == {"a": node}


async def test_a_try_that_broke_after_words_is_on_record_before_the_next():
    """A process that dies during the second try has paid for the first."""
    broken = Reply(text="one two", error=CallFailedError("the line broke"))
    writer, costs = Kept(), []

    def second(call):
        costs.append({path: node.cost_usd for path, node in writer.nodes.items()})
        return "ok"

    run = await start(CHAIN, {"x": "1"}, ScriptedProvider(broken, then=second, models=[PAID]), writer=writer).wait()
    assert run.outcome is Outcome.FINISHED
    assert 0 < costs[0]["a"] < writer.nodes["a"].cost_usd


async def test_a_broken_call_never_costs_more_than_was_set_aside():
    """Text of long words has more bytes than the call allows tokens."""
    long = Reply(text="Donaudampfschifffahrtsgesellschaft " * 20, error=CallFailedError("the line broke"))
    provider = ScriptedProvider(then=lambda call: long, models=[PAID])
    run = await start(CHAIN, {"x": "1"}, provider, most_usd=0.1).wait()
    assert run.outcome is Outcome.OVER_BUDGET
    assert run.cost_usd <= 0.1


async def test_a_defect_after_a_step_ends_the_run_and_leaves_the_step_finished(caplog):
    run = await asyncio.wait_for(start(CHAIN, {"x": "1"}, ScriptedProvider("ok"), schedule=Odd).wait(), 5)
    assert (run.outcome, run.failure.code) == (Outcome.FAILED, "defect")
    assert [(node.path, node.state) for node in run.nodes] == [("a", NodeState.FINISHED)]
    assert "ZeroDivisionError" in caplog.text


async def test_what_fails_in_the_same_breath_as_another_step_begins():
    """The schedule starts a step and gives it up within one answer."""
    inner = Flow.build("inner").input("item").model("t", "{item}").output("t")
    body = Flow.build("b").input("item").model("a", "{item}").map("n", inner, "item").output("a", "n")
    flow = Flow.build().input("xs").map("m", body, "xs", keep_errors=True).output("m")
    provider = ScriptedProvider(then=lambda call: "ok")
    run = await asyncio.wait_for(start(flow, {"xs": ["no list", ["1"]]}, provider).wait(), 5)
    assert (run.outcome, run.result) == (Outcome.FINISHED, [None, {"a": "ok", "n": ["ok"]}])
    assert len(provider.calls) == 2, "nothing is asked for the item that was given up"


async def test_times_of_events_never_fall():
    """A retry that waited, a warning of the budget, steps settled between: each event is told with its own time."""
    body = Flow.build("b").input("item").model("t", "{item}", max_tokens=5).output("t")
    flow = (
        Flow.build()
        .input("xs")
        .map("m", body, "xs")
        .join("j", ("m", "xs"))
        .model("z", "{j}", max_tokens=5)
        .model("y", "{z}", max_tokens=5)
        .output("y")
    )
    fails = itertools.cycle([CallFailedError("broke", retry_after_s=0.02), "ok", "ok"])
    provider = ScriptedProvider(then=lambda call: next(fails), models=[PAID])
    handle = start(flow, {"xs": ["1", "2", "3", "4"]}, provider, most_usd=1.0)
    run = await handle.wait()
    assert run.outcome is Outcome.FINISHED
    assert "NodeRetried" in {type(event).__name__ for event in run.log}
    times = [event.at_s for event in run.log]
    assert times == sorted(times)


class Slow(Race):
    """A race whose other calls take their time to end, as one does that closes a connection."""

    def __init__(self, beside, closing_s):
        self.beside, self.closing_s = beside, closing_s
        self.closing, self.closed, self.settled_usd = asyncio.Event(), 0, []

    async def first(self):
        for _ in range(self.beside):
            assert self.hedge()
            await asyncio.sleep(0)
        return "first"

    async def once_more(self, beside):
        beside.is_sent = True
        try:
            await asyncio.sleep(60)
        finally:
            self.closing.set()
            beside.settle(1.5)
            await asyncio.sleep(self.closing_s)
            self.closed += 1

    def paid(self):
        return self.settled_usd.append

    def hedged(self):
        pass

    def switched(self, text):
        raise AssertionError("the first answered first")


@pytest.mark.parametrize("beside", [1, 2])
async def test_calls_beside_the_first_are_over_when_their_race_is(beside):
    """What they used is settled when they end, so their bills would else come after the record."""
    race = Slow(beside, 0.05)
    assert await race.raced() == "first"
    assert len(asyncio.all_tasks()) == 1
    assert race.closed == beside
    assert sum(race.settled_usd) == race.beside_usd == 1.5 * beside


@pytest.mark.parametrize("beside", [1, 2])
@pytest.mark.parametrize("stops", [1, 3])
async def test_whoever_stops_a_race_does_not_wait_for_calls_that_take_long_to_close(stops, beside):
    race = Slow(beside, 60)
    task = asyncio.create_task(race.raced())
    await asyncio.wait_for(race.closing.wait(), 30)
    for _ in range(stops):
        task.cancel()
    (result,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(result, asyncio.CancelledError)
    assert len(asyncio.all_tasks()) == 1
    assert race.closed == 0
    assert race.beside_usd == 1.5 * beside


async def test_a_race_gets_two_calls_beside_it_and_no_more():
    race = Slow(2, 0)
    assert race.hedge() is None, "before it is run"
    assert await race.raced() == "first"
    assert race.hedge() is None, "after its end"

    class Greedy(Slow):
        async def first(self):
            answer = await super().first()
            assert self.hedge() is None
            return answer

    assert await Greedy(2, 0).raced() == "first"


async def test_where_the_first_fails_the_others_are_waited_for_and_one_answer_is_enough():
    broken = CallFailedError("broken")

    class Failing(Slow):
        outcomes = iter([CallFailedError("broken too"), "answer"])

        async def first(self):
            await super().first()
            raise broken

        async def once_more(self, beside):
            beside.is_sent = True
            outcome = next(self.outcomes, None)
            await asyncio.sleep(0.02 if isinstance(outcome, Exception) else 0.1)
            if outcome != "answer":
                raise outcome or CallFailedError("broken as well")
            beside.text.append(outcome)
            return outcome

        def switched(self, text):
            self.told = text

        def outdone(self, error):
            self.outdid = error

    race = Failing(2, 0)
    assert await race.raced() == "answer"
    assert (race.told, race.outdid) == ("answer", broken)
    with pytest.raises(CallFailedError) as raised:
        await Failing(2, 0).raced()
    assert raised.value is broken


async def test_no_call_is_made_behind_one_that_waits_for_its_turn():
    class Queued(Slow):
        async def once_more(self, beside):
            await asyncio.sleep(60)

        async def first(self):
            assert self.hedge()
            await asyncio.sleep(0)
            assert self.hedge() is None
            return "first"

    race = Queued(1, 0)
    assert await race.raced() == "first"
    assert race.settled_usd == [0.0], "what was set aside is given back"


class SlowToStop(ScriptedProvider):
    """A provider that needs a while to let go of a call."""

    async def stream(self, call):
        try:
            async for chunk in super().stream(call):
                yield chunk
        except asyncio.CancelledError:
            await asyncio.sleep(0.1)
            raise


class SlowToWrite(Kept):
    """Takes a while to put the end on record."""

    ended = None

    async def end(self, run):
        await to_its_end(asyncio.get_running_loop().run_in_executor(None, self._write, run))

    def _write(self, run):
        time.sleep(0.1)
        self.ended = run


async def reading(handle):
    return [type(event).__name__ async for event in handle.events()]


@pytest.mark.parametrize("own_task", [False, True], ids=["the waiter", "the run's own task"])
@pytest.mark.parametrize("times", [1, 2, 12])
async def test_a_run_comes_to_its_end_however_often_it_is_cancelled(own_task, times):
    """Stopped calls are billed, the end is on record, and readers do not wait for ever."""
    writer = SlowToWrite()
    provider = SlowToStop(then=lambda call: Reply(text="some words and then none", word_s=0.05), models=[PAID])
    handle = start(CHAIN, {"x": "1"}, provider, writer=writer)
    reader, waiter = asyncio.create_task(reading(handle)), asyncio.create_task(handle.wait())
    await asyncio.sleep(0.07)
    for _ in range(times):
        (handle._task if own_task else waiter).cancel()
        await asyncio.sleep(0.02)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiter, 60)
    assert (await asyncio.wait_for(reader, 60))[-1] == "RunEnded"
    assert writer.ended.outcome is Outcome.CANCELLED
    assert writer.ended.cost_usd > 0
    assert writer.nodes["a"].state is NodeState.CANCELLED


async def test_a_cancel_while_the_deadline_stops_the_run_leaves_its_outcome():
    provider = SlowToStop(then=lambda call: Reply(text="late", delay_s=60), models=[PAID])
    writer = SlowToWrite()
    handle = start(CHAIN, {"x": "1"}, provider, writer=writer, most_s=0.05)
    waiter = asyncio.create_task(handle.wait())
    await asyncio.sleep(0.1)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiter, 60)
    assert writer.ended.outcome is Outcome.OVER_TIME


async def test_readers_end_also_where_the_event_loop_ended_before_the_first_step():
    handle = start(CHAIN, {"x": "1"}, ScriptedProvider(models=[PAID]))
    handle._task.cancel()
    assert await asyncio.wait_for(reading(handle), 10) == []
    with pytest.raises(asyncio.CancelledError):
        await handle.wait()


async def test_an_error_of_work_whose_waiter_was_cancelled_stands_behind_the_cancel():
    work = asyncio.get_running_loop().create_future()
    waiter = asyncio.create_task(to_its_end(work))
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.sleep(0)
    assert not waiter.done()
    work.set_exception(OSError("the disk is full"))
    with pytest.raises(asyncio.CancelledError) as caught:
        await waiter
    assert isinstance(caught.value.__cause__, OSError)


async def test_where_no_thread_takes_work_any_more_the_record_is_written_at_once():
    """As while the interpreter ends: what is stopped then is on record all the same."""
    thread, store = ThreadPoolExecutor(1), MemoryRunStore()
    provider = ScriptedProvider(then=lambda call: Reply(text="late", delay_s=60), models=[PAID])
    handle = start(CHAIN, {"x": "1"}, provider, writer=RunWriter(store, thread))
    async for event in handle.events():
        if type(event).__name__ == "NodeStarted":
            thread.shutdown(wait=True)
            handle.cancel()
    assert (await handle.wait()).outcome is Outcome.CANCELLED
    assert store.load(handle.id).outcome is Outcome.CANCELLED
