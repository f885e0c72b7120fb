"""A process of its own with a session over a home that others use too: ``shared_home.py HOME runs|resume …``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.errors import StorageError
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import Reply, ScriptedProvider

CHAIN = Flow.build().input("x").model("a", "A {x}").model("b", "B {a}").model("c", "C {b}").output("c")


def plan() -> Plan:
    choice = Choice(chosen=Candidate(model=ScriptedProvider().models()[0].id))
    return Plan(flow=CHAIN, route={place: choice for place, node in CHAIN.walk() if isinstance(node.work, Prompt)})


def session_in(home: Path, then=lambda call: call.messages[-1].content) -> Session:
    settings = Settings(home=home, workspace=home, providers=(), hedge=False)
    return Session(settings, {}, providers={"scripted": ScriptedProvider(then=then)})


async def many(home: Path, runs: int) -> None:
    """Do many runs at once; some calls are equal to those of the other process."""
    session = session_in(home)
    try:
        for turn in range(0, runs, 10):
            some = [session.start(plan(), {"x": f"{number}"}) for number in range(turn, turn + 10)]
            for run in await asyncio.gather(*(one.wait() for one in some)):
                assert run.outcome is Outcome.FINISHED, run.failure
                assert run.result == f"C B A {run.inputs['x']}"
                print(run.id, flush=True)
    finally:
        await session.aclose()


async def left(home: Path) -> None:
    """Stop a run after its first step."""
    session = session_in(home, lambda call: Reply(text="x", delay_s=60 if call.messages[-1].content[0] == "B" else 0))
    handle = session.start(plan(), {"x": "left"}, cache=False)
    async for event in handle.events():
        if getattr(event, "node", "") == "b":
            handle.cancel()
    print((await handle.wait()).id, flush=True)
    await session.aclose()


async def resume(home: Path, run: str) -> None:
    """Go on with a run as soon as told to, and say whether that was possible."""
    session = session_in(home, lambda call: Reply(text="x", delay_s=0.3))
    session.store.list(1)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        went_on = await (await session.resume(run, cache=False)).wait()
        print("won", went_on.outcome, flush=True)
    except StorageError as error:
        print("lost", error.message, flush=True)
    await session.aclose()


if __name__ == "__main__":
    home, what, *rest = sys.argv[1:]
    work = {"many": many, "left": left, "resume": resume}[what]
    asyncio.run(work(Path(home), *(int(value) if value.isdigit() else value for value in rest)))
