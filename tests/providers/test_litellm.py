"""Calls through LiteLLM, against an OpenAI-shaped server on this machine."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nubem_jupyter.core.call import Message, ModelCall, Usage
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.engine.budget import cost_usd
from nubem_jupyter.errors import (
    CallFailedError,
    CallRejectedError,
    DeploymentGoneError,
    ModelUnavailableError,
    ProviderError,
)
from nubem_jupyter.ports import CatalogSource, Provider
from nubem_jupyter.providers.litellm import LiteLLMProvider, installed_version, load_key_ways, prices
from nubem_jupyter.providers.litellm import provider as provider_module
from nubem_jupyter.providers.litellm.entry import Costs
from nubem_jupyter.providers.litellm.failures import as_provider_error
from nubem_jupyter.providers.litellm.request import completion_arguments
from nubem_jupyter.providers.openai_usage import read_usage
from nubem_jupyter.testing import Heard, Reply, gather
from nubem_jupyter.testing.conformance import CatalogSourceConformance, ProviderConformance
from nubem_jupyter.testing.openai_server import Dropped, Fault, OpenAIServer, Served

pytestmark = [
    pytest.mark.skipif(installed_version() is None, reason="LiteLLM is an optional extra and not installed"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm"),
]

MODEL = ModelId("openai/gpt-4o")
KEY = "sk-loopback-0123456789"


def _school(body: dict[str, Any]) -> Served:
    """Answer any call of a known model, within its ceiling of tokens."""
    if body["model"] == "no-such-model":
        return Fault(status=404, message="there is no model no-such-model")
    if "response_format" in body:
        return Reply(text='{"city": "Paris", "capital": true}')
    words = body["messages"][-1]["content"].split()
    kept = words[: body["max_tokens"]]
    return Reply(text=" ".join(kept), word_s=0.005, finish_reason="stop" if len(kept) == len(words) else "length")


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    """Serve from a thread of its own, since each test has its own event loop."""
    served = OpenAIServer(_school)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = served.running()
    asyncio.run_coroutine_threadsafe(running.__aenter__(), loop).result(10)
    yield served
    asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture(autouse=True)
def only_loopback(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send OpenAI's calls to the loopback server, with a key that means nothing elsewhere."""
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(server, "answer", _school)


class TestLiteLLMProvider(ProviderConformance):
    model = MODEL

    def make(self) -> Provider:
        return LiteLLMProvider(os.environ)


class TestLiteLLMCatalog(CatalogSourceConformance):
    def make(self) -> CatalogSource:
        return LiteLLMProvider({})


def ask(text: str = "say something", **fields: Any) -> ModelCall:
    return ModelCall(model=MODEL, messages=(Message(role="user", content=text),), **fields)


async def served(server: OpenAIServer, answer: Served) -> Heard:
    server.answer = lambda _: answer
    async with aclosing(LiteLLMProvider(os.environ)) as provider:
        return await gather(provider, ask())


@pytest.mark.parametrize(
    ("fault", "kind", "status", "retry_after_s"),
    [
        (Fault(status=401), ModelUnavailableError, None, None),
        (Fault(status=403), ModelUnavailableError, None, None),
        (Fault(status=404), ModelUnavailableError, None, None),
        (Fault(status=400, message="maximum context length is 10 tokens"), CallRejectedError, None, None),
        (Fault(status=422), CallRejectedError, None, None),
        (Fault(status=429, headers={"Retry-After": "7"}), CallFailedError, 429, 7.0),
        (Fault(status=429), CallFailedError, 429, None),
        (Fault(status=500), CallFailedError, 500, None),
        (
            Fault(
                status=503,
                headers={"Retry-After": "Mon, 01 Jan 2029 08:00:10 GMT", "Date": "Mon, 01 Jan 2029 08:00:00 GMT"},
            ),
            CallFailedError,
            503,
            10.0,
        ),
    ],
    ids=lambda value: str(getattr(value, "status", "")),
)
async def test_each_fault_has_its_error(
    server: OpenAIServer, fault: Fault, kind: type[ProviderError], status: int | None, retry_after_s: float | None
) -> None:
    """Faults are told apart by who can mend them, are asked about once, and say how long to wait."""
    before = len(server.requests)
    with pytest.raises(kind) as caught:
        await served(server, fault)
    assert len(server.requests) == before + 1
    assert MODEL in str(caught.value)
    assert fault.message in str(caught.value)
    if isinstance(caught.value, CallFailedError):
        assert (caught.value.status, caught.value.retry_after_s) == (status, retry_after_s)


async def test_a_connection_that_breaks_is_worth_another_try(server: OpenAIServer) -> None:
    """Half an answer is never taken for an answer."""
    with pytest.raises(CallFailedError):
        await served(server, Dropped(text="half an"))


async def test_an_address_where_nobody_listens_is_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    async with aclosing(LiteLLMProvider(os.environ)) as provider:
        with pytest.raises(CallFailedError):
            await gather(provider, ask())


async def test_keys_never_reach_a_message(server: OpenAIServer) -> None:
    """A provider that repeats the key in its refusal does not put it into the notebook, or into the traceback."""
    with pytest.raises(ModelUnavailableError) as caught:
        await served(server, Fault(status=401, message=f"Incorrect API key provided: {KEY}"))
    assert KEY not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_a_cancelled_call_hangs_up(server: OpenAIServer) -> None:
    """The provider is told that nobody listens any more, so that it stops charging."""
    server.answer = lambda _: Reply(text="word " * 200, word_s=0.05)
    before = server.hung_up
    async with aclosing(LiteLLMProvider(os.environ)) as provider:
        async with aclosing(provider.stream(ask())) as chunks:
            await anext(chunks)
        async with asyncio.timeout(30):
            while server.hung_up == before:  # noqa: ASYNC110 (the server lives in another thread)
                await asyncio.sleep(0.05)


async def test_what_is_asked_reaches_the_provider(server: OpenAIServer) -> None:
    async with aclosing(LiteLLMProvider(os.environ)) as provider:
        await gather(provider, ask("hello", seed=7, temperature=0.5, max_tokens=9))
    sent = server.requests[-1]
    assert (sent["model"], sent["seed"], sent["temperature"], sent["max_tokens"]) == ("gpt-4o", 7, 0.5, 9)
    assert sent["messages"] == [{"role": "user", "content": "hello"}]


async def test_a_provider_that_tells_no_usage_is_counted_here(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call whose provider keeps its counts to itself is not free."""
    monkeypatch.setattr(server, "tells_usage", False)
    usage = (await served(server, Reply(text="one two three"))).answer.usage
    assert usage.input_tokens > 0
    assert usage.output_tokens > 0


def test_a_model_without_schemas_is_told_in_words() -> None:
    schema = {"type": "object", "properties": {"ü": {"type": "string"}}}
    told = completion_arguments(ask(schema=schema), takes_schema=False)
    assert "response_format" not in told
    assert '"ü"' in told["messages"][0]["content"]
    assert completion_arguments(ask(schema=schema), takes_schema=True)["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, False),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, False),
        ({"anyOf": [{"type": "string"}, {"type": "object"}]}, False),
        ({"type": "array", "items": {"type": "integer"}}, True),
    ],
)
def test_only_closed_schemas_are_asked_for_strictly(schema: dict[str, Any], strict: bool) -> None:
    """Providers refuse a strict schema that leaves a field open."""
    arguments = completion_arguments(ask(schema=schema), takes_schema=True)
    assert arguments["response_format"]["json_schema"]["strict"] is strict


def test_keys_open_their_models() -> None:
    """A model can be called when one way in is complete; else the sentence names what to set."""
    closed = {model.id: model for model in LiteLLMProvider({"OPENAI_API_KEY": ""}).models()}
    opened = {model.id: model for model in LiteLLMProvider({"OPENAI_API_KEY": KEY}).models()}
    assert closed[MODEL].missing == "set OPENAI_API_KEY in the environment"
    assert opened[MODEL].available
    assert all(KEY not in repr(model) for model in opened.values())
    ways = LiteLLMProvider({}).keys()
    assert (
        ways.missing("azure", {"AZURE_API_KEY": "x"}) == "set AZURE_API_BASE and AZURE_API_VERSION in the environment"
    )
    assert ways.is_open("gemini", {"GOOGLE_API_KEY": "x"})
    assert "not known" in ways.missing("nobody", {})
    assert ways.open_providers({"GROQ_API_KEY": "x"}) == {"groq": ("GROQ_API_KEY",)}
    assert "OPENAI_API_KEY" in ways.names


def test_the_list_is_made_again_only_when_a_key_came_or_went() -> None:
    """It has thousands of values, and a session may ask for it at each run's start."""
    environ: dict[str, str] = {}
    provider = LiteLLMProvider(environ)
    closed = provider.models()
    assert provider.models() is closed
    environ["OPENAI_API_KEY"] = KEY
    opened = provider.models()
    assert {info.id: info.available for info in opened}[MODEL]
    del environ["OPENAI_API_KEY"]
    assert provider.models() == closed


def test_where_the_name_says_no_region_it_is_the_environments() -> None:
    """Calls go there, so a list that was made before it was set does not hold."""
    environ: dict[str, str] = {}
    provider = LiteLLMProvider(environ)

    def regions() -> dict[str, set[tuple[str, ...]]]:
        found: dict[str, set[tuple[str, ...]]] = {}
        for info in provider.models():
            found.setdefault(info.provider, set()).add(info.regions)
        return found

    before = regions()
    assert () in before["bedrock"]
    environ |= {"AWS_REGION": "eu-west-1", "AWS_REGION_NAME": "eu-central-1", "VERTEXAI_LOCATION": "europe-west4"}
    after = regions()
    assert after["bedrock"] == before["bedrock"] - {()} | {("eu-central-1",)}
    assert () not in after["vertex_ai"]
    assert after["openai"] == {()}


def test_the_table_gives_prices_context_and_features() -> None:
    """Figures come from LiteLLM's table and say so; what it does not know is None."""
    models = {model.id: model for model in LiteLLMProvider({}).models()}
    model = models[MODEL]
    assert model.price is not None
    assert model.price.input_usd.source == f"listed: litellm {installed_version()}"
    assert model.price.output_usd.value > model.price.input_usd.value > 0
    assert {"json_schema", "tools", "vision"} <= set(model.features)
    assert (model.context_tokens or 0) > 100_000
    assert any(model.price is None for model in models.values())
    assert not any("*" in name for name in models)


def test_our_keys_are_those_that_the_library_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variables set that we tell users to set, LiteLLM itself finds nothing missing."""
    library = provider_module.import_library()
    for provider, ways in load_key_ways(prices.package_folder()).ways.items():
        with monkeypatch.context() as patched:
            patched.setattr(os, "environ", dict.fromkeys(ways[0], "x"))
            found = library.validate_environment(model=f"{provider}/some-model")
        assert found["keys_in_environment"], (provider, found["missing_keys"])


def test_listing_imports_nothing() -> None:
    """The table is read as a file: importing LiteLLM takes seconds."""
    program = (
        "import sys\nfrom nubem_jupyter.providers.litellm import LiteLLMProvider\n"
        "assert LiteLLMProvider({}).models()\nsys.exit('litellm' in sys.modules or 'httpx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


async def test_without_the_library_nothing_is_listed_and_calls_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(provider_module, "package_folder", lambda: None)
    monkeypatch.setitem(sys.modules, "litellm", None)
    provider = LiteLLMProvider({})
    assert provider.models() == ()
    assert provider.keys().is_open("openai", {"OPENAI_API_KEY": KEY})
    with pytest.raises(ModelUnavailableError) as caught:
        await gather(provider, ask())
    assert "pip install" in caught.value.hint


def test_a_table_of_another_form_costs_only_what_is_odd(tmp_path: Path) -> None:
    """A newer LiteLLM may write its files differently; the rest goes on."""
    table = tmp_path / "model_prices_and_context_window_backup.json"
    assert prices.load_entries(tmp_path / "nowhere") == {}
    table.write_text('{"a": {"litellm_provider": "x", "mode": "chat"}, "b": {"litellm_provider": 3}, "c": []}')
    assert list(prices.load_entries(tmp_path)) == ["x/a"]
    (tmp_path / "llms" / "openai_like").mkdir(parents=True)
    (tmp_path / "llms" / "openai_like" / "providers.json").write_text("{")
    assert load_key_ways(tmp_path).is_open("openai", {"OPENAI_API_KEY": KEY})


@pytest.mark.parametrize("date", ["soon", "Mon, 01 Jan 2029 08:00:10 GMT"])
def test_a_wait_that_cannot_be_told_is_none(date: str) -> None:
    error = ValueError()
    error.litellm_response_headers = {"Retry-After": date}  # type: ignore[attr-defined]
    told = as_provider_error(error, "a/b", {})
    assert isinstance(told, CallFailedError)
    assert (told.message, told.retry_after_s) == ("a/b: ValueError", None)


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (type("ConnectTimeout", (Exception,), {})(), "no connection"),
    ],
)
def test_a_call_that_reached_nobody_says_so(cause: Exception, reason: str) -> None:
    """LiteLLM calls it an error of the provider's, with a status that nobody sent."""
    error = ValueError("litellm.InternalServerError: Connection error.")
    error.status_code = 500  # type: ignore[attr-defined]
    assert as_provider_error(error, "a/b", {}).message == "a/b: Connection error"
    error.__cause__ = RuntimeError("between")
    error.__cause__.__context__ = cause
    told = as_provider_error(error, "a/b", {})
    assert isinstance(told, DeploymentGoneError)
    assert (told.message, told.status) == (f"a/b: its provider cannot be reached ({reason})", None)
    assert "network" in told.hint


async def test_a_provider_that_is_not_there_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    async with aclosing(LiteLLMProvider(os.environ)) as provider:
        with pytest.raises(DeploymentGoneError, match="cannot be reached"):
            await gather(provider, ModelCall(model=MODEL, messages=(Message(role="user", content="hello"),)))


def test_long_messages_are_cut() -> None:
    assert len(as_provider_error(ValueError("x" * 5000), "a/b", {}).message) < 400


def test_prices_of_long_prompts_are_read_with_their_bounds(tmp_path: Path) -> None:
    """Else a call with a long prompt could cost more than what was set aside for it."""
    row = {"litellm_provider": "x", "mode": "chat", "input_cost_per_token": 1.0, "output_cost_per_token": 2.0}
    tiers = {
        "input_cost_per_token_above_200k_tokens": 3.0,
        "input_cost_per_token_above_128k_tokens": 1.5,
        "output_cost_per_token_above_200k_tokens": 4.0,
        "input_cost_per_token_above_200k_tokens_batches": 9.0,
        "output_cost_per_token_above_300k_tokens": None,
        "cache_read_input_token_cost_above_200k_tokens": 0.5,
    }
    table = tmp_path / "model_prices_and_context_window_backup.json"
    table.write_text(json.dumps({"x/plain": row, "x/tiered": row | tiers}))
    entries = prices.load_entries(tmp_path)
    assert entries["x/plain"].long_prompts == ()
    assert entries["x/tiered"].long_prompts == (
        (128_000, Costs(input=1.5, output=2.0)),
        (200_000, Costs(input=3.0, output=4.0, cached=0.5)),
    )
    price = prices.listed_model("x/tiered", entries["x/tiered"], "1", "").price
    assert price.rates(250_000).input_usd.value == 3.0


TABLE = "model_prices_and_context_window_backup.json"


def listed(folder: Path, name: str = "x/m", **fields: Any) -> ModelInfo:
    """Read one row as the table's only one."""
    row = {"litellm_provider": "x", "mode": "chat", "input_cost_per_token": 1.0, "output_cost_per_token": 2.0}
    (folder / TABLE).write_text(json.dumps({name: row | fields}))
    prices.load_entries.cache_clear()
    (info,) = prices.read_table(folder)
    return info


def test_prices_by_bands_of_length_are_those_of_long_prompts(tmp_path: Path) -> None:
    bands = [
        {"range": [0, 256e3], "input_cost_per_token": 1.0, "output_cost_per_token": 2.0},
        {"range": [256e3, 1e6], "input_cost_per_token": 3.0, "output_cost_per_token": 4.0},
    ]
    price = listed(tmp_path, input_cost_per_token=None, output_cost_per_token=None, tiered_pricing=bands).price
    assert price is not None
    assert [price.rates(length).input_usd.value for length in (256_000, 256_001)] == [1.0, 3.0]


def test_tokens_with_a_price_of_their_own_have_it_where_it_is_listed(tmp_path: Path) -> None:
    """What is not listed is unknown, never free; listed at 0, writing adds nothing to what reading costs."""
    own = {"cache_read_input_token_cost": 0.1, "cache_creation_input_token_cost": 1.25}
    price = listed(tmp_path, **own, output_cost_per_reasoning_token=5.0).price
    assert price is not None
    found = (price.cached_input_usd, price.cache_write_usd, price.reasoning_usd)
    assert [figure and figure.value for figure in found] == [0.1, 1.25, 5.0]
    plain = listed(tmp_path, cache_creation_input_token_cost=0.0).price
    assert plain is not None
    assert (plain.cached_input_usd, plain.cache_write_usd, plain.reasoning_usd) == (None, None, None)


def test_a_figure_has_the_day_that_the_table_came(tmp_path: Path) -> None:
    """The table names no date of its own."""
    assert prices.read_table(tmp_path) == ()
    listed(tmp_path)
    noon = datetime(2031, 2, 3, 12, tzinfo=UTC).timestamp()
    os.utime(tmp_path / TABLE, (noon, noon))
    [info] = prices.read_table(tmp_path)
    assert info.price is not None
    assert info.price.input_usd.date == "2031-02-03"


class Memory:
    """Keeps a table, and counts how often it is read anew."""

    def __init__(self) -> None:
        self.value: tuple[str, tuple[ModelInfo, ...]] | None = None
        self.saved = 0

    def load(self) -> tuple[str, tuple[ModelInfo, ...]] | None:
        return self.value

    def save(self, value: tuple[str, tuple[ModelInfo, ...]]) -> None:
        self.value, self.saved = value, self.saved + 1


def test_a_table_that_was_kept_is_read_anew_only_where_it_is_another(tmp_path: Path) -> None:
    kept = Memory()
    expected = listed(tmp_path)
    for _ in range(2):
        assert prices.read_table(tmp_path, kept) == (expected,)
    assert kept.saved == 1
    other = listed(tmp_path, input_cost_per_token=7.0)
    assert prices.read_table(tmp_path, kept) == (other,)
    assert other != expected
    assert kept.saved == 2


@pytest.mark.parametrize(
    ("name", "provider", "regions"),
    [
        ("bedrock/us-gov-west-1/meta.llama", "bedrock", ("us-gov-west-1",)),
        ("eu.amazon.nova", "bedrock_converse", ("eu",)),
        ("anthropic.claude", "bedrock", ()),
        ("azure/us/gpt", "azure", ("us",)),
        ("us.other", "elsewhere", ()),
    ],
)
def test_regions_are_those_that_the_row_or_the_name_says(
    tmp_path: Path, name: str, provider: str, regions: tuple[str, ...]
) -> None:
    assert listed(tmp_path, name, litellm_provider=provider).regions == regions
    said = listed(tmp_path, name, litellm_provider=provider, supported_regions=["here", "there"])
    assert said.regions == ("here", "there")


def test_what_else_a_row_says_of_its_model_is_read(tmp_path: Path) -> None:
    said = {"max_output_tokens": 64, "deprecation_date": "2031-01-02", "supports_pdf_input": True}
    model = listed(tmp_path, **said, supports_web_search=False, supports_audio_input=True)
    assert (model.max_output_tokens, model.retires, model.features) == (64, "2031-01-02", ("audio", "pdf"))
    assert listed(tmp_path, deprecation_date="soon").retires == ""


async def test_tokens_that_were_read_before_or_thought_are_told_apart(server: OpenAIServer) -> None:
    used = Usage(input_tokens=9, output_tokens=7, cached_tokens=4, cache_write_tokens=3, reasoning_tokens=2)
    assert (await served(server, Reply(text="one", usage=used))).answer.usage == used


def test_what_anthropic_tells_of_its_cache_is_read_as_the_library_passes_it_on() -> None:
    """Tokens read and written are parts of the prompt there, as they are here."""
    library = provider_module.import_library()
    told = library.types.utils.Usage(
        prompt_tokens=10, completion_tokens=2, cache_creation_input_tokens=3, cache_read_input_tokens=4
    )
    used = Usage(input_tokens=10, output_tokens=2, cached_tokens=4, cache_write_tokens=3)
    assert read_usage(told) == used


def test_what_anthropic_and_gemini_tell_of_their_caches_is_billed_by_its_parts() -> None:
    """By the library's own reading of their answers, of which both count differently what a prompt is."""
    provider_module.import_library()
    from litellm.llms.anthropic.chat.transformation import AnthropicConfig
    from litellm.llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini import VertexGeminiConfig

    anthropic: dict[str, Any] = {
        "input_tokens": 100, "output_tokens": 20, "cache_creation_input_tokens": 30, "cache_read_input_tokens": 1000
    }  # fmt: skip
    told = AnthropicConfig().calculate_usage(usage_object=anthropic, reasoning_content=None)
    used = read_usage(told)
    assert used == Usage(input_tokens=1130, output_tokens=20, cached_tokens=1000, cache_write_tokens=30)
    dollars = {"input_usd": 3.0, "output_usd": 15.0, "cached_input_usd": 0.25, "cache_write_usd": 4.0}
    price = Price(**{name: Figure(value=value, source="listed in a test") for name, value in dollars.items()})
    assert cost_usd(price, used) == 100 * 3.0 + 1000 * 0.25 + 30 * 4.0 + 20 * 15.0
    gemini: Any = {
        "usageMetadata": {
            "promptTokenCount": 1100, "cachedContentTokenCount": 1000,
            "candidatesTokenCount": 20, "thoughtsTokenCount": 7, "totalTokenCount": 1127,
        }
    }  # fmt: skip
    used = read_usage(VertexGeminiConfig._calculate_usage(gemini))
    assert used == Usage(input_tokens=1100, output_tokens=27, cached_tokens=1000, reasoning_tokens=7)
    assert cost_usd(price, used) == 100 * 3.0 + 1000 * 0.25 + 27 * 15.0
