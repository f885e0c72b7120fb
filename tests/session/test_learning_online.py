"""What runs and evaluations tell of models: what a check said, for its step, and that results have changed."""

from __future__ import annotations

import contextlib
import threading

import pytest

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.evaluation import Dataset, EvalCase
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.errors import CallRejectedError, StorageError
from nubem_jupyter.render.text import text
from nubem_jupyter.render.weighed import why_page
from nubem_jupyter.session.model_pages import model_page
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import Reply, ScriptedProvider, scripted_model

A, B = "scripted/a", "scripted/b"
DAY_S = 86_400.0
CHECKED = Flow.build().input("x").model("say", "{x}", max_tokens=9, check="len(answer) > 3").output()
OTHER = Flow.build().input("x").model("say", "{x}!", max_tokens=9, check="len(answer) > 3").output()
FREE = Flow.build().input("x").model("say", "{x}", max_tokens=9).output()
SCHEMA = Flow.build().input("x").model("say", "{x}", max_tokens=9, output="json", schema={"type": "object"}).output()


@pytest.fixture
async def make(tmp_path):
    """Sessions over one home, each as if in a process of its own; models say again what they are asked."""
    async with contextlib.AsyncExitStack() as stack:

        def make(say=lambda call: call.messages[-1].content, *, cache=False, now_s=20_000 * DAY_S):
            def reply(call):
                said = say(call)
                usage = Usage(input_tokens=2, output_tokens=1)
                return Reply(text=said, usage=usage) if isinstance(said, str) else said

            provider = ScriptedProvider(then=reply, models=[scripted_model(A), scripted_model(B)])
            settings = Settings(home=tmp_path / "home", workspace=tmp_path, providers=(), cache=cache)
            session = Session(settings, {}, providers={"scripted": provider}, wall_clock=lambda: now_s)
            stack.push_async_callback(session.aclose)
            return session

        yield make


async def ask(session, flow, *texts, **options):
    plan = await session.plan(flow, constraints=Constraints(models=(A,)), cascades=False)
    return [await session.run(plan, {"x": one}, **options) for one in texts]


async def counted(session, flow, model=A):
    """Right answers and cases that a plan of the flow knows of the model."""
    plan = await session.plan(flow, constraints=Constraints(models=(model,)), cascades=False)
    evidence = plan.route["say"].chosen.evidence
    return sum(entry.score_sum for entry in evidence), sum(entry.n for entry in evidence)


async def test_what_a_check_says_is_evidence_for_its_step_and_no_other_and_outlives_the_kernel(make):
    session = make()
    await ask(session, CHECKED, "right", "wide enough", "no")
    assert await counted(session, CHECKED) == (2.0, 3)
    assert await counted(session, CHECKED, B) == await counted(session, OTHER) == await counted(session, FREE) == (0, 0)
    await session.aclose()
    again = make()
    assert await counted(again, CHECKED) == (2.0, 3)
    plan = await again.plan(CHECKED)
    assert plan.route["say"].model == A
    assert "2 of 3 right in checks of step 'say', 2024-10-04" in plan.explain("say")


async def test_a_case_asked_again_tells_nothing_new_and_its_newest_answer_counts(make):
    session = make()
    await ask(session, CHECKED, "right", "right", "right")
    assert await counted(session, CHECKED) == (1.0, 1)
    worse = make(lambda _: "no")
    await ask(worse, CHECKED, "right")
    assert await counted(worse, CHECKED) == (0.0, 1)


async def test_what_nobody_checked_is_no_evidence_of_quality(make):
    """That an answer came, and came in the right form, says nothing of whether it is right."""
    session = make(lambda call: '{"a": 1}' if call.messages[-1].content != "bad" else "no object")
    await ask(session, FREE, "one", "two")
    runs = await ask(session, SCHEMA, "one", "bad")
    assert [run.outcome for run in runs] == [Outcome.FINISHED, Outcome.FAILED]
    assert await counted(session, FREE) == await counted(session, SCHEMA) == (0, 0)


async def test_an_answer_of_the_wrong_form_has_not_passed_its_check_and_a_call_that_failed_says_nothing(make):
    flow = Flow.build().input("x").model("say", "{x}", max_tokens=9, output="number", check="answer > 0").output()
    answers = {"one": "1", "none": "no number", "gone": CallRejectedError("no")}
    session = make(lambda call: answers[call.messages[-1].content])
    await ask(session, flow, *answers)
    assert await counted(session, flow) == (1.0, 2)


async def test_neither_an_answer_at_hand_nor_a_replay_nor_an_evaluation_is_counted(make):
    cold = Flow.build().input("x").model("say", "{x}", max_tokens=9, temperature=0.0, check="len(answer) > 3").output()
    session = make(cache=True)
    (run,) = await ask(session, cold, "right")
    await session.aclose()
    later = make(cache=True, now_s=20_001 * DAY_S)
    (again,) = await ask(later, cold, "right")
    assert any(node.cached for node in again.nodes)
    await ask(later, cold, "right", replay=run.id)
    cases = Dataset(name="d", cases=(EvalCase(id="1", inputs={"x": "another"}, target="another"),))
    await later.evaluate(cases, "exact", targets={"t": cold}, models=(A,))
    plan = await later.plan(cold, constraints=Constraints(models=(A,)))
    (entry,) = plan.route["say"].chosen.evidence
    assert (entry.n, entry.date) == (1, "2024-10-04")


async def test_items_of_a_map_are_cases(make):
    body = Flow.build().input("item").model("say", "{item}", max_tokens=9, check="len(answer) > 3").output()
    flow = Flow.build().input("list", type="list").map("all", body, "list").output()
    session = make()
    plan = await session.plan(flow, constraints=Constraints(models=(A,)), cascades=False)
    await session.run(plan, {"list": ["right", "no", "fine"]})
    plan = await session.plan(flow, constraints=Constraints(models=(A,)), cascades=False)
    (entry,) = plan.route["all/body/say"].chosen.evidence
    assert entry.n >= 1
    assert entry.source == "checks of step 'all/say'"


async def test_a_store_in_trouble_keeps_what_was_checked_for_the_next_time(make, monkeypatch):
    def broken(*_):
        raise StorageError("the disk is full")

    session = make()
    with monkeypatch.context() as patched:
        patched.setattr("nubem_jupyter.storage.checks.CheckStore.add", broken)
        (run,) = await ask(session, CHECKED, "right")
        assert run.outcome is Outcome.FINISHED
        assert (await session.plan(CHECKED)).warnings[-1].startswith("What was measured on this machine is left out")
    assert await counted(session, CHECKED) == (1.0, 1)


async def test_results_that_change_are_told_by_plan_why_and_page_and_older_evidence_counts_for_less(make, monkeypatch):
    """The model behind a name was exchanged between two evaluations on the same cases."""
    cases = Dataset(
        name="tickets",
        cases=tuple(EvalCase(id=str(n), inputs={"x": str(n)}, target=str(n)) for n in range(20)),
    )
    others = Dataset(name="older", cases=cases.cases)
    good = make(lambda call: call.messages[-1].content)
    day = {"now": "2024-09-01"}

    class Then:
        @staticmethod
        def now(zone):
            from datetime import datetime

            return datetime.fromisoformat(f"{day['now']}T00:00:00+00:00")

    monkeypatch.setattr("nubem_jupyter.session.evaluating.datetime", Then)
    for data in (others, cases):
        await good.evaluate(data, "exact", targets={"t": FREE}, models=(A,), capability="answer")
    before = (await good.plan(FREE)).route["say"].chosen.quality
    bad = make(lambda call: call.messages[-1].content if int(call.messages[-1].content) % 2 else "no")
    day["now"] = "2024-10-01"
    await bad.evaluate(cases, "exact", targets={"t": FREE}, models=(A,), capability="answer")
    plan = await bad.plan(FREE, constraints=Constraints(models=(A,)), cascades=False)
    told = "esults of scripted/a at answer changed around 2024-10-01: 20 of 20 right before, 10 of 20 since"
    assert [line for line in plan.warnings if told in line]
    chosen = plan.route["say"].chosen
    weights = {entry.source: entry.weight for entry in chosen.evidence}
    assert weights["evaluation of older"] < 0.3 < weights["evaluation of tickets"]
    assert chosen.quality.high - chosen.quality.low > before.high - before.low
    assert "changed around 2024-10-01: 20 of 20 right before, 10 of 20 since" in plan.explain("say")
    assert "changed around 2024-10-01" in text(why_page(plan))
    (info,) = [info for info in bad.models() if info.id == A]
    assert told in text(model_page(info))
    # A harder flow on the same cases is another way of measuring, and no change of the model.
    day["now"] = "2024-10-02"
    await good.evaluate(cases, "exact", targets={"t": OTHER}, models=(B,), capability="answer")
    await good.evaluate(cases, "exact", targets={"t": FREE}, models=(B,), capability="answer")
    day["now"] = "2024-10-03"
    await good.evaluate(cases, "exact", targets={"t": OTHER}, models=(B,), capability="answer")
    (info,) = [info for info in good.models() if info.id == B]
    assert info.changes == ()


async def test_what_was_measured_is_read_and_held_against_older_results_off_the_event_loop(make, monkeypatch):
    from nubem_jupyter.storage.checks import CheckStore

    threads, read = [], CheckStore.days

    def noted(self):
        threads.append(threading.get_ident())
        return read(self)

    monkeypatch.setattr(CheckStore, "days", noted)
    session = make()
    await session.weigh(await session.plan(CHECKED))
    assert len(threads) == 2
    assert threading.get_ident() not in threads
