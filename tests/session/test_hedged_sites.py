"""What calls beside a late one tell of the places where they were made: failures count there, tokens once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import msgspec
import pytest

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, Price, Site
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.engine.hedge import HedgePolicy, Hedger
from nubem_jupyter.errors import CallFailedError, ModelUnavailableError
from nubem_jupyter.session.deployments import Deployments
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import Reply, ScriptedProvider, scripted_model

ASK = Flow.build("ask").input("text").model("ask", "{text}", max_tokens=50).output("ask")
A, B, TWO = ModelId("scripted/at_a"), ModelId("scripted/at_b"), ModelId("scripted/two")
FREE = Figure(value=0.0, source="listed in a test")
ONCE = HedgePolicy(least_seen=1, least_wait_s=0.01, allowance=1.0, share=0.0)
"""The first call that is late gets one beside it, and no other one does."""
BUSY = CallFailedError("busy", status=429, retry_after_s=30.0)
REFUSED = ModelUnavailableError("the key is refused", hint="mend it")


class Staged(ScriptedProvider):
    """Plays calls by a script: each runs one of the parts, in the order of calling, before it is answered."""

    parts = ()

    async def stream(self, call):
        """Play the next part, if there is one left, and answer."""
        part, self.parts = (self.parts[0], self.parts[1:]) if self.parts else (None, ())
        if part is None:
            async for chunk in super().stream(call):
                yield chunk
            return
        self.calls.append(call)
        await part()
        async for chunk in super().stream(call):
            yield chunk
        self.calls.pop()


def served(*sites):
    info = scripted_model("scripted/one", usd_per_token=0.0, right=[("answer", 1.0, 50)], local=False)
    return msgspec.structs.replace(info, deployments=sites)


def site(name, weight=1.0, **limits):
    return Site(id=name, weight=weight, price=Price(input_usd=FREE, output_usd=FREE), **limits)


@pytest.fixture
async def make(tmp_path):
    opened = []

    def make(first, *parts, answer="ok", policy=ONCE):
        other = scripted_model(TWO, usd_per_token=0.0, right=[("answer", 0.5, 50)], local=False)
        provider = Staged(then=lambda call: answer, models=[first, other])
        provider.parts = parts
        session = Session(
            Settings(home=tmp_path, workspace=tmp_path, cache=False), {}, providers={"scripted": provider}
        )
        opened.append(session)
        hedger = session.hedger = Hedger(policy)
        hedger.observer(("scripted/one", "answer"))(0.001)
        session._launcher.deployments = Deployments(session._launcher.deployments._clock, hedger, random.Random(0))
        return session, provider

    yield make
    for session in opened:
        await session.aclose()


async def done(session):
    run = session.start(await session.plan(ASK), {"text": "x"})
    run = await asyncio.wait_for(run.wait(), 60)
    assert (run.outcome, run.result) == (Outcome.FINISHED, "ok")
    return run.nodes[0]


def fails_first(error):
    """Return two parts: a call that fails once there is one beside it, and that one, which is answered afterwards."""
    joined, failed = asyncio.Event(), asyncio.Event()

    async def first():
        await joined.wait()
        failed.set()
        raise error

    async def beside():
        joined.set()
        await failed.wait()

    return first, beside


async def forever():
    await asyncio.Event().wait()


def asked(provider):
    return Counter(call.model for call in provider.calls)


@pytest.mark.parametrize("error", [BUSY, REFUSED])
async def test_one_that_fails_is_left_alone_although_a_call_beside_it_was_answered(make, error):
    session, provider = make(served(site(A, 9), site(B)), *fails_first(error))
    node = await done(session)
    assert (node.deployment, node.hedges) == (B, 1)
    assert [(await done(session)).deployment for _ in range(3)] == [B, B, B]
    assert asked(provider) == {A: 1, B: 4}


async def test_failures_that_calls_beside_them_hide_add_up_to_a_rest(make):
    down = CallFailedError("down", status=500)
    often = HedgePolicy(least_seen=1, least_wait_s=0.01, most_seen=1, allowance=20.0, share=0.0)
    session, provider = make(served(site(A, 1000), site(B)), policy=often)
    for _ in range(8):
        session.hedger.observer(("scripted/one", "answer"))(0.001)
        provider.parts = fails_first(down)
        assert (await done(session)).deployment == B
    (told,) = (one for one in session._launcher.deployments.states() if one.site == A)
    assert (told.sent, told.rests) == (8, True)


async def test_the_only_place_of_a_model_is_left_alone_too(make):
    plain = msgspec.structs.replace(served(), deployments=())
    session, provider = make(plain, *fails_first(BUSY))
    assert (await done(session)).hedges == 1
    assert (await done(session)).model == TWO
    assert asked(provider) == {plain.id: 2, TWO: 1}


async def test_a_refused_key_that_a_call_beside_a_late_one_meets_rests_its_place(make):
    met = asyncio.Event()

    async def beside():
        met.set()
        raise REFUSED

    session, provider = make(served(site(A), site(B)), met.wait, beside)
    first = (await done(session)).deployment
    (other,) = {A, B} - {first}
    assert [(await done(session)).deployment for _ in range(3)] == [first] * 3
    assert asked(provider) == {first: 4, other: 1}


async def test_tokens_count_once_where_a_call_beside_a_late_one_is_answered_at_the_same_place(make):
    used = Reply(text="ok", usage=Usage(input_tokens=500, output_tokens=500))
    session, provider = make(served(site(A, tokens_per_min=2500)), forever, answer=used)
    node = await done(session)
    assert (node.deployment, node.hedges) == (A, 1)
    assert (await done(session)).deployment == A, "2000 of 2500 tokens"
    assert (await done(session)).model == TWO
    assert asked(provider) == {A: 3, TWO: 1}
