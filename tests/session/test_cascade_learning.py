"""From an evaluation to a plan that asks several models: what they did on the same cases is kept, and learned from."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
import threading
import time

import msgspec
import pytest

from nubem_jupyter.core import wire
from nubem_jupyter.core.constraint import Constraints, SecurityLevel
from nubem_jupyter.core.evaluation import Dataset, EvalCase
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import ResultsChange
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.engine.cascade import learned
from nubem_jupyter.errors import CallRejectedError, StorageError
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import FakeEmbedder, ScriptedProvider, scripted_model

SKILLS = {"near/small": 0.75, "near/other": 0.75, "far/large": 0.85}
CASES = 60
DAY_S = 86_400.0


def said(model, case, draw=0):
    """What a model says to a case: right by chance, each on its own, the same each time."""
    rng = random.Random(f"{model} {case} {draw}")
    return f"right {case}" if rng.random() < SKILLS[model] else f"wrong {rng.randrange(10)}"


@pytest.fixture
async def make(tmp_path):
    """Sessions over one home."""
    opened = []

    def make(*, then=None, now_s=None, **settings):
        models = [
            scripted_model("near/small", usd_per_token=1e-6, tokens_per_s=50.0),
            scripted_model("near/other", usd_per_token=1e-6, tokens_per_s=50.0),
            scripted_model("far/large", usd_per_token=1e-4, tokens_per_s=50.0, local=False),
        ]
        models = [msgspec.structs.replace(one, via="scripted") for one in models]
        provider = ScriptedProvider(
            then=then or (lambda call: said(call.model, call.messages[-1].content)), models=models
        )
        home = Settings(home=tmp_path / "home", workspace=tmp_path, providers=(), cache=False, **settings)
        opened.append(Session(home, {}, providers={"scripted": provider}, wall_clock=lambda: now_s or time.time()))
        opened[-1].embedder = FakeEmbedder(missing="it takes seconds to load")
        return opened[-1]

    yield make
    for session in opened:
        await session.aclose()


def dataset(cases=CASES):
    return Dataset(
        name="made", cases=tuple(EvalCase(inputs={"x": str(n)}, target=f"right {n}", id=str(n)) for n in range(cases))
    )


def flow(**fields):
    given = {"capability": "classify", "max_tokens": 8, **fields}
    return Flow.build().input("x").model("label", "{x}", **given).output()


async def evaluate(session, *, capability="classify", cases=CASES, made=None, **options):
    options.setdefault("models", tuple(SKILLS))
    return await session.evaluate(
        dataset(cases), "exact", targets={"it": made or flow()}, capability=capability, **options
    )


def chosen(plan):
    return plan.route["label"].chosen


async def test_after_an_evaluation_a_plan_may_ask_several_models_and_its_run_does(make):
    session = make()
    assert chosen(await session.plan(flow())).cascade is None
    await evaluate(session)
    plan = await session.plan(flow())
    candidates = plan.route["label"].in_turn
    assert any(one.cascade for one in candidates)
    plan = await session.plan(flow(), constraints=Constraints(prefer="quality"))
    better = chosen(plan)
    assert better.cascade is not None
    assert better.evidence[0].n == CASES
    assert better.quality.value > max(one.quality.value for one in candidates if not one.cascade)
    run = await session.run(plan, {"x": "3"})
    step = next(node for node in run.nodes if node.path == "label")
    assert step.members
    assert "cascade: " in step.reason
    assert run.cost_usd <= plan.estimate.cost_usd.high


async def test_a_step_profits_from_what_the_same_models_did_at_another_capability(make):
    session = make()
    judge = flow(capability="judge")
    await evaluate(session, capability="judge", cases=12, made=judge)
    assert not any(one.cascade for one in (await session.plan(judge)).route["label"].in_turn)
    await evaluate(session)
    candidates = (await session.plan(judge)).route["label"].in_turn
    assert [one.evidence[0].n for one in candidates if one.cascade]
    assert {one.evidence[0].n for one in candidates if one.cascade} == {12}


async def test_equal_answers_to_different_cases_are_known_to_be_equal(make):
    session = make(then=lambda call: "none" if int(call.messages[-1].content) % 2 else "other")
    await evaluate(session, cases=10)
    outcomes = session.outcomes.of("classify", "label")
    assert len({one.form for one in outcomes}) == 10
    assert len({one.answer for one in outcomes}) == 2


async def test_what_is_kept_holds_neither_questions_nor_answers(make, tmp_path):
    session = make()
    await evaluate(session, cases=40)
    outcomes = session.outcomes.of("classify", "label")
    assert len(outcomes) == 3 * 40
    assert {one.model for one in outcomes} == set(SKILLS)
    one = outcomes[0]
    assert one.cost_usd > 0
    assert one.output_tokens > 0
    rows = sqlite3.connect(tmp_path / "home" / "nubem.db").execute("SELECT * FROM outcome").fetchall()
    assert not [row for row in rows if "right" in str(row) or "wrong" in str(row)]


async def test_where_two_say_the_same_to_one_case_and_only_there_their_forms_are_equal(make):
    session = make(then=lambda call: "same")
    await evaluate(session, cases=3)
    outcomes = session.outcomes.of("classify", "label")
    assert len({one.query for one in outcomes}) == len({one.form for one in outcomes}) == 3


async def test_another_evaluation_of_the_same_cases_takes_the_place_of_the_first(make):
    session = make()
    await evaluate(session, cases=40)
    await evaluate(session, cases=40)
    assert len(session.outcomes.of("classify", "label")) == 3 * 40


async def test_models_measured_one_after_the_other_are_lined_up(make):
    session = make()
    for model in SKILLS:
        await evaluate(session, models=(model,))
    assert any(one.cascade for one in (await session.plan(flow())).route["label"].in_turn)


async def test_an_evaluation_asks_each_model_alone_whatever_was_learned(make):
    session = make()
    await evaluate(session)
    again = await evaluate(session)
    assert {mean.target for mean in again.means} == set(SKILLS)
    assert len(session.outcomes.of("classify", "label")) == 3 * CASES


async def test_without_a_capability_or_named_models_nothing_is_kept(make):
    session = make()
    await evaluate(session, capability="", cases=3)
    await evaluate(session, models=(), cases=3)
    assert session.outcomes.stamps() == ()


@pytest.mark.parametrize(
    "made",
    [
        flow(max_tokens=500, capability="answer"),
        Flow.build().input("x").model("one", "{x}", max_tokens=8).model("label", "{one}", max_tokens=8).output("label"),
    ],
)
async def test_prose_and_flows_of_several_calls_teach_nothing(make, made):
    session = make(then=lambda call: "word")
    await evaluate(session, capability="answer", made=made, cases=3)
    assert session.outcomes.stamps() == ()


async def test_a_call_that_fails_teaches_nothing_and_an_answer_that_nobody_can_use_is_wrong(make):
    def reply(call):
        return CallRejectedError("no") if call.model == "far/large" else "no number here"

    session = make(then=reply)
    await evaluate(session, capability="compute", made=flow(output="number", capability="compute"), cases=4)
    outcomes = session.outcomes.of("compute", "number")
    assert {one.model for one in outcomes} == {"near/small", "near/other"}
    assert {(one.score, one.form) for one in outcomes} == {(0.0, None)}
    measured = {one.id: one.evidence_for("compute") for one in session.models() if one.via == "scripted"}
    assert {model: [(one.n, one.score_sum) for one in told] for model, told in measured.items()} == {
        "near/small": [(4, 0.0)],
        "near/other": [(4, 0.0)],
        "far/large": [],
    }


async def test_cases_that_were_scored_otherwise_are_not_lined_up(make):
    session = make()
    await evaluate(session, models=("near/small",))
    await session.evaluate(dataset(), "contains", targets={"it": flow()}, capability="classify", models=("near/other",))
    other = Dataset(name="made", cases=tuple(msgspec.structs.replace(one, target="else") for one in dataset().cases))
    await session.evaluate(other, "exact", targets={"it": flow()}, capability="classify", models=("far/large",))
    outcomes = session.outcomes.of("classify", "label")
    assert len({one.query for one in outcomes}) == len(outcomes) == 3 * CASES
    assert not any(one.cascade for one in (await session.plan(flow())).route["label"].in_turn)


async def test_answers_drawn_by_chance_are_told_apart_and_others_are_kept_once(make):
    session = make()
    await evaluate(session, cases=4, repeat=3)
    assert {one.sample for one in session.outcomes.of("classify", "label")} == {0}
    drawn = make(then=lambda call: said(call.model, call.messages[-1].content, call.seed))
    await evaluate(drawn, cases=4, repeat=3, made=flow(temperature=0.8))
    assert {one.sample for one in drawn.outcomes.of("classify", "label")} == {0, 1, 2}


async def test_repeats_draw_anew_where_the_flow_gives_a_seed_and_again_the_same_when_all_is_repeated(make):
    seeds = []

    def reply(call):
        seeds.append(call.seed)
        return said(call.model, call.messages[-1].content, call.seed)

    session = make(then=reply)
    for _ in range(2):
        seeds.clear()
        await evaluate(session, cases=1, repeat=3, made=flow(temperature=0.8, seed=7), models=("near/small",))
        assert sorted(seeds) == [7, 8, 9]
    assert {one.sample for one in session.outcomes.of("classify", "label")} == {0, 1, 2}


async def test_limits_hold_for_every_member(make):
    session = make()
    await evaluate(session)
    for limits in ({"local_only": True}, {"security_level": SecurityLevel.HIGH}, {"models": ("small", "other")}):
        plan = await session.plan(flow(), constraints=Constraints(**limits))
        assert not {model for one in plan.route["label"].in_turn for model in one.models} & {"far/large"}


async def test_it_can_be_left_out(make):
    session = make()
    await evaluate(session)
    plan = await session.plan(flow(), cascades=False)
    assert not any(one.cascade for one in plan.route["label"].in_turn)
    other = make(cascades=False)
    assert not any(one.cascade for one in (await other.plan(flow())).route["label"].in_turn)


async def test_a_plan_planned_anew_leaves_them_out_where_it_did(make):
    session = make()
    await evaluate(session)
    without = await session.plan(flow(), cascades=False)
    again = await session.plan(without)
    assert not again.cascades
    assert not any(one.cascade for one in again.route["label"].in_turn)
    assert (await session.plan(without, cascades=True)).cascades
    assert (await session.plan(await session.plan(flow()))).cascades


async def test_what_was_learned_is_kept_until_there_are_new_cases(make, monkeypatch):
    session = make()
    await evaluate(session)
    first = (await session.plan(flow())).route
    monkeypatch.setitem(sys.modules, "nubem_jupyter.engine.cascade.learned", None)
    assert (await make().plan(flow())).route == first
    monkeypatch.undo()
    await evaluate(session, cases=40)
    assert (await session.plan(flow())).route != first


async def test_plans_that_are_made_at_once_learn_once(make, monkeypatch):
    await evaluate(make(cascades=False))
    session, learn, begun = make(), learned.learn_cascades, []

    def slowly(outcomes):
        begun.append(threading.get_ident())
        time.sleep(0.2)
        return learn(outcomes)

    monkeypatch.setattr(learned, "learn_cascades", slowly)
    plans = await asyncio.gather(*(session.plan(flow()) for _ in range(3)))
    assert len(begun) == 1
    assert plans[0].route == plans[1].route == plans[2].route
    assert any(one.cascade for one in plans[0].route["label"].in_turn)


async def test_what_older_cases_taught_is_let_go_of(make):
    session = make()
    for cases in (CASES, CASES - 10):
        await evaluate(session, cases=cases)
        await session.plan(flow())
        assert len(session.learned._known) == 1


async def test_what_was_learned_fades_and_is_gone_at_last(make):
    session = make()
    await evaluate(session)
    day = session.outcomes.of("classify", "label")[0].date
    year = int(day[:4])
    now_s = (year - 1970) * 365.25 * DAY_S

    async def width(years):
        plan = await make(now_s=now_s + years * 365 * DAY_S).plan(flow())
        quality = next(one.quality for one in plan.route["label"].in_turn if one.cascade)
        return quality.high - quality.low

    assert await width(2) > await width(0)
    gone = make(now_s=now_s + 40 * 365 * DAY_S)
    assert not any(one.cascade for one in (await gone.plan(flow())).route["label"].in_turn)


async def test_a_cascade_counts_for_less_where_a_members_results_have_changed_since(make):
    session = make()
    await evaluate(session)
    day = session.outcomes.of("classify", "label")[0].date
    models = session.models()
    learned = session.learned.for_flow(flow(), Constraints(), models)["label"]

    def weights(**fields):
        given = {"capability": "classify", "task": "", "since": "9999-01-01", "weight": 0.25, **fields}
        change = ResultsChange(source="s", n_before=40, score_before=36.0, n_since=40, score_since=9.0, **given)
        changed = [msgspec.structs.replace(one, changes=(change,)) if one.id == "far/large" else one for one in models]
        found = session.learned.for_flow(flow(), Constraints(), changed)["label"]
        assert [one.cascade for one in found] == [one.cascade for one in learned]
        return [after.evidence.weight / before.evidence.weight for before, after in zip(learned, found, strict=True)]

    asks = [any(member.model == "far/large" for member in one.cascade.members) for one in learned]
    assert any(asks)
    assert weights() == [0.25 if one else 1.0 for one in asks]
    # Cases from after the change, another capability, and what one step's check told say nothing against it.
    for fields in ({"since": day}, {"capability": "judge"}, {"task": "some step"}):
        assert set(weights(**fields)) == {1.0}


async def test_a_store_in_trouble_breaks_no_plan(make, monkeypatch):
    session = make()
    await evaluate(session)

    def fails():
        raise StorageError("the disk is gone")

    monkeypatch.setattr(session.outcomes, "stamps", fails)
    assert chosen(await session.plan(flow())).cascade is None


async def test_other_limits_are_weighed_with_the_same_cascades(make):
    session = make()
    await evaluate(session)
    plan = await session.plan(flow(), constraints=Constraints(prefer="quality"))
    weighed = await session.weigh(plan)
    assert weighed.what_if().changes == ()
    most_usd = chosen(plan).cost_usd.high * 0.5
    (change,) = weighed.what_if(max_cost_usd=most_usd).changes
    assert change.before == chosen(plan)
    assert change.after.cost_usd.high <= most_usd
    assert any(name == chosen(plan).model for point in weighed.front().points for name in point.models.values())


async def test_a_plan_that_refused_cascades_is_weighed_without_them(make):
    session = make()
    await evaluate(session)
    quality = Constraints(prefer="quality")
    assert chosen(await session.plan(flow(), constraints=quality)).cascade is not None
    refused = await session.plan(flow(), constraints=quality, cascades=False)
    for plan in (refused, wire.load(wire.dump(refused), Plan)):
        weighed = await session.weigh(plan)
        assert all(one.cascade is None for one in weighed.what_if(prefer="cost").chosen.values())
        assert weighed.what_if().changes == ()
        names = {name for point in weighed.front().points for name in point.models.values()}
        assert names
        assert names <= set(SKILLS)


async def test_a_plan_made_where_the_settings_refuse_cascades_says_so(make):
    assert not (await make(cascades=False).plan(flow())).cascades
    assert (await make().plan(flow())).cascades


# What an evaluation says of itself.


async def test_an_evaluation_says_what_counts_now_and_which_cascades_a_plan_may_choose(make):
    session = make()
    lesson = (await evaluate(session)).lesson
    assert lesson.cases == dict.fromkeys(SKILLS, CASES)
    assert (lesson.uncounted, lesson.no_cascade) == ("", "")
    offered = [one for one in (await session.plan(flow())).route["label"].in_turn if one.cascade]
    assert {one.model for one in offered} == set(lesson.cascades)
    assert session.evaluations.load("made").lesson == lesson


@pytest.mark.parametrize(
    ("options", "lack"),
    [
        ({"cases": 12}, "shares 12 of them with another, of 30 needed"),
        ({"models": ("near/small",)}, "only one model that plans may choose"),
        ({"made": flow(max_tokens=500, capability="answer"), "capability": "answer"}, "cannot be compared"),
        (
            {"made": Flow.build().input("x").model("a", "{x}", max_tokens=8).model("b", "{a}").output("b")},
            "in just one step",
        ),
    ],
)
async def test_it_says_why_there_is_no_cascade_and_none_is_offered(make, options, lack):
    session = make()
    found = await evaluate(session, **options)
    assert lack in found.lesson.no_cascade
    assert found.lesson.cases == dict.fromkeys(options.get("models", SKILLS), options.get("cases", CASES))
    assert not any(one.cascade for one in (await session.plan(flow())).route["label"].in_turn)


async def test_cascades_that_are_switched_off_or_no_better_are_said_to_be(make):
    assert (await evaluate(make(cascades=False))).lesson.no_cascade == "the setting cascades is off"
    alike = make(then=lambda call: "right 1" if call.model == "near/small" else "wrong")
    found = await evaluate(alike)
    assert "beside a model alone" in found.lesson.no_cascade
    assert not any(one.cascade for one in (await alike.plan(flow())).route["label"].in_turn)


async def test_it_says_why_nothing_counts(make):
    session = make()
    assert "no capability" in (await evaluate(session, capability="", cases=2)).lesson.uncounted
    assert "no models were named" in (await evaluate(session, models=(), cases=2)).lesson.uncounted
    failing = make(then=lambda call: CallRejectedError("no"))
    assert "no answer that was scored" in (await evaluate(failing, cases=2)).lesson.uncounted
    two = await session.evaluate(
        dataset(2), "exact", targets={"one": flow(), "other": flow()}, models=tuple(SKILLS), capability="classify"
    )
    assert "more than one target" in two.lesson.uncounted
    assert not session.evidence.all()
