"""Random flows of every kind of step, their plans, and sessions that run them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from hypothesis import strategies as st
from moody_provider import MODELS

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Plan
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.hedge import HedgePolicy, Hedger
from nubem_jupyter.session.deployments import Deployments
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings

INPUTS = {"x": "one two", "xs": ["a", "b", "c"]}
SELDOM = st.sampled_from([False, False, True])
NEVER = st.just(False)


def prompt(name, sources):
    return f"{name} " + " ".join(f"{{{source}}}" for source in sources)


@st.composite
def bodies(draw, given_names, forgiving):
    """A flow of one or two steps in a row, which may give a number, or give up where the flow is forgiving."""
    builder = Flow.build("body")
    for name in given_names:
        builder.input(name, optional=True)
    outputs = st.sampled_from(["text", "number"])
    builder.model("t", prompt("t", given_names), max_tokens=6, optional=draw(forgiving), output=draw(outputs))
    if draw(st.booleans()):
        builder.model("u", "u {t}", max_tokens=6, output=draw(outputs))
    if draw(st.integers(0, 4)) == 0:
        builder.model("beside", prompt("beside", given_names), max_tokens=6)
    return builder.output("u" if any(node["id"] == "u" for node in builder._nodes) else "t")


@st.composite
def flows(draw, forgiving=SELDOM):
    """Directed acyclic graphs of 1 to 8 steps of every kind; ``forgiving`` draws what may fail without failing all."""
    builder, names = Flow.build("random").input("x").input("xs"), ["x"]
    for index in range(draw(st.integers(1, 8))):
        name, optional = f"n{index}", draw(forgiving)
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
                body, shared = draw(bodies(["item", "more"], forgiving)), {"more": some[0]}
                builder.map(name, body, "xs", inputs=shared, keep_errors=draw(forgiving), optional=optional)
            case "branch":
                when = Condition(operator="contains", value=draw(st.sampled_from(["ok", "none of that"])))
                otherwise = draw(st.none() | bodies(["value"], forgiving))
                builder.branch(
                    name, some[0], [(when, draw(bodies(["value"], forgiving)))], otherwise=otherwise, optional=optional
                )
            case _:
                until = Condition(operator="contains", value=draw(st.sampled_from(["ok", "none of that"])))
                inputs = {"previous": some[0]}
                builder.loop(
                    name, draw(bodies(["previous"], forgiving)), until, max_rounds=2, inputs=inputs, optional=optional
                )
        names.append(name)
    chosen = draw(st.lists(st.sampled_from(names[1:]), min_size=1, max_size=3, unique=True))
    return builder.output(*dict.fromkeys([*chosen, names[-1]]))


async def echo(**values):
    await asyncio.sleep(0.001)
    return values


def plan_of(flow):
    choice = Choice(chosen=Candidate(model=MODELS[0].id), alternatives=(Candidate(model=MODELS[1].id),))
    places = [place for place, node in flow.walk() if isinstance(node.work, Prompt)]
    return Plan(flow=flow, route=dict.fromkeys(places, choice))


def session_in(home, provider, *, hedging=True):
    session = Session(Settings(home=Path(home), workspace=Path(home), hedge=False), {}, providers={"moody": provider})
    session.add_component("test.echo", echo)
    if hedging:
        hedger = Hedger(HedgePolicy(share=1.0, least_seen=5, least_wait_s=0.004, allowance=1000))
        session._launcher.deployments = Deployments(time.monotonic, hedger)
        for model in MODELS:
            for _ in range(50):
                hedger.observer((model.id, "answer"))(0.001)
    return session
