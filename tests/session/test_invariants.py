"""What holds of every run: random flows, whose calls fail in every way, under limits, stopped at any moment."""

from __future__ import annotations

import asyncio
import tempfile

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from moody_provider import MOODS, MoodyProvider, WatchedLedger
from random_flows import INPUTS, flows, plan_of, session_in
from run_invariants import check_events, check_money, check_record

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.engine.retry import RetryPolicy

QUICK = RetryPolicy(max_tries=3, first_wait_s=0.001)
MOOD_LISTS = st.one_of(
    st.just(["ok"]),
    st.lists(st.sampled_from(MOODS[:-2] + ("ok",) * 12), min_size=1, max_size=20),
    st.lists(st.sampled_from(MOODS + ("ok",) * 4), min_size=1, max_size=20),
).map(lambda moods: [*moods, "ok"])
"""A provider that does nothing but refuse for its limit is waited for, and for long."""


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
