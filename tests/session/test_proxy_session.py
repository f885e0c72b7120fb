"""Runs over the real LiteLLM proxy on loopback, as a user has them: with its address and key in the environment."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from typing import Any

import pytest
import yaml

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.event import NodeFinished, NodeRetried, RunEnded, Tokens
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.errors import NubemError
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing.openai_server import Dropped, OpenAIServer, Served
from nubem_jupyter.testing.scripted_provider import Reply

pytestmark = [pytest.mark.proxy, pytest.mark.timeout(1500)]

MASTER = f"sk-{secrets.token_hex(24)}"
UPSTREAM_KEY = "sk-of-the-upstream-0815"
WORDS = " ".join(f"word{number}" for number in range(12))
ALPHA = Constraints(models=("proxy/alpha",))
BOTH = Constraints(models=("proxy/alpha", "proxy/beta"))
ASKING = Flow.build("ask").input("x").model("a", "Repeat {x}").output("a")


UNENDING = Reply(text="never " * 1000, word_s=0.3)


class Upstream:
    """What stands behind the proxy; models in ``dying`` break off in their answer, and with ``unending`` none ends."""

    def __init__(self) -> None:
        self.dying: dict[str, int] = {}
        self.unending = False
        self.server = OpenAIServer(self.answer, keeps_open=True)

    def answer(self, body: dict[str, Any]) -> Served:
        left = self.dying.get(body["model"], 0)
        if left:
            self.dying[body["model"]] = left - 1
            return Dropped(text=WORDS, word_s=0.02)
        if self.unending:
            return UNENDING
        # Each answer has the last word of its question, so that none can be taken for another.
        asked = body["messages"][-1]["content"].split()[-1]
        return Reply(text=f"{WORDS} {asked}", word_s=0.02)


@pytest.fixture(scope="module")
def upstream():
    made = Upstream()
    with made.server.running_apart():
        yield made


@pytest.fixture(scope="module")
def real(upstream, start_proxy, tmp_path_factory):
    """The proxy with two models; it makes no second call by itself, so that what becomes of a run is the session's."""
    deployments = [
        {
            "model_name": name,
            "litellm_params": {
                "model": f"openai/{name}",
                "api_base": upstream.server.url,
                "api_key": UPSTREAM_KEY,
                "input_cost_per_token": price,
                "output_cost_per_token": price,
            },
        }
        for name, price in (("alpha", 1e-6), ("beta", 2e-6))
    ]
    document = {
        "model_list": deployments,
        "litellm_settings": {"num_retries": 0},
        "router_settings": {"disable_cooldowns": True, "num_retries": 0},
        "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY"},
    }
    config = tmp_path_factory.mktemp("proxy") / "litellm-config.yaml"
    config.write_text(yaml.safe_dump(document), "utf-8")
    return start_proxy(config, {"LITELLM_MASTER_KEY": MASTER})


@pytest.fixture
def open_session(real, upstream, tmp_path):
    upstream.dying.clear()
    upstream.unending = False

    @asynccontextmanager
    async def opened(environ=None):
        settings = Settings(home=tmp_path / "home", workspace=tmp_path, providers=("servers",), cache=False)
        known = {"LITELLM_PROXY_URL": real.url, "LITELLM_MASTER_KEY": MASTER} if environ is None else environ
        session = Session(settings, known)
        try:
            yield session
        finally:
            await session.aclose()

    return opened


class Screen:
    """What a reader of the events shows: text as it comes, until it is told to forget it."""

    def __init__(self) -> None:
        self.text = ""
        self.pieces = 0
        self.retries: list[NodeRetried] = []
        self.done: list[str] = []

    def take(self, event) -> None:
        match event:
            case Tokens(text=text):
                self.text += text
                self.pieces += 1
            case NodeRetried():
                self.text = ""
                self.retries.append(event)
            case NodeFinished() | RunEnded():
                self.done.append(type(event).__name__)


async def watched(session, plan, word, look=lambda screen: None):
    """Run, and return the run with what a reader saw; ``look`` is shown it after each event."""
    screen = Screen()
    handle = session.start(plan, {"x": word})
    async for event in handle.events():
        screen.take(event)
        look(screen)
    return await handle.wait(), screen


def calls_seen(session, name):
    (info,) = (info for info in session.models() if info.id == name)
    return info.error_rate


async def test_text_comes_as_it_is_written_and_the_call_is_learned_from(open_session):
    async with open_session() as session:
        run, screen = await watched(session, await session.plan(ASKING, constraints=ALPHA), "hello")
        assert (run.outcome, run.result, screen.text) == (Outcome.FINISHED, f"{WORDS} hello", f"{WORDS} hello")
        assert screen.pieces > 3
        assert screen.retries == []
        assert run.nodes[-1].cost_usd > 0
        (info,) = (info for info in session.models() if info.id == "proxy/alpha")
        assert info.speed.first_token_s.value > 0
        assert info.speed.tokens_per_s.n == info.error_rate.n == 1
        assert info.error_rate.value == 0.0


async def test_a_refused_key_is_one_sentence_and_a_hint(open_session, real):
    """The proxy lists no models for it; a run whose key was exchanged since its plan calls nothing with it."""
    wrong = f"sk-{secrets.token_hex(24)}"
    environ = {"LITELLM_PROXY_URL": real.url, "LITELLM_MASTER_KEY": wrong}
    async with open_session(environ) as session:
        with pytest.raises(NubemError) as caught:
            await session.plan(ASKING, constraints=ALPHA)
        assert caught.value.hint
        (trouble,) = session.catalog.troubles
        assert "refused the key" in trouble.message
        assert trouble.hint
        assert wrong not in f"{caught.value} {trouble}"

        environ["LITELLM_MASTER_KEY"] = MASTER
        await session.catalog.refresh()
        plan = await session.plan(ASKING, constraints=ALPHA)
        environ["LITELLM_MASTER_KEY"] = wrong
        run = await session.run(plan, {"x": "hello"})
        assert run.outcome is Outcome.FAILED
        assert run.failure.message == "proxy/alpha is not listed any more", (
            "what one key may call says nothing of another"
        )
        assert run.failure.hint == "plan again"
        assert wrong not in f"{run.failure} {run.log} {run.nodes}"
        await session.catalog.refresh()
        (trouble,) = session.catalog.troubles
        assert "refused the key" in trouble.message
        environ["LITELLM_MASTER_KEY"] = MASTER
        await session.catalog.refresh()
        assert calls_seen(session, "proxy/alpha") is None


async def test_a_deployment_that_keeps_dying_in_its_answer_gives_way_to_the_next(open_session, upstream):
    """What it said is taken back each time: the text on the screen and the result are one whole answer."""
    async with open_session() as session:
        plan = await session.plan(ASKING, constraints=BOTH)
        assert plan.route["a"].model == "proxy/alpha"
        upstream.dying["alpha"] = 100
        run, screen = await watched(session, plan, "hello")
        assert (run.outcome, run.result, screen.text) == (Outcome.FINISHED, f"{WORDS} hello", f"{WORDS} hello")
        assert run.nodes[-1].model == "proxy/beta"
        assert screen.retries[-1].model == "proxy/beta"
        assert len(screen.retries) == run.nodes[-1].tries - 1
        assert screen.done == ["NodeFinished", "RunEnded"]
        assert calls_seen(session, "proxy/alpha").value == 1.0
        assert calls_seen(session, "proxy/beta").value == 0.0
        assert UPSTREAM_KEY not in f"{run}{run.nodes}{run.log}"


async def test_killed_and_started_again_under_load_it_costs_no_run_and_no_text(open_session, real, upstream):
    """Thirty runs at once, and no other model to go to: calls that broke are made again once it is back."""
    async with open_session() as session:
        plan = await session.plan(ASKING, constraints=ALPHA)
        await session.run(plan, {"x": "first"})
        words = [f"nr{number}" for number in range(30)]
        over = asyncio.Event()
        writing = asyncio.Event()
        results = []

        def look(screen):
            if screen.text.startswith("never"):
                writing.set()

        async def keep_asking(word):
            while True:
                last = over.is_set()
                results.append((word, *await watched(session, plan, word, look)))
                if last:
                    return

        async def restart():
            upstream.unending = True
            await writing.wait()
            await asyncio.to_thread(real.kill)  # in the middle of an answer, however busy this machine is
            upstream.unending = False
            await asyncio.sleep(1.0)
            await asyncio.to_thread(real.start)
            over.set()

        async with asyncio.timeout(600):
            await asyncio.gather(restart(), *map(keep_asking, words))
        assert {run.outcome for _, run, _ in results} == {Outcome.FINISHED}
        assert all(run.result == screen.text == f"{WORDS} {word}" for word, run, screen in results)
        assert any(screen.retries for _, _, screen in results)
        assert len({run.id for _, run, _ in results}) == len(results)
        assert 0 < calls_seen(session, "proxy/alpha").value < 1
