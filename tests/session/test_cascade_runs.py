"""A step that is done by a cascade: its members are asked until enough of them agree, each like any other call."""

from __future__ import annotations

import asyncio

import pytest

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.cascade import CascadePlan, Member, Verdict
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.event import CascadeDecided, MemberAnswered, Tokens
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.run import NodeState, Outcome
from nubem_jupyter.engine.hedge import Hedger
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.errors import CallFailedError, CallRejectedError
from nubem_jupyter.session import cascading
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import Reply, ScriptedProvider, scripted_model

PRICE = 0.001
"""US dollars a token."""
A, B, C = "scripted/a", "scripted/b", "scripted/c"
AGREE = {"aa": Verdict(member=0, chance=0.95), "abc": Verdict(member=2, chance=0.6)}
"""Two that agree are enough; where three say three things the last is believed."""


@pytest.fixture
async def make(tmp_path):
    """Sessions over one home, each as if in a process of its own."""
    opened = []

    def make(answers, *, cache=False, delay_s=0.0, local=True):
        """``answers``: model -> what it says, or what it fails with."""
        models = [scripted_model(name, usd_per_token=PRICE, tokens_per_s=10.0, local=local) for name in (A, B, C)]

        def reply(call):
            said = answers[call.model]
            said = said(call) if callable(said) else said
            if not isinstance(said, str):
                return said
            return Reply(text=said, delay_s=delay_s, usage=Usage(input_tokens=2, output_tokens=1))

        provider = ScriptedProvider(then=reply, models=models)
        settings = Settings(home=tmp_path / "home", workspace=tmp_path, providers=(), cache=cache)
        opened.append(Session(settings, {}, providers={"scripted": provider}))
        return opened[-1], provider

    yield make
    for session in opened:
        await session.aclose()


def planned(*models, at_once=1, verdicts=None, flow=None, then=(), **limits):
    """A plan whose step ``label`` is done by the cascade, and by each of ``then`` where that fails."""
    members = tuple(Member(model=name, sample=models[:place].count(name)) for place, name in enumerate(models))
    agree = {pattern: verdict for pattern, verdict in AGREE.items() if len(pattern) <= len(models)}
    cascade = CascadePlan(members=members, at_once=at_once, verdicts=agree if verdicts is None else verdicts)
    made = flow or Flow.build().input("x").model("label", "{x}?", capability="classify", max_tokens=5).output()
    choice = Choice(
        chosen=Candidate(model=cascade.name, cascade=cascade, reason="the best by evidence"),
        alternatives=tuple(Candidate(model=name, reason="the next") for name in then),
    )
    return Plan(flow=made, route={"label": choice}, constraints=Constraints(**limits))


def asked(provider):
    return [call.model for call in provider.calls]


def step_of(run):
    return next(node for node in run.nodes if node.path == "label")


async def test_two_that_agree_are_enough_and_the_third_is_not_asked(make):
    session, provider = make({A: "Yes", B: "yes.", C: "no"})
    run = await session.run(planned(A, B, C), {"x": "1"})
    step = step_of(run)
    assert (run.outcome, run.result, asked(provider)) == (Outcome.FINISHED, "Yes", [A, B])
    assert [(one.model, one.value, one.agreed) for one in step.members] == [(A, "Yes", True), (B, "yes.", True)]
    assert step.model == A
    assert step.reason.startswith(f"cascade: {A} + {B} agreed (right with a chance of 95%); the best by evidence")
    assert step.cost_usd == pytest.approx(sum(one.cost_usd for one in step.members)) == pytest.approx(6 * PRICE)
    assert run.cost_usd == pytest.approx(step.cost_usd)
    assert step.usage == Usage(input_tokens=4, output_tokens=2)


async def test_where_they_do_not_agree_the_next_is_asked(make):
    session, provider = make({A: "yes", B: "no", C: "maybe"})
    run = await session.run(planned(A, B, C), {"x": "1"})
    assert (run.result, asked(provider)) == ("maybe", [A, B, C])
    assert [one.agreed for one in step_of(run).members] == [False, False, True]
    assert f"nobody agreed with another, {C} was taken" in step_of(run).reason


async def test_one_alone_may_be_sure_enough(make):
    session, provider = make({A: "yes", B: "no", C: "no"})
    run = await session.run(planned(A, B, verdicts={"a": Verdict(member=0, chance=0.97)}), {"x": "1"})
    assert (run.result, asked(provider)) == ("yes", [A])
    assert f"{A} was sure enough" in step_of(run).reason


async def test_the_first_ones_are_asked_at_the_same_time(make):
    session, provider = make({A: "yes", B: "yes", C: "no"}, delay_s=0.05)
    run = await session.run(planned(A, B, C, at_once=2), {"x": "1"})
    assert (run.result, sorted(asked(provider)), provider.most_at_once) == ("yes", [A, B], 2)
    assert [one.place for one in step_of(run).members] == [0, 1]


async def test_a_member_that_fails_counts_as_no_answer(make):
    session, provider = make({A: CallRejectedError("no"), B: "yes", C: "yes"})
    verdicts = {"-aa": Verdict(member=2, chance=0.9)}
    run = await session.run(planned(A, B, C, verdicts=verdicts), {"x": "1"})
    assert (run.result, asked(provider)) == ("yes", [A, B, C])
    failed = step_of(run).members[0]
    assert (failed.failure.code, failed.value, failed.agreed) == ("provider.rejected", None, False)


async def test_an_answer_that_is_not_of_the_steps_form_counts_as_none(make):
    schema = {"type": "object", "required": ["a"]}
    flow = Flow.build().input("x").model("label", "{x}?", schema=schema, output="json").output()
    session, provider = make({A: "words", B: '{"a": 1}', C: "never asked"})
    checked = {"a": Verdict(member=0, chance=0.9), "-a": Verdict(member=1, chance=0.9)}
    run = await session.run(planned(A, B, C, verdicts=checked, flow=flow), {"x": "1"})
    assert (run.result, asked(provider)) == ({"a": 1}, [A, B])


async def test_where_all_fail_the_next_in_turn_is_asked_and_else_the_step_fails(make):
    session, provider = make({A: CallRejectedError("no"), B: CallRejectedError("neither"), C: "yes"})
    run = await session.run(planned(A, B, then=(C,)), {"x": "1"})
    assert (run.outcome, run.result, asked(provider)) == (Outcome.FINISHED, "yes", [A, B, C])
    assert step_of(run).members == ()
    run = await session.run(planned(A, B), {"x": "1"})
    assert run.outcome is Outcome.FAILED
    assert "neither" in run.failure.message
    assert [one.failure.message for one in step_of(run).members] == ["no", "neither"]


async def test_where_nobody_gives_an_answer_that_can_be_used_the_next_in_turn_is_asked(make):
    flow = Flow.build().input("x").model("label", "{x}?", output="number").output()
    session, provider = make({A: "none", B: "nothing", C: "3"})
    run = await session.run(planned(A, B, flow=flow, then=(C,)), {"x": "1"})
    assert (run.outcome, run.result, asked(provider)) == (Outcome.FINISHED, 3, [A, B, C])
    run = await session.run(planned(A, B, flow=flow), {"x": "1"})
    assert (run.outcome, run.failure.code) == (Outcome.FAILED, "run.node.unusable")
    assert "nothing" in run.failure.message


async def test_a_call_that_may_work_another_time_is_made_again(make):
    failing = iter([CallFailedError("busy"), CallFailedError("busy"), "yes"])
    session, provider = make({A: lambda call: next(failing), B: "yes", C: "no"})
    run = await session.run(planned(A, B, C), {"x": "1"}, policy=RetryPolicy(first_wait_s=0.001))
    assert (run.result, asked(provider)) == ("yes", [A, A, A, B])
    failing = iter([CallFailedError("busy")] * 2)
    run = await session.run(planned(A, B, C), {"x": "1"}, policy=RetryPolicy(first_wait_s=0.001, max_tries=2))
    assert run.result == "no"
    assert step_of(run).members[0].failure.code == "provider.failed"


async def test_what_a_members_tries_cost_counts_once_for_calls_beside(make, monkeypatch):
    billed = []
    monkeypatch.setattr(Hedger, "biller", lambda hedger, kind: billed.append)
    broken = Reply(text="ye", error=CallFailedError("busy"))
    trying = iter([broken, broken, "yes"])
    session, _ = make({A: lambda call: next(trying), B: "yes", C: "no"}, local=False)
    run = await session.run(planned(A, B, C), {"x": "1"}, policy=RetryPolicy(first_wait_s=0.001))
    assert run.result == "yes"
    assert len(billed) == 4
    assert sum(billed) == pytest.approx(run.cost_usd)


@pytest.mark.parametrize("at_once", [1, 2])
async def test_a_defect_of_a_member_is_named(make, at_once):
    def breaks(call):
        raise ZeroDivisionError

    session, _ = make({A: breaks, B: "yes", C: "yes"})
    run = await session.run(planned(A, B, C, at_once=at_once), {"x": "1"})
    assert (run.outcome, run.failure.code) == (Outcome.FAILED, "defect")
    assert "(ZeroDivisionError)" in run.failure.message


async def test_no_call_is_made_that_does_not_fit_into_the_budget(make):
    session, provider = make({A: "yes", B: "no", C: "no"})
    # The prompt is "1?" and an answer at most 5 tokens: a call may cost (2 + 16 + 5) tokens and does cost 3.
    run = await session.run(planned(A, B, C, max_cost_usd=PRICE * 24), {"x": "1"})
    assert (run.outcome, run.result, asked(provider)) == (Outcome.FINISHED, "yes", [A])
    assert [one.failure and one.failure.code for one in step_of(run).members] == [None, "run.budget", "run.budget"]
    assert run.cost_usd == pytest.approx(3 * PRICE)
    run = await session.run(planned(A, B, C, max_cost_usd=PRICE * 10), {"x": "1"})
    assert (run.outcome, run.cost_usd) == (Outcome.OVER_BUDGET, 0.0)


async def test_what_was_asked_at_once_is_reserved_at_once(make):
    session, provider = make({A: "yes", B: "yes", C: "no"}, delay_s=0.05)
    run = await session.run(planned(A, B, at_once=2, max_cost_usd=PRICE * 30), {"x": "1"})
    assert (run.result, provider.most_at_once) == ("yes", 1)
    assert run.cost_usd == pytest.approx(6 * PRICE)


async def test_answers_at_hand_are_given_again_and_cost_nothing(make):
    session, provider = make({A: "yes", B: "no", C: "no"}, cache=True)
    verdicts = {"abb": Verdict(member=1, chance=0.9)}
    first = await session.run(planned(A, B, C, verdicts=verdicts), {"x": "1"})
    again = await session.run(planned(A, B, C, verdicts=verdicts), {"x": "1"})
    assert (first.result, again.result, len(provider.calls)) == ("no", "no", 3)
    step = step_of(again)
    assert (step.cached, step.cost_usd, [one.cached for one in step.members]) == (True, 0.0, [True] * 3)
    assert step.saved_usd == pytest.approx(first.cost_usd)


async def test_a_stopped_step_goes_on_with_whom_it_had_asked(make):
    first, _ = make({A: "yes", B: lambda call: Reply(text="late", delay_s=60), C: "no"})
    handle = first.start(planned(A, B, C), {"x": "1"})
    async for event in handle.events():
        if isinstance(event, MemberAnswered):
            handle.cancel()
    run = await handle.wait()
    assert run.outcome is Outcome.CANCELLED
    assert [one.model for one in step_of(run).members] == [A]
    second, provider = make({A: "never asked", B: "yes", C: "no"})
    went_on = await (await second.resume(run.id)).wait()
    assert (went_on.result, asked(provider)) == ("yes", [B])
    assert [one.model for one in step_of(went_on).members] == [A, B]
    # The call that was stopped may have cost something, and counts.
    assert went_on.cost_usd == pytest.approx(run.cost_usd + 3 * PRICE)
    assert second.recorded(run.id) == went_on


async def test_a_killed_process_loses_no_members_answer(make):
    """The step is put on record after each member, so that a run of which nothing else is left goes on from there."""
    first, _ = make({A: "yes", B: lambda call: Reply(text="late", delay_s=60), C: "no"})
    handle = first.start(planned(A, B, C), {"x": "1"})
    async for event in handle.events():
        if isinstance(event, MemberAnswered):
            break
    (kept,) = first.store.load(handle.id).nodes
    assert (kept.state, kept.cost_usd) == (NodeState.CANCELLED, pytest.approx(3 * PRICE))
    assert [(one.model, one.value) for one in kept.members] == [(A, "yes")]
    handle.cancel()
    await handle.wait()


async def test_whom_a_stopped_step_asked_something_else_is_asked_anew(make):
    """The step before it failed the first time, and gives something when the run goes on."""
    flow = Flow.build().input("x").model("before", "{x}!", optional=True, max_tokens=5)
    flow = flow.model("label", "{before}?", capability="classify", max_tokens=5).output()
    plan = planned(A, B, flow=flow)
    route = {**plan.route, "before": Choice(chosen=Candidate(model=C))}
    first, _ = make({A: "yes", B: lambda call: Reply(text="late", delay_s=60), C: CallRejectedError("no")})
    handle = first.start(Plan(flow=flow, route=route), {"x": "1"})
    async for event in handle.events():
        if isinstance(event, MemberAnswered):
            handle.cancel()
    run = await handle.wait()
    second, provider = make({A: "yes", B: "yes", C: "something"})
    went_on = await (await second.resume(run.id)).wait()
    assert (went_on.result, asked(provider)) == ("yes", [C, A, B])


async def test_events_tell_which_member_answered_what_and_the_text_is_that_of_the_answer(make):
    session, _ = make({A: CallRejectedError("not me"), B: "yes", C: "yes"})
    run = await session.run(planned(A, B, C, verdicts={"-aa": Verdict(member=1, chance=0.8)}), {"x": "1"})
    told = [(event.model, event.text, event.error) for event in run.log if isinstance(event, MemberAnswered)]
    assert told == [(A, "", "not me"), (B, "yes", ""), (C, "yes", "")]
    (decided,) = [event for event in run.log if isinstance(event, CascadeDecided)]
    assert (decided.model, decided.verdict) == (B, f"{B} + {C} agreed (right with a chance of 80%)")
    assert [event.text for event in run.log if isinstance(event, Tokens)] == ["yes"]


async def test_a_recorded_run_is_replayed_with_the_same_answers(make):
    session, provider = make({A: "yes", B: "no", C: "no"})
    verdicts = {"abb": Verdict(member=1, chance=0.9)}
    run = await session.run(planned(A, B, C, verdicts=verdicts), {"x": "1"})
    again = await session.run(run.plan, {"x": "1"}, replay=run.id)
    assert (again.result, again.cost_usd, len(provider.calls)) == (run.result, 0.0, 3)


async def test_several_answers_of_one_model_are_drawn_with_seeds_of_their_own(make):
    session, provider = make({A: "yes", B: "", C: ""})
    flow = Flow.build().input("x").model("label", "{x}?", capability="classify", temperature=0.7).output()
    run = await session.run(planned(A, A, A, at_once=2, flow=flow), {"x": "1"})
    assert run.result == "yes"
    assert len({call.seed for call in provider.calls}) == len(provider.calls) == 2
    assert f"2 × {A} agreed" in step_of(run).reason


async def test_each_members_call_tells_of_its_deployment(make):
    session, _ = make({A: "yes", B: "yes", C: "no"})
    await session.run(planned(A, B, C), {"x": "1"})
    known = await asyncio.to_thread(session.calls.all)
    assert {model for model, _ in known} == {A, B}
    counts = [statistics.ends.count(session.wall_clock()) for statistics in known.values()]
    assert counts == pytest.approx([1, 1], abs=0.01)


async def test_inside_a_map_each_item_has_a_cascade_of_its_own(make):
    session, provider = make({A: "yes", B: "yes", C: "no"})
    body = Flow.build("one").input("item").model("label", "{item}?", capability="classify", max_tokens=5).output()
    flow = Flow.build().input("rows").map("each", body, "rows").output("each")
    plan = planned(A, B, C, flow=flow)
    plan = Plan(flow=flow, route={"each/body/label": plan.route["label"]})
    run = await session.run(plan, {"rows": ["1", "2", "3"]})
    assert (run.result, len(provider.calls)) == (["yes"] * 3, 6)


@pytest.mark.parametrize(("raised", "code"), [(TimeoutError, "provider.failed"), (asyncio.CancelledError, "run.node")])
@pytest.mark.parametrize("at_once", [1, 2])
async def test_a_member_whose_call_times_out_or_is_cancelled_from_inside_counts_as_no_answer(
    make, raised, code, at_once
):
    def breaks(call):
        raise raised

    session, _ = make({A: breaks, B: "yes", C: "yes"})
    plan = planned(A, B, C, at_once=at_once, verdicts={"-aa": Verdict(member=1, chance=0.9)})
    run = await session.run(plan, {"x": "1"}, policy=RetryPolicy(max_tries=1))
    assert (run.outcome, run.result) == (Outcome.FINISHED, "yes")
    assert step_of(run).members[0].failure.code == code


@pytest.fixture
def spare(monkeypatch):
    """Set the seconds before the end of a step's or a run's time at which the answers that there are have to do."""

    def spare(spare_s):
        monkeypatch.setattr(cascading, "_SPARE_S", spare_s)
        monkeypatch.setattr(cascading, "_SPARE_SHARE", 1.0)

    return spare


def limited(limit, *models, at_once=1):
    """A cascade whose step, or whose run, has 30 seconds."""
    fields = {"timeout_s": 30.0} if limit == "step" else {}
    flow = Flow.build().input("x").model("label", "{x}?", capability="classify", max_tokens=5, **fields).output()
    return planned(*models, at_once=at_once, flow=flow, **({"max_latency_s": 30.0} if limit == "run" else {}))


@pytest.mark.parametrize("cache", [False, True])
@pytest.mark.parametrize("limit", ["step", "run"])
async def test_where_one_hangs_until_time_is_up_the_answers_of_the_others_are_taken(make, spare, limit, cache):
    spare(29.9)
    session, provider = make({A: lambda call: Reply(text="late", delay_s=600), B: "yes", C: "yes"}, cache=cache)
    run = await session.run(limited(limit, A, B, at_once=2), {"x": "1"})
    assert (run.outcome, run.result, provider.running) == (Outcome.FINISHED, "yes", 0)
    late, taken = step_of(run).members
    assert (late.model, late.failure.code, taken.model, taken.agreed) == (A, "run.deadline", B, True)
    assert step_of(run).reason.startswith(f"cascade: time was up, {B} was taken;")
    assert run.cost_usd == pytest.approx(sum(one.cost_usd for one in step_of(run).members))


@pytest.mark.parametrize("limit", ["step", "run"])
async def test_where_the_one_asked_last_hangs_until_time_is_up_the_first_answer_is_taken(make, spare, limit):
    spare(29.0)
    session, provider = make({A: "yes", B: lambda call: Reply(text="late", delay_s=600), C: "yes"})
    run = await session.run(limited(limit, A, B, C), {"x": "1"})
    assert (run.outcome, run.result, provider.running) == (Outcome.FINISHED, "yes", 0)
    assert C not in asked(provider)


async def test_nobody_more_is_asked_once_time_is_up_and_there_is_an_answer(make, spare):
    spare(30.0)
    session, provider = make({A: CallRejectedError("no"), B: "yes", C: "no"})
    run = await session.run(limited("step", A, B, C), {"x": "1"})
    assert (run.result, asked(provider)) == ("yes", [A, B])


async def test_a_user_who_stops_the_run_before_its_time_is_up_gets_no_answer(make):
    session, _ = make({A: "yes", B: lambda call: Reply(text="late", delay_s=600), C: "yes"})
    handle = session.start(limited("run", A, B), {"x": "1"})
    async for event in handle.events():
        if isinstance(event, MemberAnswered):
            handle.cancel()
    assert (await handle.wait()).outcome is Outcome.CANCELLED


async def test_a_deadline_of_the_step_stops_its_members(make):
    late = Reply(text="late", delay_s=60)
    session, provider = make({A: lambda call: late, B: lambda call: late, C: "no"})
    flow = Flow.build().input("x").model("label", "{x}?", capability="classify", max_tokens=5, timeout_s=0.2).output()
    run = await session.run(planned(A, B, C, at_once=2, flow=flow), {"x": "1"})
    assert (run.outcome, run.failure.code, provider.running) == (Outcome.FAILED, "run.deadline", 0)
