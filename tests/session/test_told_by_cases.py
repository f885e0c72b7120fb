"""From an evaluation to a plan that goes by the prompt: where like prompts were hard for a model, another does it."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from types import SimpleNamespace

import msgspec
import pytest

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.evaluation import Dataset, EvalCase
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.errors import ModelUnavailableError, StorageError
from nubem_jupyter.session.prompt_places import WORDS
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import FakeEmbedder, ScriptedProvider, scripted_model

EASY, HARD = "Is the number {} even or odd?", "Which verse of the long poem has the word at place {}?"
CASES = 60


def text_of(number):
    return (EASY, HARD)[number % 2].format(number)


def said(call):
    """The small model does what is easy, the other one what is hard."""
    text = call.messages[-1].content
    number = text.rstrip("?").split()[-1] if "verse" in text else text.split()[3]
    knows = ("verse" in text) == (call.model == "far/large")
    return f"right {number}" if knows or int(number) % 7 == 0 else "wrong"


@pytest.fixture
async def make(tmp_path):
    opened = []

    def make(embedder=None):
        names = ("near/small", "far/large")
        models = [
            msgspec.structs.replace(scripted_model(name, usd_per_token=1e-5, tokens_per_s=50.0), via="scripted")
            for name in names
        ]
        provider = ScriptedProvider(then=said, models=models)
        settings = Settings(home=tmp_path / "home", workspace=tmp_path, providers=(), cache=False)
        session = Session(settings, {}, providers={"scripted": provider})
        session.embedder = embedder or FakeEmbedder(missing="not here")
        opened.append(session)
        return session

    yield make
    for session in opened:
        await session.aclose()


def flow(prompt="{x}", **fields):
    given = {"capability": "classify", "max_tokens": 8, **fields}
    return Flow.build().input("x").model("label", prompt, **given).output()


async def evaluate(session, cases=CASES, **options):
    rows = tuple(EvalCase(inputs={"x": text_of(n)}, target=f"right {n}", id=str(n)) for n in range(cases))
    return await session.evaluate(
        Dataset(name="made", cases=rows),
        "exact",
        targets={"it": options.pop("made", None) or flow()},
        capability=options.pop("capability", "classify"),
        models=("near/small", "far/large"),
        **options,
    )


async def planned(session, x=None, **options):
    inputs = {} if x is None else {"x": x}
    plan = await session.plan(
        flow(), inputs=inputs, constraints=Constraints(prefer="quality"), cascades=False, **options
    )
    return plan.route["label"]


async def test_a_plan_goes_by_the_prompt_where_its_inputs_are_given(make):
    session = make()
    await evaluate(session)
    easy, hard = await planned(session, EASY.format(402)), await planned(session, HARD.format(311))
    assert (easy.model, hard.model) == ("near/small", "far/large")
    assert easy.chosen.quality.value > 0.75
    assert easy.chosen.like.n == CASES
    assert "expected of prompts like this" in hard.reason
    unknown = await planned(session)
    assert unknown.chosen.like is None
    assert unknown.chosen.quality.value == pytest.approx(easy.chosen.quality.value - easy.chosen.like.shift, abs=0.15)


async def test_a_reworded_prompt_keeps_its_model(make):
    session = make()
    await evaluate(session)
    reworded = {
        "near/small": (
            "is the number 402 even or odd?",
            "Is  the number 402 evn or odd ?",
            "Is teh number 402 EVEN or odd",
        ),
        "far/large": (
            "which verse of the long poem has the word at place 311?",
            "Which vrese of  the long poem has the wrod at place 311 ?",
        ),
    }
    for model, texts in reworded.items():
        for text in texts:
            choice = await planned(session, text)
            assert (choice.model, choice.chosen.like.n) == (model, CASES), text


async def test_it_is_shown_where_a_choice_is_explained(make):
    session = make()
    await evaluate(session)
    plan = await session.plan(flow(), inputs={"x": EASY.format(402)}, cascades=False)
    assert "like prompts: " in plan.explain("label")
    weighed = await session.weigh(plan, inputs={"x": HARD.format(311)})
    assert weighed.what_if(prefer="quality").chosen["label"].model == "far/large"


async def test_the_same_is_told_each_time_and_by_a_session_that_did_not_learn_it(make, monkeypatch):
    session = make()
    await evaluate(session)
    first = await planned(session, EASY.format(402))
    assert await planned(session, EASY.format(402)) == first
    monkeypatch.setattr("nubem_jupyter.engine.success.capability.learn_capability", None)
    assert await planned(make(), EASY.format(402)) == first


async def test_what_another_version_learned_is_learned_anew(make, tmp_path):
    session = make()
    await evaluate(session)
    first = await planned(session, EASY.format(402))
    with sqlite3.connect(tmp_path / "home" / "nubem.db") as connection:
        connection.execute("UPDATE prompt_fit SET record = ?", (b"\xc1",))
    connection.close()
    assert await planned(make(), EASY.format(402)) == first


async def test_vectors_are_by_meaning_where_the_encoder_is_there_and_two_kinds_are_never_mixed(make):
    by_meaning = make(FakeEmbedder(name="meaning 1"))
    await evaluate(by_meaning, cases=50)
    assert by_meaning.prompts.spaces("classify") == {"meaning 1": 50}
    assert (await planned(by_meaning, HARD.format(311))).model == "far/large"
    without = make()
    assert (await planned(without, HARD.format(311))).chosen.like is None
    await evaluate(without)
    assert by_meaning.prompts.spaces("classify") == {WORDS: CASES}
    assert (await planned(by_meaning, HARD.format(311))).model == "far/large"


def broken(_texts):
    raise ModelUnavailableError("the embedding model cannot be loaded", hint="mend it")


async def test_an_encoder_that_breaks_leaves_words_or_hides_what_it_would_tell(make):
    session = make(FakeEmbedder(name="meaning 1", before=broken))
    await evaluate(session, cases=4)
    assert session.prompts.spaces("classify") == {WORDS: 4}
    await evaluate(make(FakeEmbedder(name="meaning 1")))
    assert (await planned(session, HARD.format(311))).chosen.like is None


async def test_a_store_in_trouble_hides_it_and_breaks_no_plan(make, monkeypatch):
    session = make()
    await evaluate(session)

    def fail(_capability):
        raise StorageError("no", hint="")

    monkeypatch.setattr(session.prompts, "stamp", fail)
    assert (await planned(session, EASY.format(402))).chosen.like is None


async def test_no_prompt_is_kept(make, tmp_path):
    session = make()
    await evaluate(session)
    await planned(session, EASY.format(402))
    session.store.close()
    written = (tmp_path / "home" / "nubem.db").read_bytes()
    assert b"even or odd" not in written
    assert b"long poem" not in written


async def test_prose_teaches_too_and_how_long_answers_are(make):
    session = make()
    made = flow(max_tokens=400, capability="answer")
    await evaluate(session, made=made, capability="answer")
    assert session.outcomes.stamps() == ()
    plan = await session.plan(made, inputs={"x": EASY.format(402)}, constraints=Constraints(models=("near/small",)))
    chosen = plan.route["label"].chosen
    assert chosen.like is not None
    seen = [one.output_tokens for one in session.outcomes.about("answer") if one.model == "near/small"]
    usd = 1e-5 * sum(seen) / len(seen)
    assert usd <= chosen.cost_usd.value <= usd + 1e-5 * 40
    assert chosen.cost_usd.high > 1e-5 * 400, "a call is only made where the budget holds its longest answer"


async def test_nothing_is_loaded_where_nothing_was_measured(make):
    session = make()
    await evaluate(session, cases=3)
    loaded = set(sys.modules)
    plan = await session.plan(flow(), inputs={"x": EASY.format(402)}, cascades=False)
    assert plan.route["label"].chosen.like is None
    assert "nubem_jupyter.engine.success.capability" not in set(sys.modules) - loaded


async def test_a_map_is_told_of_by_its_items(make):
    session = make()
    await evaluate(session)
    body = Flow.build("each").input("x").model("label", "{x}", capability="classify", max_tokens=8).output()
    made = Flow.build().input("rows").map("all", body, over="rows", item="x").output()
    for template, model in ((EASY, "near/small"), (HARD, "far/large")):
        rows = [template.format(number) for number in range(100, 140)]
        plan = await session.plan(
            made, inputs={"rows": rows}, constraints=Constraints(prefer="quality"), cascades=False
        )
        (choice,) = plan.route.values()
        assert choice.model == model
        assert choice.chosen.like.n == CASES


async def test_models_that_were_evaluated_on_the_same_cases_are_held_against_each_other_there(make):
    session = make()
    await evaluate(session)
    plan = await session.plan(flow(), inputs={}, cascades=False)
    assert f"the same {CASES} cases" in plan.explain("label")


async def test_plans_that_are_made_at_once_learn_once_and_get_the_same(make, monkeypatch):
    from nubem_jupyter.engine.success import capability

    session, learned, learn = make(), [], capability.learn_capability
    await evaluate(session)
    all_wait = threading.Barrier(3)

    def slowly(*given):
        learned.append(threading.get_ident())
        return learn(*given)

    def told():
        all_wait.wait(60)
        return session.told.for_flow(flow(), {"x": EASY.format(402)})

    monkeypatch.setattr(capability, "learn_capability", slowly)
    first, *others = await asyncio.gather(*(asyncio.to_thread(told) for _ in range(3)))
    assert first
    assert others == [first, first]
    assert len(learned) == 1


async def test_many_threads_may_ask_for_more_prompts_than_are_remembered(make, monkeypatch):
    session = make()
    await evaluate(session)
    session.told.for_flow(flow(), {"x": EASY.format(402)})
    ((key, fit),) = session.told._known.values()
    monkeypatch.setattr(session.prompt_places, "read", lambda texts, _: texts)
    told = msgspec.structs.replace(fit, prompts=SimpleNamespace(tell=lambda texts: {"a/one": texts}))

    def ask(first):
        return all(session.told._like(key, told, (f"{first}-{n}",))["a/one"] == (f"{first}-{n}",) for n in range(4000))

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        assert all(await asyncio.gather(*(asyncio.to_thread(ask, first) for first in range(4))))
    finally:
        sys.setswitchinterval(usual)
    assert len(session.told._likes) <= 64
