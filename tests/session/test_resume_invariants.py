"""What holds of every run that goes on: random flows that fail, are stopped, and die with their kernel."""

from __future__ import annotations

import asyncio
import tempfile

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from moody_provider import MOODS, MoodyProvider
from random_flows import INPUTS, NEVER, flows, plan_of, session_in
from run_invariants import check_events, check_record, finished_in

from nubem_jupyter.core.event import NodeStarted
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import NodeState, Outcome
from nubem_jupyter.engine.retry import RetryPolicy

QUICK = RetryPolicy(max_tries=2, first_wait_s=0.001)
MENDABLE = tuple(mood for mood in MOODS if mood != "odd")
"""What leaves no trace once it is over; an odd answer is an answer, and stays."""
STOPS = st.none() | st.tuples(st.sampled_from(["cancel", "kill"]), st.integers(2, 40))
"""What stops a run, and at which of its events."""
ATTEMPTS = st.lists(
    st.tuples(st.lists(st.sampled_from(MENDABLE + ("ok",) * 4), min_size=1, max_size=12), STOPS),
    min_size=1,
    max_size=4,
)

GONE_ON_WITHOUT = (
    Flow.build()
    .input("x")
    .input("xs", optional=True)
    .model("missed", "missed {x}", optional=True)
    .join("built", ["missed"])
    .model("failed", "failed {missed} {x}")
    .join("both", ["built", "failed"])
    .output("both")
)
"""One step finishes on an optional one that failed, and another that reads it has to be done again."""


def stop_at(session, handle, stop):
    """Stop the run at an event, or let go of its record as a process that dies does."""
    if stop is None:
        return
    how, left = stop
    driver = handle._driver
    tell = driver.tell

    def told(event):
        nonlocal left
        tell(event)
        left -= 1
        if left == 0:
            handle.cancel() if how == "cancel" else session.store.close()

    driver.tell = told


def forgiven_in(run):
    """Return the paths of what failed and was gone on without: optional steps, and maps some of whose items failed."""
    return {node.path for node in run.nodes if node.state is NodeState.FAILED or node.item_failures}


class GoingOn:
    """One run over all its attempts, each in a session of its own over one home."""

    def __init__(self, flow, home, parallel):
        self._flow, self._home = flow, home
        self._options = {"cache": False, "policy": QUICK, "parallel": parallel}
        self.billed_usd = 0.0
        self.run = None

    @property
    def has_finished(self):
        return self.run is not None and self.run.outcome is Outcome.FINISHED

    async def attempt(self, moods, stop):
        """Start the run or go on with it; check what came of it, and look it up as the next process finds it."""
        provider = MoodyProvider([*moods, "ok"])  # one that does nothing but refuse is waited for, and for long
        session = session_in(self._home, provider, hedging=False)
        try:
            if self.run is None:
                handle = session.start(plan_of(self._flow), INPUTS, **self._options)
            else:
                handle = await session.resume(self.run.id, **self._options)
            stop_at(session, handle, stop)
            run = await asyncio.wait_for(handle.wait(), 20)
        finally:
            await session.aclose()
        self.billed_usd += provider.billed_usd
        self._check(run, provider, killed=stop is not None and stop[0] == "kill")

    def _check(self, run, provider, *, killed):
        later = session_in(self._home, provider)
        recorded = later.store.load(run.id)
        later.store.close()
        begun = {event.node for event in run.log if isinstance(event, NodeStarted)}
        called = {call.messages[-1].content for call in provider.calls}
        assert called <= {node.prompt for node in run.nodes if node.path in begun}, "nothing else was called"
        before = finished_in(self.run) if self.run else frozenset()
        # The items of a map that failed are tried again, and then the map ends again.
        forgiven = frozenset(forgiven_in(self.run)) if self.run else frozenset()
        whole = before - forgiven
        assert before <= finished_in(recorded), "what finished stays so"
        check_events(run, whole, forgiven)
        if not killed:
            check_record(run, recorded, before)
        self.run = recorded


async def go_on_and_check(flow, attempts, parallel):
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as elsewhere:
        undisturbed, disturbed = GoingOn(flow, elsewhere, None), GoingOn(flow, home, parallel)
        await undisturbed.attempt(["ok"], None)
        for moods, stop in attempts:
            if not disturbed.has_finished:
                await disturbed.attempt(moods, stop)
        if not disturbed.has_finished:
            await disturbed.attempt(["ok"], None)
    assert disturbed.run.outcome is Outcome.FINISHED
    if not forgiven_in(disturbed.run):
        assert disturbed.run.result == undisturbed.run.result
    if not any(stop is not None and stop[0] == "kill" for _, stop in attempts):
        assert disturbed.billed_usd <= disturbed.run.cost_usd + 1e-9


@settings(
    max_examples=50,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(flow=flows(NEVER) | flows(), attempts=ATTEMPTS, parallel=st.none() | st.integers(1, 3))
@example(
    flow=Flow.build().input("x").input("xs", optional=True).model("a", "a {x}").model("b", "b {a}").output("b"),
    attempts=[(["ok", "rejects"], None), (["ok"], ("kill", 3)), (["ok"], ("cancel", 2))],
    parallel=None,
)
@example(flow=GONE_ON_WITHOUT, attempts=[(["rejects"] * 4, None)], parallel=None)
def test_a_run_that_goes_on_does_nothing_twice_and_ends_as_if_undisturbed(flow, attempts, parallel):
    asyncio.run(go_on_and_check(flow, attempts, parallel))
