"""The driver: what runs at once, what a stop keeps, what is on record before it is built on."""

from __future__ import annotations

import asyncio
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.run import NodeState, Outcome, Run
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.engine.schedule import Schedule
from nubem_jupyter.errors import CallFailedError, CallRejectedError, NodeError, StorageError
from nubem_jupyter.ports import CodeResult
from nubem_jupyter.session.ask import Asker
from nubem_jupyter.session.deployments import Deployments
from nubem_jupyter.session.driver import Driver
from nubem_jupyter.session.handle import RunHandle
from nubem_jupyter.session.tool import Tool
from nubem_jupyter.session.turns import turns_of
from nubem_jupyter.session.work import Workers
from nubem_jupyter.session.writer import NoWriter, RunWriter
from nubem_jupyter.testing import FakeSandbox, MemoryRunStore, Reply, ScriptedProvider, scripted_model

MODEL = "scripted/one"
SECRET = "sk-not-to-be-told"


class Records(NoWriter):
    """Keeps what it is given, and breaks when told to."""

    def __init__(self, break_at=None):
        self.nodes, self.ended, self.break_at = [], None, break_at

    def save_node(self, node, answers):
        if node.path == self.break_at:
            raise StorageError("the disk is full")
        self.nodes.append(node)

    async def end(self, run):
        self.ended = run


def start(
    flow, inputs, provider, *, constraints=None, writer=None, components=None, sandbox=None, clock=time.monotonic
):
    constraints = constraints or Constraints()
    info = provider.models()[0]
    places = [place for place, node in flow.walk() if isinstance(node.work, Prompt)]
    choice = Choice(chosen=Candidate(model=info.id, reason="the only one"))
    plan = Plan(flow=flow, constraints=constraints, route=dict.fromkeys(places, choice))
    run = Run(id="r1", plan=plan, inputs=inputs, outcome=Outcome.RUNNING)
    writer = writer or Records()

    asker = Asker(
        turns=turns_of(plan.route, {info.id: info}, {"scripted": provider}),
        neighbours=Deployments(time.monotonic).here(),
        ledger=Ledger(constraints.max_cost_usd),
    )
    workers = Workers(
        asker=asker,
        sandbox=sandbox or FakeSandbox(lambda request: CodeResult(ok=True)),
        components={name: Tool(function=function) for name, function in (components or {}).items()},
        constraints=constraints,
    )
    schedule = Schedule(flow, inputs, RetryPolicy(max_tries=3, first_wait_s=0.001))
    return RunHandle(Driver(run, schedule, workers, writer=writer, clock=clock, rng=random.Random(1)))


def fan(width):
    builder = Flow.build().input("x")
    for index in range(width):
        builder.model(f"n{index}", f"{index} {{x}}")
    return builder.output(*(f"n{index}" for index in range(width)))


def chain():
    return Flow.build().input("x").model("a", "first {x}").model("b", "then {a}").output("b")


async def test_independent_nodes_run_at_once():
    provider = ScriptedProvider(then=lambda call: Reply(text="ok", delay_s=0.05))
    run = await start(fan(5), {"x": "1"}, provider).wait()
    assert run.outcome is Outcome.FINISHED
    assert provider.most_at_once == 5
    assert run.result == {f"n{index}": "ok" for index in range(5)}


async def test_a_run_tells_who_answered_what_it_used_and_what_it_cost():
    provider = ScriptedProvider("one", "two", models=[scripted_model(usd_per_token=0.5)])
    run = await start(chain(), {"x": "1"}, provider).wait()
    first, second = run.trace
    assert (first.path, first.model, first.value, first.prompt) == ("a", MODEL, "one", "first 1")
    assert second.prompt == "then one"
    assert run.cost_usd == pytest.approx(0.5 * (run.usage.input_tokens + run.usage.output_tokens))
    assert run.cost_usd > 0
    assert first.reason == "the only one"


async def test_tokens_stream_while_the_run_goes_on():
    provider = ScriptedProvider(then=lambda call: Reply(text="a b c d", word_s=0.02))
    handle = start(chain(), {"x": "1"}, provider)
    seen = [event async for event in handle.events()]
    run = await handle.wait()
    names = [type(event).__name__ for event in seen]
    assert names[0] == "RunStarted"
    assert names[-1] == "RunEnded"
    texts = [event.text for event in seen if type(event).__name__ == "Tokens" and event.node == "a"]
    assert len(texts) > 1
    assert "".join(texts) == "a b c d"
    assert [e.text for e in run.log if type(e).__name__ == "Tokens" and e.node == "a"] == ["a b c d"]


async def test_a_stop_cancels_the_call_under_way_and_keeps_what_finished():
    provider = ScriptedProvider("done", Reply(text="never ends", word_s=30))
    writer = Records()
    handle = start(chain(), {"x": "1"}, provider, writer=writer)
    async for event in handle.events():
        if type(event).__name__ == "Tokens" and event.node == "b":
            break
    began = time.monotonic()
    handle.cancel()
    run = await handle.wait()
    assert time.monotonic() - began < 2
    assert run.outcome is Outcome.CANCELLED
    assert {node.path: node.state for node in run.nodes} == {"a": NodeState.FINISHED, "b": NodeState.CANCELLED}
    assert provider.stopped == 1
    assert writer.ended.outcome is Outcome.CANCELLED
    handle.cancel()


async def test_cancelling_the_waiter_stops_the_run_and_records_it():
    writer = Records()
    handle = start(chain(), {"x": "1"}, ScriptedProvider(Reply(text="x", delay_s=30)), writer=writer)
    waiter = asyncio.create_task(handle.wait())
    await asyncio.sleep(0.02)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert writer.ended.outcome is Outcome.CANCELLED


async def test_a_passing_failure_is_tried_again_and_its_tries_are_counted():
    provider = ScriptedProvider(CallFailedError("broke", status=500), "ok", "end")
    handle = start(chain(), {"x": "1"}, provider)
    run = await handle.wait()
    assert run.outcome is Outcome.FINISHED
    assert run.trace[0].tries == 2
    assert "NodeRetried" in [type(event).__name__ for event in run.log]


async def test_a_lasting_failure_ends_the_run_and_says_why():
    provider = ScriptedProvider(then=lambda call: CallFailedError("no line"))
    run = await start(chain(), {"x": "1"}, provider).wait()
    assert run.outcome is Outcome.FAILED
    assert run.failure.message == "no line"
    assert [(node.path, node.state, node.tries) for node in run.nodes] == [("a", NodeState.FAILED, 3)]
    with pytest.raises(NodeError, match="no line"):
        run.raise_for_outcome()


async def test_a_needed_failure_cancels_the_rest_at_once():
    def reply(call):
        return CallRejectedError("bad") if "0 1" in call.messages[-1].content else Reply(text="x", delay_s=30)

    provider = ScriptedProvider(then=reply)
    run = await start(fan(3), {"x": "1"}, provider).wait()
    assert run.outcome is Outcome.FAILED
    assert provider.running == 0
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("r1:")]


async def test_the_runs_deadline_ends_it_and_keeps_what_finished():
    provider = ScriptedProvider("quick", Reply(text="x", delay_s=30))
    run = await start(chain(), {"x": "1"}, provider, constraints=Constraints(max_latency_s=0.2)).wait()
    assert run.outcome is Outcome.OVER_TIME
    assert run.trace[0].state is NodeState.FINISHED


async def test_a_nodes_own_deadline_fails_that_node():
    flow = Flow.build().input("x").model("a", "{x}", timeout_s=0.05, optional=True).output("a")
    run = await start(flow, {"x": "1"}, ScriptedProvider(Reply(text="x", delay_s=30))).wait()
    assert run.outcome is Outcome.FINISHED
    assert "0.05 seconds" in run.nodes[0].failure.message


async def test_a_budget_is_never_overspent_by_calls_at_once():
    model = scripted_model(usd_per_token=0.0001)
    provider = ScriptedProvider(then=lambda call: Reply(text="word " * 40, delay_s=0.01), models=[model])
    run = await start(fan(200), {"x": "1"}, provider, constraints=Constraints(max_cost_usd=0.5)).wait()
    assert run.outcome is Outcome.OVER_BUDGET
    assert run.cost_usd <= 0.5
    assert "budget" in run.failure.message


async def test_nearing_the_budget_is_told():
    model = scripted_model(usd_per_token=0.0001)
    flow = Flow.build().input("x").model("a", "{x}", max_tokens=100).output("a")
    provider = ScriptedProvider(Reply(text="word " * 100), models=[model])
    run = await start(flow, {"x": "1"}, provider, constraints=Constraints(max_cost_usd=0.0125)).wait()
    assert "BudgetWarning" in [type(event).__name__ for event in run.log]


async def test_an_answer_that_cannot_be_read_was_paid_for():
    flow = Flow.build().input("x").model("a", "{x}", output="number").output("a")
    provider = ScriptedProvider("none", models=[scripted_model(usd_per_token=0.5)])
    run = await start(flow, {"x": "1"}, provider).wait()
    assert run.outcome is Outcome.FAILED
    assert run.nodes[0].cost_usd > 0


async def test_a_store_that_breaks_ends_the_run_with_what_there_is():
    run = await start(chain(), {"x": "1"}, ScriptedProvider("a", "b"), writer=Records(break_at="a")).wait()
    assert run.outcome is Outcome.FAILED
    assert "disk is full" in run.failure.message
    assert run.nodes[0].value == "a"


async def test_a_component_gets_its_inputs_and_its_failure_is_named():
    flow = (
        Flow.build()
        .input("n")
        .component("double", "maths.double", capability="compute", inputs={"n": "n"}, args={"times": 2})
        .output("double")
    )
    provider = ScriptedProvider()
    run = await start(flow, {"n": 4}, provider, components={"maths.double": lambda n, times: n * times}).wait()
    assert run.result == 8

    async def later(n, times):
        return {"n": n}

    assert (await start(flow, {"n": 4}, provider, components={"maths.double": later}).wait()).result == {"n": 4}
    broken = await start(flow, {"n": "x"}, provider, components={"maths.double": lambda n, times: n / times}).wait()
    assert "maths.double" in broken.failure.message
    absent = await start(flow, {"n": 1}, provider, components={"maths.dubble": print}).wait()
    assert "did you mean 'maths.dubble'" in absent.failure.hint


async def test_a_map_is_recorded_with_the_time_of_its_items():
    body = Flow.build("b").input("item").model("t", "{item}", capability="translate").output("t")
    flow = Flow.build().input("xs").map("m", body, "xs").output("m")
    provider = ScriptedProvider(then=lambda call: Reply(text=call.messages[-1].content.upper(), delay_s=0.02))
    run = await start(flow, {"xs": ["a", "b"]}, provider).wait()
    assert run.result == ["A", "B"]
    whole = next(node for node in run.nodes if node.path == "m")
    assert whole.latency_s > 0.01


async def test_a_defect_of_this_program_ends_the_run_and_its_text_stays_out_of_record_and_log(caplog):
    class Broken(ScriptedProvider):
        def stream(self, call):
            raise ZeroDivisionError(SECRET)

    run = await start(chain(), {"x": "1"}, Broken()).wait()
    assert run.failure.code == "defect"
    assert "ZeroDivisionError" in caplog.text
    assert SECRET not in caplog.text + str(run)
    assert [(node.path, node.state) for node in run.nodes] == [("a", NodeState.FAILED)]


PAID = scripted_model(usd_per_token=0.001)


async def test_a_stopped_call_is_billed_at_the_most_it_can_have_cost():
    provider = ScriptedProvider(Reply(text="one two three", word_s=5), models=[PAID])
    handle = start(chain(), {"x": "1"}, provider)
    async for event in handle.events():
        if type(event).__name__ == "Tokens":
            break
    handle.cancel()
    run = await handle.wait()
    (node,) = run.nodes
    assert node.estimated
    assert run.cost_usd >= 0.001 * (len("first 1") + len("one"))


async def test_tries_that_break_after_words_count_against_the_budget():
    broken = Reply(text="word " * 30, error=CallFailedError("the line broke"))
    provider = ScriptedProvider(then=lambda call: broken, models=[PAID])
    flow = Flow.build().input("x").model("a", "{x}", max_tokens=200).output("a")
    run = await start(flow, {"x": "1"}, provider, constraints=Constraints(max_cost_usd=0.3)).wait()
    assert run.outcome is Outcome.OVER_BUDGET
    assert 0.15 <= run.cost_usd <= 0.3


async def test_a_call_that_is_refused_before_its_first_word_costs_nothing():
    provider = ScriptedProvider(CallRejectedError("no"), models=[PAID])
    assert (await start(chain(), {"x": "1"}, provider).wait()).cost_usd == 0


async def test_a_call_dearer_than_its_list_price_ends_the_run():
    dear = Reply(text="x", usage=Usage(input_tokens=100_000, output_tokens=1))
    provider = ScriptedProvider(dear, "never", models=[PAID])
    run = await start(chain(), {"x": "1"}, provider, constraints=Constraints(max_cost_usd=1.0)).wait()
    assert run.outcome is Outcome.OVER_BUDGET
    assert "more than the listed price" in run.failure.message
    assert len(provider.calls) == 1


async def test_a_node_stopped_while_it_waits_for_its_next_try_is_on_record():
    provider = ScriptedProvider(then=lambda call: CallFailedError("busy", retry_after_s=20))
    handle = start(chain(), {"x": "1"}, provider)
    async for event in handle.events():
        if type(event).__name__ == "NodeRetried":
            break
    handle.cancel()
    run = await handle.wait()
    assert [(node.path, node.state) for node in run.nodes] == [("a", NodeState.CANCELLED)]


async def test_what_is_cancelled_from_inside_fails_its_node_and_the_run_does_not_hang():
    async def gives_up():
        raise asyncio.CancelledError

    flow = Flow.build().component("c", "odd.one", capability="compute").output("c")
    run = await asyncio.wait_for(start(flow, {}, ScriptedProvider(), components={"odd.one": gives_up}).wait(), 5)
    assert "cancelled by what it called" in run.failure.message


async def test_anothers_time_out_is_a_failed_call_worth_another_try():
    class Slow(ScriptedProvider):
        async def stream(self, call):
            raise TimeoutError
            yield

    run = await start(chain(), {"x": "1"}, Slow()).wait()
    assert run.nodes[0].tries == 3
    assert "waited too long" in run.failure.message


async def test_a_stop_does_not_take_back_a_write_that_is_queued():
    class SlowStore(MemoryRunStore):
        def begin(self, run):
            time.sleep(0.05)
            super().begin(run)

    store = SlowStore()
    with ThreadPoolExecutor(max_workers=1) as thread:
        writer = RunWriter(store, thread)
        provider = ScriptedProvider(then=lambda call: Reply(text="ok"))
        handle = start(chain(), {"x": "1"}, provider, writer=writer)
        await asyncio.sleep(0.01)
        handle.cancel()
        run = await handle.wait()
    assert run.outcome is Outcome.CANCELLED
    assert store.load("r1").outcome is Outcome.CANCELLED


async def test_what_a_node_was_answered_is_on_record_before_its_reader_starts():
    store, seen = MemoryRunStore(), []

    def answer(call):
        seen.append((call.messages[-1].content, [node.path for node in store.load("r1").nodes]))
        return Reply(text="ok")

    with ThreadPoolExecutor(max_workers=1) as thread:
        run = await start(chain(), {"x": "1"}, ScriptedProvider(then=answer), writer=RunWriter(store, thread)).wait()
    assert seen == [("first 1", []), ("then ok", ["a"])]
    assert run.outcome is Outcome.FINISHED
