"""Errors are the normal case: limits are waited for, failures go elsewhere, stragglers get a second call."""

from __future__ import annotations

import asyncio
import time

import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.event import NodeHedged, NodeRetried
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.engine.hedge import HedgePolicy, Hedger
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.errors import CallFailedError, CallRejectedError, DeploymentBusyError, DeploymentGoneError
from nubem_jupyter.session.deployments import Deployments
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import Reply, ScriptedProvider, scripted_model

FIRST = scripted_model("scripted/first", right=[("answer", 1.0, 50)], local=False)
SECOND = scripted_model("scripted/second", right=[("answer", 0.5, 50)], local=False)
QUICK = RetryPolicy(max_tries=2, first_wait_s=0.001)
BUSY = CallFailedError("busy", status=429, retry_after_s=0.01)
DOWN = CallFailedError("down", status=500)
GONE = DeploymentGoneError("nobody is there")
ASK = Flow.build("ask").input("text").model("ask", "{text}", max_tokens=50).output("ask")


@pytest.fixture
async def make(tmp_path):
    opened = []

    def make(then, *models, **settings):
        provider = ScriptedProvider(then=then, models=models or (FIRST,))
        settings = Settings(home=tmp_path, workspace=tmp_path, **settings)
        session = Session(settings, {}, providers={"scripted": provider})
        opened.append(session)
        return session, provider

    yield make
    for session in opened:
        await session.aclose()


async def done(session, *, constraints=None, flow=ASK, text="x"):
    plan = await session.plan(flow, constraints=constraints)
    return await session.start(plan, {"text": text}, policy=QUICK).wait()


async def test_a_limit_is_waited_for_and_uses_up_no_try(make):
    seen = []

    def reply(call):
        seen.append(call)
        return "ok" if len(seen) > 6 else BUSY

    session, _ = make(reply)
    run = await done(session)
    assert run.outcome is Outcome.FINISHED
    (node,) = run.nodes
    assert (node.tries, node.refusals) == (1, 6)
    assert any(isinstance(event, NodeRetried) for event in run.log)


@pytest.mark.parametrize("most_s", [None, 3.0])
async def test_a_limit_that_holds_for_long_sends_the_call_to_the_next_model_at_once(make, most_s):
    shut = CallFailedError("limit", status=429, retry_after_s=3600)
    session, provider = make(lambda call: shut if call.model == FIRST.id else "ok", FIRST, SECOND)
    for text in "ab":
        run = await asyncio.wait_for(done(session, constraints=Constraints(max_latency_s=most_s), text=text), 3)
        assert run.outcome is Outcome.FINISHED
        assert run.nodes[0].model == SECOND.id
    assert [call.model for call in provider.calls] == [FIRST.id, SECOND.id, SECOND.id]


async def test_calls_that_queue_at_a_deployment_leave_it_when_it_shuts(make):
    replies = iter([BUSY, CallFailedError("limit", status=429, retry_after_s=3600)])
    session, _ = make(lambda call: next(replies) if call.model == FIRST.id else "ok", FIRST, SECOND)
    plan = await session.plan(ASK)
    first = await asyncio.wait_for(session.start(plan, {"text": "a"}).wait(), 3)
    rest = await asyncio.wait_for(asyncio.gather(*(session.run(plan, {"text": text}) for text in "bcd")), 3)
    assert {run.nodes[0].model for run in (first, *rest)} == {SECOND.id}


async def test_a_queue_that_moves_is_waited_in_though_there_is_another_model(make):
    seen = []

    def reply(call):
        seen.append(call.model)
        return "ok" if len(seen) > 6 else BUSY

    session, _ = make(reply, FIRST, SECOND)
    run = await done(session)
    assert run.nodes[0].model == FIRST.id
    assert set(seen) == {FIRST.id}


async def test_a_limit_is_waited_for_where_the_next_model_cannot_be_paid(make):
    """Late is better than over budget."""
    dear = scripted_model("scripted/second", usd_per_token=1.0, right=[("answer", 0.5, 50)], local=False)
    replies = iter([CallFailedError("limit", status=429, retry_after_s=3600)])
    session, provider = make(lambda call: next(replies), FIRST, dear)
    plan = await session.plan(ASK)
    handle = session.start(plan, {"text": "x"}, ledger=Ledger(0.01))
    await asyncio.sleep(0.1)
    handle.cancel()
    run = await handle.wait()
    assert run.outcome is Outcome.CANCELLED
    assert [call.model for call in provider.calls] == [FIRST.id]


async def test_what_one_model_cannot_do_the_next_in_turn_is_asked(make):
    session, provider = make(lambda call: DOWN if call.model == FIRST.id else "ok", FIRST, SECOND)
    run = await done(session)
    assert run.outcome is Outcome.FINISHED
    assert run.nodes[0].model == SECOND.id
    assert [call.model for call in provider.calls] == [FIRST.id, FIRST.id, SECOND.id]


async def test_a_model_that_refuses_the_call_is_not_asked_again(make):
    refused = CallRejectedError("too long for me")
    session, provider = make(lambda call: refused if call.model == FIRST.id else "ok", FIRST, SECOND)
    assert (await done(session)).outcome is Outcome.FINISHED
    assert [call.model for call in provider.calls] == [FIRST.id, SECOND.id]


async def test_no_model_outside_the_constraints_takes_a_place(make):
    session, provider = make(lambda call: DOWN, FIRST, SECOND)
    run = await done(session, constraints=Constraints(models=(FIRST.id,)))
    assert run.outcome is Outcome.FAILED
    assert {call.model for call in provider.calls} == {FIRST.id}


async def test_what_the_budget_cannot_pay_a_cheaper_model_does(make):
    dear = scripted_model("scripted/dear", usd_per_token=0.001, right=[("answer", 1.0, 50)], local=False)
    cheap = scripted_model("scripted/cheap", usd_per_token=0.0, right=[("answer", 0.5, 50)], local=False)
    session, _ = make(lambda call: "ok", dear, cheap)
    plan = await session.plan(ASK, constraints=Constraints(max_cost_usd=0.5))
    assert plan.route["ask"].model == dear.id
    run = await session.start(plan, {"text": "x" * 2000}).wait()
    assert run.outcome is Outcome.FINISHED
    assert run.nodes[0].model == cheap.id


async def test_a_deployment_that_fails_too_often_is_left_alone(make):
    session, provider = make(lambda call: DOWN)
    for _ in range(4):
        await done(session)
    asked = len(provider.calls)
    run = await done(session)
    assert len(provider.calls) == asked
    assert run.failure.code == "provider.failed.resting"


class TestRestarts:
    """What answered a moment ago and is not there now is mostly being started again."""

    def away(self, times, calls=0):
        """Answer so many calls; then nobody is there for so many, then it is back."""
        left = [*["ok"] * (1 + calls), *[GONE] * times]
        return lambda call: left.pop(0) if left else "ok"

    async def test_calls_that_can_go_nowhere_else_wait_until_it_is_back(self, make):
        session, provider = make(self.away(2))
        await done(session)
        plan = await session.plan(ASK)
        handles = [session.start(plan, {"text": f"{number}"}, policy=QUICK, cache=False) for number in range(20)]
        runs = [await handle.wait() for handle in handles]
        assert {run.outcome for run in runs} == {Outcome.FINISHED}
        assert all(run.nodes[0].tries == 1 and run.nodes[0].refusals == 0 for run in runs)
        told = [event for run in runs for event in run.log if isinstance(event, NodeRetried)]
        assert told
        assert all("waiting until it is back" in event.error for event in told)
        # Where one call found nobody, all do not look: one at a time, and less often each time.
        assert len(provider.calls) < 1 + 20 + 20

    async def test_where_another_model_may_be_asked_it_is_asked_at_once(self, make):
        session, provider = make(lambda call: self.replies[call.model].pop(0), FIRST, SECOND)
        self.replies = {FIRST.id: ["ok", GONE], SECOND.id: ["ok"]}
        await done(session)
        run = await done(session, text="y")
        assert run.outcome is Outcome.FINISHED
        assert [call.model for call in provider.calls] == [FIRST.id, FIRST.id, SECOND.id]

    async def test_one_that_never_answered_is_not_waited_for(self, make):
        session, provider = make(lambda call: GONE)
        run = await done(session)
        assert run.failure.code == "provider.failed.gone"
        assert len(provider.calls) == QUICK.max_tries

    async def test_one_that_does_not_come_back_is_given_up(self, make, monkeypatch):
        monkeypatch.setattr("nubem_jupyter.session.deployment.RESTART_S", 1.0)
        session, _ = make(self.away(100))
        await done(session)
        run = await done(session, text="y")
        assert run.failure.code == "provider.failed.resting"
        assert "cannot be reached" in run.failure.message

    async def test_a_call_that_found_nobody_does_not_count_as_the_deployments_failure(self, make):
        """As often as not this machine is offline."""
        session, _ = make(self.away(1))
        await done(session)
        await done(session, text="y")
        (info,) = session.models()
        assert (info.error_rate.n, info.error_rate.value) == (2, 0.0)


def late_now_and_then(session, seen=40):
    """Give the hedger evidence of calls that take a hundredth of a second."""
    hedger = Hedger(HedgePolicy(least_seen=10))
    session._launcher.deployments = Deployments(time.monotonic, hedger)
    for _ in range(seen):
        hedger.observer((FIRST.id, "answer"))(0.01)


async def test_a_straggler_gets_a_second_call_and_the_first_answer_counts(make):
    replies = iter([Reply(text="slow", delay_s=20), "quick"])
    session, provider = make(lambda call: next(replies))
    late_now_and_then(session)
    began = time.monotonic()
    run = await done(session)
    assert time.monotonic() - began < 5
    assert run.result == "quick"
    assert run.nodes[0].hedges == 1
    assert provider.stopped == 1
    assert provider.running == 0
    assert any(isinstance(event, NodeHedged) for event in run.log)


async def test_what_is_late_because_the_loop_stood_still_gets_none(make):
    def answer(_call):
        asyncio.get_running_loop().call_later(0.005, time.sleep, 0.3)
        return Reply(text="ok", delay_s=0.05)

    session, provider = make(answer)
    late_now_and_then(session)
    run = await done(session)
    assert (run.nodes[0].hedges, len(provider.calls)) == (0, 1)


async def test_the_user_may_want_none(make):
    session, provider = make(
        lambda call: Reply(text="ok", delay_s=0.01 if len(provider.calls) < 30 else 0.3), hedge=False
    )
    for number in range(31):
        run = await done(session, text=str(number))
        assert run.nodes[0].hedges == 0


async def test_the_loser_is_billed_and_both_fit_into_the_budget(make):
    paid = scripted_model("scripted/first", usd_per_token=0.001, right=[("answer", 1.0, 50)], local=False)
    replies = iter([Reply(text="slow and", word_s=20), "quick"])
    session, _ = make(lambda call: next(replies), paid)
    late_now_and_then(session)
    run = await done(session, constraints=Constraints(max_cost_usd=1.0))
    assert run.result == "quick"
    assert run.nodes[0].estimated
    # The winner was sent a word and said one. The loser was sent as much, and its "slow" may be a token a byte.
    assert run.cost_usd == pytest.approx(0.001 * (1 + 1 + 1 + 4))


async def test_a_second_call_that_is_late_too_gets_a_third_and_all_are_billed(make):
    paid = scripted_model("scripted/first", usd_per_token=0.001, right=[("answer", 1.0, 50)], local=False)
    replies = iter([Reply(text="slow and", word_s=60), Reply(text="late and", word_s=60), "quick"])
    session, provider = make(lambda call: next(replies), paid)
    late_now_and_then(session)
    # What two more calls may cost has to be earned first.
    for _ in range(40):
        session._launcher.deployments._hedger.biller("others")(0.01)
    run = await done(session, constraints=Constraints(max_cost_usd=1.0))
    assert (run.result, run.nodes[0].hedges, len(provider.calls)) == ("quick", 2, 3)
    assert (provider.running, provider.stopped) == (0, 2)
    # Each was sent the one word that the winner was sent; of a loser's four letters each may be a token.
    assert run.cost_usd == pytest.approx(0.001 * (1 + 1 + (1 + 4) + (1 + 4)))


async def test_a_first_call_that_fails_is_saved_by_another(make):
    replies = iter([Reply(text="", delay_s=0.5, error=DOWN)])
    session, _ = make(lambda call: next(replies, Reply(text="saved", delay_s=1.0)))
    late_now_and_then(session)
    run = await done(session)
    assert (run.result, run.nodes[0].tries) == ("saved", 1)


async def test_a_first_call_that_ends_in_time_ends_the_others(make):
    replies = iter([Reply(text="first", delay_s=0.1)])
    session, provider = make(lambda call: next(replies, Reply(text="never", delay_s=60)))
    late_now_and_then(session)
    assert (await done(session)).result == "first"
    assert provider.running == 0


async def test_where_all_fail_the_call_is_tried_again(make):
    fails = iter([Reply(delay_s=0.2, error=DOWN), *[Reply(delay_s=0.3, error=CallFailedError("other"))] * 2])
    session, _ = make(lambda call: next(fails, "ok"))
    late_now_and_then(session)
    run = await done(session)
    assert run.result == "ok"
    assert run.nodes[0].tries > 1


async def test_a_model_on_this_machine_gets_no_second_call(make):
    here = scripted_model("scripted/first", right=[("answer", 1.0, 50)], local=True)
    session, provider = make(lambda call: Reply(text="slow", delay_s=0.2), here)
    late_now_and_then(session)
    run = await done(session)
    assert (run.nodes[0].hedges, len(provider.calls)) == (0, 1)


async def test_a_stop_ends_all_calls(make):
    session, provider = make(lambda call: Reply(text="slow", delay_s=20))
    late_now_and_then(session)
    plan = await session.plan(ASK)
    handle = session.start(plan, {"text": "x"})
    async for event in handle.events():
        if isinstance(event, NodeHedged):
            break
    await asyncio.sleep(0.01)
    handle.cancel()
    run = await handle.wait()
    assert run.outcome is Outcome.CANCELLED
    assert (provider.running, provider.stopped) == (0, len(provider.calls))


async def test_a_run_in_which_another_model_took_over_is_replayed(make):
    session, provider = make(lambda call: DOWN if call.model == FIRST.id else "ok", FIRST, SECOND)
    run = await session.run(await session.plan(ASK), {"text": "x"})
    assert run.nodes[0].model == SECOND.id
    asked = len(provider.calls)
    again = await session.run(run.plan, {"text": "x"}, replay=run.id)
    assert (again.result, len(provider.calls)) == ("ok", asked)


async def test_a_call_leaves_a_limit_that_outlasts_what_it_has_left_where_it_can_go_elsewhere():
    deployment = Deployments(lambda: 7.0).here().of(FIRST.id)
    assert deployment.free(7.0)
    assert deployment.failed(CallFailedError("limit", status=429, retry_after_s=4), 7.0)
    with pytest.raises(DeploymentBusyError):
        await deployment.turn(3.0)
    for left_s in (4.5, None):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(deployment.turn(left_s), 0.01)


async def test_a_limit_that_outlasts_the_deadline_sends_the_call_to_the_next_model(make):
    refused = CallFailedError("HTTP 429", status=429, retry_after_s=4.0)
    session, provider = make(lambda call: refused if call.model == FIRST.id else "done", FIRST, SECOND)
    plan = await session.plan(
        Flow.build().input("text").model("ask", "{text}").output("ask"), constraints=Constraints(max_latency_s=3.0)
    )
    run = await session.run(plan, {"text": "x"})
    assert run.outcome is Outcome.FINISHED
    assert [call.model for call in provider.calls][-1] != FIRST.id
    assert run.latency_s < 2
