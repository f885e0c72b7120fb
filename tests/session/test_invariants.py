"""What holds of every run: random flows, whose calls fail in every way, under limits, stopped at any moment."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from moody_provider import MODELS, MOODS, MoodyProvider, WatchedLedger
from run_invariants import check_events, check_money, check_record

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.hedge import HedgePolicy, Hedger
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.session.deployments import Deployments
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings

QUICK = RetryPolicy(max_tries=3, first_wait_s=0.001)
INPUTS = {"x": "one two", "xs": ["a", "b", "c"]}
OPTIONAL = st.sampled_from([False, False, True])


def prompt(name, sources):
    return f"{name} " + " ".join(f"{{{source}}}" for source in sources)


@st.composite
def bodies(draw, given_names):
    """A flow of one or two steps in a row, which may give up or give a number."""
    builder = Flow.build("body")
    for name in given_names:
        builder.input(name, optional=True)
    outputs = st.sampled_from(["text", "number"])
    builder.model("t", prompt("t", given_names), max_tokens=6, optional=draw(OPTIONAL), output=draw(outputs))
    if draw(st.booleans()):
        builder.model("u", "u {t}", max_tokens=6, output=draw(outputs))
    if draw(st.integers(0, 4)) == 0:
        builder.model("beside", prompt("beside", given_names), max_tokens=6)
    return builder.output("u" if any(node["id"] == "u" for node in builder._nodes) else "t")


@st.composite
def flows(draw):
    """Directed acyclic graphs of 1 to 8 steps of every kind."""
    builder, names = Flow.build("random").input("x").input("xs"), ["x"]
    for index in range(draw(st.integers(1, 8))):
        name, optional = f"n{index}", draw(OPTIONAL)
        some = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
        match draw(st.sampled_from(["model", "model", "model", "join", "component", "map", "branch", "loop"])):
            case "model":
                output = draw(st.sampled_from(["text", "number"]))
                builder.model(name, prompt(name, some), max_tokens=6, optional=optional, output=output)
            case "join":
                builder.join(name, some)
            case "component":
                inputs = {source: source for source in some}
                builder.component(name, "test.echo", capability="compute", inputs=inputs, optional=optional)
            case "map":
                body, shared = draw(bodies(["item", "more"])), {"more": some[0]}
                builder.map(name, body, "xs", inputs=shared, keep_errors=draw(st.booleans()), optional=optional)
            case "branch":
                when = Condition(operator="contains", value=draw(st.sampled_from(["ok", "none of that"])))
                otherwise = draw(st.none() | bodies(["value"]))
                builder.branch(name, some[0], [(when, draw(bodies(["value"])))], otherwise=otherwise, optional=optional)
            case _:
                until = Condition(operator="contains", value=draw(st.sampled_from(["ok", "none of that"])))
                inputs = {"previous": some[0]}
                builder.loop(name, draw(bodies(["previous"])), until, max_rounds=2, inputs=inputs, optional=optional)
        names.append(name)
    chosen = draw(st.lists(st.sampled_from(names[1:]), min_size=1, max_size=3, unique=True))
    return builder.output(*dict.fromkeys([*chosen, names[-1]]))


MOOD_LISTS = st.one_of(
    st.just(["ok"]),
    st.lists(st.sampled_from(MOODS[:-2] + ("ok",) * 12), min_size=1, max_size=20),
    st.lists(st.sampled_from(MOODS + ("ok",) * 4), min_size=1, max_size=20),
).map(lambda moods: [*moods, "ok"])
"""A provider that does nothing but refuse for its limit is waited for, and for long."""


async def echo(**values):
    await asyncio.sleep(0.001)
    return values


def plan_of(flow):
    choice = Choice(chosen=Candidate(model=MODELS[0].id), alternatives=(Candidate(model=MODELS[1].id),))
    places = [place for place, node in flow.walk() if isinstance(node.work, Prompt)]
    return Plan(flow=flow, route=dict.fromkeys(places, choice))


def session_in(home, provider, *, hedging=True):
    session = Session(Settings(home=Path(home), workspace=Path(home)), {}, providers={"moody": provider})
    session.add_component("test.echo", echo)
    if hedging:
        hedger = Hedger(HedgePolicy(least_seen=5, least_wait_s=0.004, allowance=1000))
        session._launcher.deployments = Deployments(time.monotonic, hedger)
        for model in MODELS:
            for _ in range(50):
                hedger.observer((model.id, "answer"))(0.001)
    return session


def stop_after(handle, events):
    """Stop the run when it has told so many events."""
    driver = handle._driver
    tell, left = driver.tell, events

    def told(event):
        nonlocal left
        tell(event)
        left -= 1
        if left == 0:
            handle.cancel()

    driver.tell = told


async def run_and_check(flow, moods, *, budget_usd, parallel, stop, stop_s, cache):
    provider, ledger = MoodyProvider(moods), WatchedLedger(budget_usd)
    with tempfile.TemporaryDirectory() as home:
        session = session_in(home, provider, hedging=parallel is None)
        try:
            handle = session.start(plan_of(flow), INPUTS, ledger=ledger, policy=QUICK, parallel=parallel, cache=cache)
            if stop:
                stop_after(handle, stop)
            if stop_s is not None:
                asyncio.get_running_loop().call_later(stop_s, handle.cancel)
            run = await asyncio.wait_for(handle.wait(), 20)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, f"tasks of the run are left: {left}"
            assert provider.running == 0
            assert parallel is None or provider.most_at_once <= parallel
            assert run.outcome is not Outcome.RUNNING
            check_events(run)
            check_money(run, provider, ledger)
            check_record(run, session.store.load(run.id))
        finally:
            await session.aclose()
    return run


@settings(
    max_examples=150,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    flow=flows(),
    moods=MOOD_LISTS,
    budget_usd=st.none() | st.floats(0.05, 1.0),
    parallel=st.none() | st.integers(1, 3),
    stop=st.just(0) | st.integers(1, 60),
    stop_s=st.none() | st.none() | st.floats(0, 0.03),
    cache=st.booleans(),
)
def test_every_run_keeps_its_promises(flow, moods, budget_usd, parallel, stop, stop_s, cache):
    asyncio.run(
        run_and_check(flow, moods, budget_usd=budget_usd, parallel=parallel, stop=stop, stop_s=stop_s, cache=cache),
        debug=False,
    )


@pytest.mark.parametrize("budget_usd", [0.3, 1.0, 20.0])
async def test_two_hundred_branches_with_second_calls_never_overspend_one_budget(budget_usd):
    """Each optional step takes what is left when it begins; first and second calls share the one budget."""
    builder = Flow.build("wide").input("x").input("xs", optional=True)
    for index in range(200):
        builder.model(f"n{index}", f"n{index} {{x}}", max_tokens=6, optional=True)
    flow = builder.output(*(f"n{index}" for index in range(200)))
    moods = ["ok", "stalls", "slow", "breaks", "down"]
    run = await run_and_check(flow, moods, budget_usd=budget_usd, parallel=None, stop=0, stop_s=None, cache=False)
    if budget_usd < 5:
        assert run.outcome is Outcome.OVER_BUDGET
    else:
        assert run.outcome is Outcome.FINISHED
        assert sum(node.hedges for node in run.nodes) > 0
