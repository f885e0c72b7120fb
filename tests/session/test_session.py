"""The session from outside: plan, run, replay, evaluate, on record in a real SQLite file."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from nubem_jupyter.core.call import Answer, Usage
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.evaluation import Dataset, EvalCase
from nubem_jupyter.core.event import NodeFinished
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import STANDS_IN, Figure, Speed
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.errors import (
    ConstraintError,
    EvaluationError,
    InfeasibleError,
    PlanError,
    SandboxUnavailableError,
    SettingsError,
    UnknownModelError,
    UsageError,
)
from nubem_jupyter.providers.echo import EchoProvider
from nubem_jupyter.render.bundle import bundle
from nubem_jupyter.render.pages import summary
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import Reply, ScriptedProvider, scripted_model


@pytest.fixture
async def make(tmp_path):
    """Sessions on one home, closed at the end."""
    opened = []

    def make(provider=None, **settings):
        chosen = Settings(home=tmp_path / "home", workspace=tmp_path, **{"providers": ("echo",), **settings})
        session = Session(chosen, {}, providers=None if provider is None else {provider.name: provider})
        opened.append(session)
        return session

    yield make
    for session in opened:
        await session.aclose()


ECHO = Constraints(models=("echo/echo",))


def asking(prompt="{text}", **options):
    return Flow.build("ask").input("text").model("ask", prompt, **options).output("ask")


async def test_a_request_becomes_a_plan_and_a_run_on_record(make):
    session = make()
    plan = await session.plan("What is the capital of France?", constraints=ECHO)
    assert [choice.model for choice in plan.route.values()] == ["echo/echo"]
    run = await session.run(plan)
    assert run.outcome is Outcome.FINISHED
    assert run.result
    assert session.recorded(run.id) == run
    assert session.recorded("last").id == run.id
    assert session.store.list(5)[0].id == run.id


async def test_planning_writes_no_run_and_a_blank_request_is_refused(make):
    session = make()
    await session.plan("Say hello", constraints=ECHO)
    assert not session.store.list(5)
    with pytest.raises(PlanError, match="request is empty"):
        await session.plan("  \n", constraints=ECHO)


async def test_what_the_words_say_fills_constraints_that_nobody_set(make):
    session = make()
    request = "Spend at most 2 cents: write a slogan for a bakery"
    assert (await session.plan(request, constraints=ECHO)).constraints.max_cost_usd == pytest.approx(0.02)
    tighter = Constraints(models=("echo/echo",), max_cost_usd=0.5)
    assert (await session.plan(request, constraints=tighter)).constraints.max_cost_usd == 0.5


async def test_an_unknown_model_is_named_with_the_nearest(make):
    with pytest.raises(UnknownModelError) as caught:
        await make().plan("hello", constraints=Constraints(models=("echo/eccho",)))
    assert "echo/echo" in caught.value.hint


async def test_with_no_model_at_all_planning_says_so_in_a_sentence(make):
    with pytest.raises(InfeasibleError, match="no model"):
        await make().plan("What is the capital of France?")


async def test_a_request_that_no_model_can_do_still_has_its_flow(make):
    """Drafting needs no model, so the flow can be shown and kept until there is one."""
    with pytest.raises(InfeasibleError) as caught:
        await make().plan("Summarise {text} in one sentence", inputs={"text": "long"})
    assert isinstance(caught.value.flow, Flow)
    assert "summarize" in {node.capability for node in caught.value.flow.nodes}


async def test_a_recorded_run_is_replayed_without_asking_any_model(make):
    provider = ScriptedProvider("Paris", models=[scripted_model(usd_per_token=0.001)])
    first = make(provider)
    run = await first.run(await first.plan(asking()), {"text": "capital?"})
    second = make(ScriptedProvider(models=provider.models()))
    again = await second.run(run.plan, {"text": "capital?"}, replay=run.id)
    assert again.result == run.result == "Paris"
    assert again.cost_usd == 0
    assert again.unpriced == 0, "answers given again cost nothing, and that is known"
    changed = await second.run(run.plan, {"text": "other?"}, replay=run.id)
    assert changed.outcome is Outcome.FAILED


async def test_sampling_is_seeded_on_record_so_that_it_can_be_made_again(make):
    session = make()
    plan = await session.plan(asking(temperature=0.9, max_tokens=50), constraints=ECHO)
    text = {"text": "one two three four five six seven"}
    runs = [await session.run(plan, text) for _ in range(6)]
    assert len({run.result for run in runs}) > 1
    again = await session.run(runs[0].plan, text)
    assert again.result == runs[0].result


async def test_seeds_given_for_a_plan_decide_the_text(make):
    session = make()

    async def text(seed):
        plan = await session.plan(asking(), constraints=ECHO, temperature=1.0, seed=seed)
        return (await session.run(plan, {"text": "one two three four five six seven"})).result

    assert await text(1) == await text(1)
    assert len({await text(seed) for seed in range(5)}) > 1


async def test_two_runs_at_once_do_not_mix(make):
    session = make()
    plan = await session.plan(asking(), constraints=ECHO)
    runs = await asyncio.gather(*(session.run(plan, {"text": f"number {index}"}) for index in range(8)))
    assert [run.result for run in runs] == [f"number {index}" for index in range(8)]
    assert len({run.id for run in runs}) == 8


async def test_code_runs_in_the_sandbox_and_a_stronger_level_is_refused_not_weakened(make):
    flow = Flow.build().input("n").code("twice", "result = n * 2", inputs={"n": "n"}).output("twice")
    session = make()
    run = await session.run(await session.plan(flow), {"n": 21})
    assert run.result == 42
    strict = await session.plan(flow, constraints=Constraints(security_level="high"))
    with pytest.raises(SandboxUnavailableError, match="step 'twice' runs code") as caught:
        await session.run(strict, {"n": 21})
    assert "--security low" in caught.value.hint
    assert [one.id for one in session.store.list()] == [run.id]


async def test_code_that_fails_says_its_last_line_and_a_report_says_all(make):
    session = make()
    broken = Flow.build().code("bad", "print('so far')\nraise ValueError('seven')").output("bad")
    run = await session.run(await session.plan(broken))
    assert "ValueError: seven" in run.failure.message
    reporting = Flow.build().code("bad", "print('so far')\n1/0", report=True).output("bad")
    report = (await session.run(await session.plan(reporting))).result
    assert report["ok"] is False
    assert report["stdout"] == "so far\n"
    assert "ZeroDivisionError" in report["error"]


async def test_missing_and_unknown_inputs_are_named_before_anything_runs(make):
    session = make()
    plan = await session.plan(asking(), constraints=ECHO)
    with pytest.raises(UsageError, match="'text'"):
        await session.run(plan)
    assert not session.store.list(5)


async def test_a_component_has_to_be_named_by_its_vendor(make):
    session = make()
    with pytest.raises(UsageError, match=r"vendor\.name"):
        session.add_component("double", lambda n: n)
    session.add_component("maths.double", lambda n: n * 2)
    flow = Flow.build().input("n").component("d", "maths.double", capability="compute", inputs={"n": "n"}).output("d")
    assert (await session.run(await session.plan(flow), {"n": 4})).result == 8


async def test_an_unknown_provider_in_the_settings_is_named(make):
    with pytest.raises(SettingsError, match="'ecko'"):
        make(providers=("ecko",))


def cases(*pairs):
    made = tuple(
        EvalCase(id=str(index), inputs={"input": given}, target=target) for index, (given, target) in enumerate(pairs)
    )
    return Dataset(name="pairs", cases=made)


async def test_an_evaluation_scores_each_model_and_becomes_evidence(make):
    good, bad = scripted_model("scripted/good"), scripted_model("scripted/bad")
    provider = ScriptedProvider(
        then=lambda call: call.messages[-1].content if call.model == good.id else "no", models=[good, bad]
    )
    session = make(provider)
    evaluation = await session.evaluate(
        cases(("a", "a"), ("b", "b"), ("c", "c")),
        "exact",
        targets={"ask": asking()},
        models=(good.id, bad.id),
        capability="answer",
    )
    assert {mean.target: mean.mean for mean in evaluation.means} == {good.id: 1.0, bad.id: 0.0}
    assert not session.store.list(5), "cases do not fill the list of runs"
    known = {info.id: info for info in session.models()}
    assert known[good.id].evidence_for("answer")[0].score_sum == 3
    plan = await session.plan(asking())
    assert plan.route["ask"].model == good.id


async def test_every_evaluation_is_on_record(make):
    """With its samples, whether or not it says something about a model; one of the same dataset leaves it there."""
    session = make(ScriptedProvider(then=lambda call: Reply(text="a")))
    made = [await session.evaluate(cases(("a", "a")), "exact", targets={"ask": asking()}) for _ in range(2)]
    assert session.evaluations.load("pairs") == made[-1]
    assert {session.evaluations.load(name, date) == one for one in made for name, date in [("pairs", one.date)]} == {
        True
    }
    assert len(session.evaluations.names()) == 2
    assert not session.evidence.all()


async def test_an_evaluation_is_not_lost_where_it_cannot_be_recorded(make, tmp_path):
    """Its answers were paid for: the caller has them, and is warned."""
    (tmp_path / "home").write_text("a file where the folder should be")
    session = make(ScriptedProvider(then=lambda call: Reply(text="a")))
    with pytest.warns(UserWarning, match="not on record"):
        evaluation = await session.evaluate(cases(("a", "a")), "exact", targets={"ask": asking()})
    assert evaluation.means[0].mean == 1.0


async def test_models_that_only_stand_in_are_left_out_of_all(make):
    stand_in = msgspec.structs.replace(scripted_model("scripted/echo"), features=(STANDS_IN,))
    session = make(
        ScriptedProvider(then=lambda call: Reply(text="a"), models=[scripted_model("scripted/real"), stand_in])
    )
    evaluation = await session.evaluate(cases(("a", "a")), "exact", targets={"ask": asking()}, models=("all",))
    assert [mean.target for mean in evaluation.means] == ["scripted/real"]


async def test_an_evaluations_budget_holds_over_all_its_cases(make):
    provider = ScriptedProvider(then=lambda call: Reply(text="w " * 20), models=[scripted_model(usd_per_token=0.001)])
    session = make(provider)
    evaluation = await session.evaluate(
        cases(*[(str(index), "x") for index in range(30)]),
        "exact",
        targets={"ask": asking(max_tokens=30)},
        budget_usd=0.5,
    )
    (mean,) = evaluation.means
    assert mean.errors > 0
    assert mean.cost_usd <= 0.5


async def test_a_case_that_does_not_fit_is_named_before_anything_is_asked(make):
    provider = ScriptedProvider()
    flow = Flow.build("two").input("a").input("b").model("m", "{a}{b}").output("m")
    with pytest.raises(EvaluationError, match="case '0' has no value for 'a'"):
        await make(provider).evaluate(cases(("x", "x")), "exact", targets={"two": flow})
    assert not provider.calls


class TestModelMadePlans:
    def session(self, make, *script, usd=0.0):
        provider = ScriptedProvider(*script, models=[scripted_model("scripted/planner", usd_per_token=usd)])
        return make(provider, planner_model="scripted/planner"), provider

    async def test_a_plan_that_cannot_be_used_is_repaired_twice_and_then_the_words_decide(self, make):
        session, provider = self.session(make, "nonsense", "{}", "[]")
        plan = await session.plan("Say hello")
        assert len(provider.calls) == 3
        assert "no plan that could be used" in plan.warnings[-1]
        assert plan.route

    async def test_planning_only_asks_no_model_that_costs(self, make):
        session, provider = self.session(make, usd=0.01)
        plan = await session.plan("Say hello", may_spend=False)
        assert not provider.calls
        assert "would cost money" in plan.warnings[-1]

    async def test_what_the_plan_cost_counts_against_the_budget(self, make):
        session, _ = self.session(make, "nonsense", "nonsense", "nonsense", usd=0.0001)
        plan = await session.plan("Say hello", constraints=Constraints(max_cost_usd=2.0))
        assert plan.spent_usd > 0

    async def test_a_planner_that_is_not_there_is_told_and_done_without(self, make):
        session = make(EchoProvider(), planner_model="openai/none")
        plan = await session.plan("Say hello", constraints=ECHO)
        assert "not known" in plan.warnings[-1]

    async def test_data_that_has_to_stay_goes_to_no_planner_elsewhere(self, make):
        away = ScriptedProvider(models=[scripted_model("scripted/away", local=False), scripted_model("scripted/here")])
        session = make(away, planner_model="scripted/away")
        plan = await session.plan("Say hello", constraints=Constraints(local_only=True))
        assert "not on this machine" in plan.warnings[-1]
        assert not away.calls


async def test_a_budget_too_small_for_the_first_call_is_refused_with_its_figure(make):
    provider = ScriptedProvider(models=[scripted_model(usd_per_token=0.01)])
    session = make(provider)
    with pytest.raises(InfeasibleError, match="max_cost"):
        await session.plan(asking(), constraints=Constraints(max_cost_usd=0.001))
    assert not provider.calls


async def test_a_closed_session_and_an_input_that_is_no_json_say_so(make):
    session = make()
    plan = await session.plan(asking(), constraints=ECHO)
    with pytest.raises(UsageError, match="'text' is a object"):
        await session.run(plan, {"text": object()})
    await session.aclose()
    with pytest.raises(UsageError, match="closed"):
        await session.run(plan, {"text": "x"})


async def test_an_evaluations_budget_has_to_be_an_amount(make):
    with pytest.raises(ConstraintError, match="max_cost"):
        await make().evaluate(cases(("a", "a")), "exact", targets={"ask": asking()}, budget_usd=float("nan"))


async def test_the_speed_on_record_is_the_providers_own_without_waiting(make):
    """A call that waited for a place would otherwise make its model look slow."""

    class Queued(ScriptedProvider):
        async def stream(self, call):
            await asyncio.sleep(0.05)
            yield Answer(text="x", usage=Usage(output_tokens=9), first_token_s=0.001, total_s=0.002)

    session = make(Queued())
    await session.run(await session.plan(asking()), {"text": "x"})
    (sample,) = session.store.speeds()
    assert sample.total_s == 0.002


async def test_a_replay_of_something_else_says_in_what_it_differs(make):
    session = make()
    old = await session.run(await session.plan("Translate 'good morning' into German", constraints=ECHO))
    other = await session.plan("What is the capital of Peru?", constraints=ECHO)
    assert f"the request differs from that of run {old.id}" in (await session.run(other, replay=old.id)).failure.message
    asked = await session.run(await session.plan(asking(), constraints=ECHO), {"text": "a"})
    changed = await session.run(asked.plan, {"text": "b"}, replay=asked.id)
    assert "the input text differs" in changed.failure.message
    reworded = await session.plan(asking("Now {text}"), constraints=ECHO)
    assert "the flow differs" in (await session.run(reworded, {"text": "a"}, replay=asked.id)).failure.message


async def test_a_beginning_that_several_runs_share_is_called_ambiguous(make):
    session = make()
    plan = await session.plan(asking(), constraints=ECHO)
    runs = [await session.run(plan, {"text": str(index)}) for index in range(2)]
    with pytest.raises(UsageError, match="several runs begin with '2'") as caught:
        session.recorded("2")
    assert all(run.id in caught.value.hint for run in runs)
    assert session.recorded(runs[0].id[:-1]).id == runs[0].id


async def test_a_range_that_passes_the_deadline_is_a_warning_of_the_plan(make):
    figure = Figure(value=1.0, low=0.5, high=2.0, source="made up")
    timed = msgspec.structs.replace(scripted_model(), speed=Speed(first_token_s=figure, tokens_per_s=figure))
    session = make(ScriptedProvider(models=[timed]))
    estimate = (await session.plan(asking())).estimate.latency_s
    assert estimate.low < estimate.value < estimate.high
    tight = Constraints(max_latency_s=(estimate.value + estimate.high) / 2)
    (warning,) = (await session.plan(asking(), constraints=tight)).warnings
    assert "may take up to" in warning
    assert "max_latency" in warning
    assert not (await session.plan(asking(), constraints=Constraints(max_latency_s=estimate.high * 2))).warnings


async def test_an_evaluation_without_targets_or_without_its_sandbox_runs_nothing(make):
    provider = ScriptedProvider(models=[scripted_model()])
    session = make(provider)
    blind = Dataset(name="cell", cases=(EvalCase(id="1", inputs={"question": "a", "answer": "b"}),))
    with pytest.raises(EvaluationError, match="no column 'target'"):
        await session.evaluate(blind, "contains", targets={"ask": asking()})
    code = Flow.build().input("text").model("m", "{text}").code("c", "result = m", inputs={"m": "m"}).output("c")
    strict = Constraints(security_level="high")
    with pytest.raises(SandboxUnavailableError, match="step 'c' runs code"):
        await session.evaluate(cases(("a", "a")), "exact", targets={"code": code}, constraints=strict)
    assert not provider.calls


async def test_a_program_s_traceback_is_on_record_and_not_in_the_hint(make):
    session = make()
    flow = Flow.build().code("bad", "def f():\n    return 1 / 0\nf()").output("bad")
    run = session.recorded((await session.run(await session.plan(flow))).id)
    assert "\n" not in run.failure.hint
    assert "in f" in run.nodes[-1].failure.detail


async def test_closing_twice_and_after_work_leaves_nothing_unwritten(make):
    session = make()
    run = await session.run(await session.plan(asking(), constraints=ECHO), {"text": "kept"})
    await session.aclose()
    await session.aclose()
    assert make().recorded(run.id).result == "kept"


def hanging():
    return ScriptedProvider(then=lambda call: Reply(text="late", delay_s=60))


async def test_closing_stops_what_is_under_way_and_puts_it_on_record(make):
    """Begun or not, its waiter has the run and its readers end; nothing can be started any more."""
    session = make(hanging())
    plan = await session.plan(asking())
    begun = session.start(plan, {"text": "one"})
    reader = asyncio.create_task(events_of(begun))
    await asked(session, 1)
    fresh = session.start(plan, {"text": "two"})
    await session.aclose()
    assert [(await handle.wait()).outcome for handle in (begun, fresh)] == [Outcome.CANCELLED] * 2
    assert (await asyncio.wait_for(reader, 60))[-1] == "RunEnded"
    later = make()
    assert {later.recorded(handle.id).outcome for handle in (begun, fresh)} == {Outcome.CANCELLED}
    with pytest.raises(UsageError, match="closed"):
        await session.resume(begun.id)


async def asked(session, times):
    """Wait until so many calls are under way, on whatever event loop."""
    while len(session.providers["scripted"].calls) < times:  # noqa: ASYNC110  # an asyncio.Event knows one loop only
        await asyncio.sleep(0.01)


async def events_of(handle):
    return [type(event).__name__ async for event in handle.events()]


async def test_closing_stops_also_what_runs_on_other_event_loops(make):
    session = make(hanging())
    plan = await session.plan(asking())
    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(asyncio.run, session.run(plan, {"text": text})) for text in ("one", "two")]
        await asked(session, 2)
        await session.aclose()
        assert {run.result(timeout=60).outcome for run in running} == {Outcome.CANCELLED}
    assert {run.outcome for run in make().store.list()} == {Outcome.CANCELLED}


async def test_a_run_whose_event_loop_stands_still_does_not_hold_the_closing_up(make):
    """As where a notebook's loop was stopped: the run stays on record as interrupted, and can go on."""
    session = make(hanging())
    plan = await session.plan(asking())
    still = asyncio.new_event_loop()

    async def begin():
        handle = session.start(plan, {"text": "x"})
        await asked(session, 1)
        return handle

    async def end(handle):
        handle.cancel()
        return await handle.wait()

    handle = await asyncio.to_thread(still.run_until_complete, begin())
    await session.aclose()
    later = make()
    assert later.unfinished().id == handle.id
    assert later.recorded(handle.id).outcome is Outcome.RUNNING
    late = await asyncio.to_thread(still.run_until_complete, end(handle))
    assert late.outcome is Outcome.CANCELLED
    still.close()


async def test_what_a_model_without_a_price_cost_is_unknown_and_not_nothing(make):
    provider = ScriptedProvider(Reply(text="hi"), models=[scripted_model("scripted/one", usd_per_token=None)])
    session = make(provider)
    run = await session.run(await session.plan(asking()), {"text": "hello"})
    assert run.outcome is Outcome.FINISHED
    assert run.unpriced == 1
    assert run.brief.unpriced == 1
    assert session.recorded(run.id).unpriced == 1
    assert run.frame.set_index("node").cost_usd.isna()["ask"]
    assert "unknown" in summary(run)
    assert "free" not in summary(run)
    finished = [event for event in run.log if isinstance(event, NodeFinished) and event.node == "ask"]
    assert [event.unpriced for event in finished] == [1]


async def test_of_a_flow_that_nobody_worded_nothing_is_said_to_be_understood(make):
    plan = await make(ScriptedProvider(models=[scripted_model()])).plan(asking())
    assert plan.confidence is None
    assert "understood" not in bundle(plan)["text/plain"]
