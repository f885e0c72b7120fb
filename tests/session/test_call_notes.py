"""What real calls tell of their deployments reaches the list of models, outlives the kernel, and fades."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import time

import msgspec
import pytest

from nubem_jupyter.core.call import Answer, Usage
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.evaluation import Dataset, EvalCase
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import STANDS_IN
from nubem_jupyter.engine.hedge import Hedger
from nubem_jupyter.errors import CallFailedError, CallRejectedError, StorageError
from nubem_jupyter.session.deployments import Deployments
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import ScriptedProvider, scripted_model

DAY_S = 86_400.0
NOW_S = 20_000 * DAY_S
"""2024-10-04."""


class Timed(ScriptedProvider):
    """Tells how long it took, as real ones do; what it is given to raise comes first."""

    def __init__(self, *errors: Exception, models=None) -> None:
        super().__init__(models=models)
        self.errors = list(errors)

    async def stream(self, call):
        if self.errors:
            raise self.errors.pop(0)
        yield Answer(text="x", usage=Usage(input_tokens=3, output_tokens=21), first_token_s=0.5, total_s=1.5)


@pytest.fixture
async def make(tmp_path):
    """Sessions on one home, closed at the end, whose wall clock stands still."""
    async with contextlib.AsyncExitStack() as stack:

        def make(provider=None, now_s=NOW_S):
            provider = provider or Timed()
            settings = Settings(home=tmp_path / "home", workspace=tmp_path, cache=False, hedge=False)
            session = Session(settings, {}, providers={provider.name: provider}, wall_clock=lambda: now_s)
            stack.push_async_callback(session.aclose)
            return session

        yield make


ASKING = Flow.build("ask").input("text").model("ask", "{text}").output("ask")
EACH = Flow.build("each").input("item").model("ask", "{item}").output("ask")
MANY = Flow.build("many").input("list", type="list").map("all", EACH, "list").output("all")


async def ask(session, text="x", **options):
    return await session.run(await session.plan(ASKING), {"text": text}, **options)


def known(session, name="scripted/one"):
    (info,) = (info for info in session.models() if info.id == name)
    return info


def calls_of(session):
    error_rate = known(session).error_rate
    return error_rate.n if error_rate else 0


async def test_a_run_tells_how_fast_its_model_is_and_that_it_answered(make):
    session = make()
    assert known(session).speed is None
    await ask(session)
    speed, error_rate = known(session).speed, known(session).error_rate
    assert speed.first_token_s.value == pytest.approx(0.5, rel=0.02)
    assert speed.tokens_per_s.value == pytest.approx(20.0, rel=0.02)
    for figure in (speed.first_token_s, speed.tokens_per_s, error_rate):
        assert (figure.n, figure.source, figure.date) == (1, "measured here", "2024-10-04")
        assert figure.low <= figure.value <= figure.high
    assert error_rate.value == error_rate.low == 0.0


async def test_it_is_known_to_the_next_kernel_fades_and_is_unknown_at_last(make):
    first = make()
    for _ in range(40):
        await ask(first, keep=False)
    before = known(first)
    await first.aclose()

    again = make()
    assert known(again) == before

    weeks = make(now_s=NOW_S + 14 * DAY_S)
    then, now = before.speed.first_token_s, known(weeks).speed.first_token_s
    assert now.value == then.value
    assert (then.n, now.n) == (40, 10)
    assert now.low < then.low <= then.high < now.high
    assert now.date == then.date

    later = make(now_s=NOW_S + 365 * DAY_S)
    assert (known(later).speed, known(later).error_rate) == (None, None)


async def test_each_try_counts_and_one_that_failed_raises_the_error_rate(make):
    session = make(Timed(CallFailedError("broken"), CallFailedError("broken")))
    run = await ask(session)
    assert run.outcome == "finished"
    error_rate = known(session).error_rate
    assert (error_rate.n, error_rate.value) == (3, pytest.approx(2 / 3))


async def test_a_call_that_the_provider_refuses_says_nothing_of_the_deployment(make):
    session = make(Timed(CallRejectedError("too long")))
    await ask(session)
    assert calls_of(session) == 0


async def test_runs_that_are_not_kept_tell_too_and_so_do_evaluations(make):
    session = make()
    await ask(session, keep=False)
    assert calls_of(session) == 1
    dataset = Dataset(name="two", cases=tuple(EvalCase(inputs={"text": t}, target="x", id=t) for t in "ab"))
    await session.evaluate(dataset, "exact", targets={"ask": ASKING})
    assert calls_of(session) == 3


async def test_replays_and_answers_at_hand_tell_nothing(make):
    session = make()
    run = await ask(session)
    await session.run(run.plan, {"text": "x"}, replay=run.id)
    assert calls_of(session) == 1
    await ask(session, "again", cache=True)
    assert (await ask(session, "again", cache=True)).nodes[-1].cached
    assert calls_of(session) == 2


async def test_models_that_stand_in_for_others_tell_nothing(make):
    stand_in = msgspec.structs.replace(scripted_model(), features=(STANDS_IN,))
    session = make(Timed(models=[stand_in]))
    plan = await session.plan(ASKING, constraints=Constraints(models=("scripted/one",)))
    await session.run(plan, {"text": "x"})
    assert known(session).error_rate is None


async def test_calls_for_a_plan_tell_too(make, tmp_path):
    """None of its answers is a plan, and it may mend the first twice."""
    provider = Timed()
    settings = Settings(home=tmp_path / "planned", workspace=tmp_path, cache=False, planner_model="scripted/one")
    session = Session(settings, {}, providers={"scripted": provider}, wall_clock=lambda: NOW_S)
    await session.plan("Say hello")
    assert calls_of(session) == 3
    provider.errors = [CallFailedError("broken")]
    plan = await session.plan("Say hello")
    assert "could not be asked" in plan.warnings[-1]
    assert known(session).error_rate.value == pytest.approx(1 / 4)
    await session.aclose()


async def test_a_map_tells_of_each_of_its_items(make):
    session = make()
    await session.run(await session.plan(MANY), {"list": list(range(2_000))}, events=False)
    assert calls_of(session) == 2_000


class FirstFails(Timed):
    """Its first call fails once there are three; then the second answers, and the third never does."""

    def __init__(self, **more) -> None:
        super().__init__(**more)
        self.three, self.failed, self.never = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def stream(self, call):
        number = len(self.calls)
        self.calls.append(call)
        if number == 2:
            self.three.set()
        await (self.three, self.failed, self.never)[number].wait()
        if number == 0:
            self.failed.set()
            raise CallFailedError("broken")
        async for chunk in super().stream(call):
            yield chunk


class SecondFails(Timed):
    """Its second call fails at once; when that is over the first answers."""

    def __init__(self, **more) -> None:
        super().__init__(**more)
        self.over = asyncio.Event()

    async def stream(self, call):
        number = len(self.calls)
        self.calls.append(call)
        if number == 1:
            asyncio.current_task().add_done_callback(lambda _: self.over.set())
            raise CallFailedError("broken")
        await self.over.wait()
        async for chunk in super().stream(call):
            yield chunk


@pytest.mark.parametrize(("provider", "hedges"), [(FirstFails, 2), (SecondFails, 1)])
async def test_of_several_calls_for_one_step_the_one_that_failed_is_counted_too(make, provider, hedges):
    session = make(provider(models=[scripted_model(local=False)]))
    hedger = Hedger()
    session._launcher.deployments = Deployments(time.monotonic, hedger)
    for _ in range(50):
        hedger.called()
        hedger.observer(("scripted/one", "answer"))(0.01)
    async with asyncio.timeout(60):
        run = await ask(session)
    assert (run.outcome, run.nodes[-1].hedges, run.nodes[-1].tries) == ("finished", hedges, 1)
    error_rate = known(session).error_rate
    assert (error_rate.n, error_rate.value) == (2, pytest.approx(0.5))


async def test_two_kernels_add_up(make):
    one, two = make(), make()
    await asyncio.gather(ask(one), ask(two), ask(two, "y"))
    await one.aclose()
    await two.aclose()
    assert calls_of(make()) == 3


def test_event_loops_of_their_own_share_what_they_learn(tmp_path):
    settings = Settings(home=tmp_path / "home", workspace=tmp_path)
    session = Session(settings, {}, providers={"scripted": Timed()}, wall_clock=lambda: NOW_S)
    for text in "ab":
        asyncio.run(ask(session, text))
    assert calls_of(session) == 2
    asyncio.run(session.aclose())


async def test_many_short_runs_are_kept_together(make, monkeypatch):
    session = make()
    saved = []
    monkeypatch.setattr(session.calls._stats, "save", lambda: saved.append(1))
    plan = await session.plan(ASKING)
    for _ in range(30):
        await session.run(plan, {"text": "x"}, keep=False)
    assert len(saved) < 10
    assert calls_of(session) == 30


async def test_what_a_slow_run_has_to_tell_is_known_before_its_end(make, monkeypatch):
    monkeypatch.setattr("nubem_jupyter.session.call_notes._EVERY_S", 0.01)
    hold = asyncio.Event()

    class Stuck(Timed):
        async def stream(self, call):
            if "stuck" in call.messages[-1].content:
                await hold.wait()
            async for chunk in super().stream(call):
                yield chunk

    session = make(Stuck())
    flow = Flow.build().model("one", "quick").model("two", "stuck {one}").output("two")
    handle = session.start(await session.plan(flow))
    async with asyncio.timeout(30):
        while calls_of(session) == 0:  # noqa: ASYNC110  # nothing tells when
            await asyncio.sleep(0.01)
        hold.set()
        await handle.wait()
    assert calls_of(session) == 2


async def test_a_store_in_trouble_breaks_no_run_and_what_was_told_is_kept_later(make, monkeypatch):
    session = make()
    plan = await session.plan(ASKING)

    def full():
        raise StorageError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(session.store.database, "writing", full)
        run = await session.run(plan, {"text": "x"}, keep=False)
        await asyncio.wrap_future(session.thread.submit(str))
    assert run.outcome == "finished"
    await session.aclose()
    assert calls_of(make()) == 1


async def test_what_older_runs_tell_of_speed_is_taken_in_once_and_fades_too(make, tmp_path):
    """Runs on record from before calls told of theirs: their timings are known, and of failures nothing."""
    session = make()
    for text in "abc":
        await ask(session, text)
    await session.aclose()
    with contextlib.closing(sqlite3.connect(tmp_path / "home" / "nubem.db")) as connection:
        connection.execute("DELETE FROM call_statistics")
        connection.commit()
    shutil.copytree(tmp_path / "home", tmp_path / "old")

    session = make()
    assert (known(session).speed.first_token_s.n, known(session).error_rate) == (3, None)
    await ask(session)
    await session.aclose()
    session = make()
    assert (known(session).speed.first_token_s.n, calls_of(session)) == (4, 1)
    await session.aclose()

    shutil.rmtree(tmp_path / "home")
    shutil.move(tmp_path / "old", tmp_path / "home")
    session = make()
    await ask(session)  # nobody listed models before it
    assert known(session).speed.first_token_s.n == 4
    await session.aclose()
    assert known(make(now_s=NOW_S + 365 * DAY_S)).speed is None
