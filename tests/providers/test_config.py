"""A user's ``litellm-config.yaml`` becomes models that LiteLLM's own router calls, against a server on this machine."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import yaml

from nubem_jupyter.core.call import Message, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.errors import CallFailedError, ModelUnavailableError
from nubem_jupyter.ports import CatalogSource, Provider
from nubem_jupyter.providers.config import ConfigProvider
from nubem_jupyter.providers.config.document import read_document
from nubem_jupyter.providers.config.mark import MARK
from nubem_jupyter.providers.litellm import installed_version
from nubem_jupyter.providers.litellm.keys import load_key_ways
from nubem_jupyter.providers.litellm.prices import package_folder
from nubem_jupyter.providers.litellm.provider import import_library
from nubem_jupyter.session.adapters import make_providers
from nubem_jupyter.session.catalog import SessionCatalog
from nubem_jupyter.session.settings import Settings
from nubem_jupyter.testing import Reply, gather
from nubem_jupyter.testing.conformance import CatalogSourceConformance, ProviderConformance
from nubem_jupyter.testing.openai_server import Fault, OpenAIServer, Served

pytestmark = [
    pytest.mark.skipif(installed_version() is None, reason="LiteLLM is an optional extra and not installed"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
SECRET = "literal-key-in-the-file"
NAMED = "value-of-the-variable"
SCHEMA_ANSWER = json.dumps({"city": "Paris", "capital": True})


def school(body: dict[str, Any]) -> Served:
    """Answer each of the suite's calls as it expects."""
    text = SCHEMA_ANSWER if body.get("response_format") else "one two three four five six"
    most = body.get("max_tokens", 100)
    words = text.split(" ")
    if body.get("response_format") or len(words) <= most:
        return Reply(text=text, word_s=0.01)
    return Reply(text=" ".join(words[:most]), finish_reason="length")


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(school).running_apart() as served:
        yield served


@pytest.fixture(autouse=True)
def fresh(server: OpenAIServer) -> None:
    server.answer = school
    server.asked.clear()
    server.requests.clear()


def deployment(name: str, model: str, **parameters: Any) -> dict[str, Any]:
    return {"model_name": name, "litellm_params": {"model": model, **parameters}}


def written(folder: Path, *deployments: dict[str, Any], **more: Any) -> Path:
    path = folder / "litellm-config.yaml"
    path.write_text(yaml.safe_dump({"model_list": list(deployments), **more}), "utf-8")
    return path


def provider(path: Path, *, trusted: bool = True, optional: bool = False, **environ: str) -> ConfigProvider:
    return ConfigProvider(path, environ, trusted=trusted, optional=optional)


def listed(path: Path, *, trusted: bool = True, **environ: str) -> dict[str, ModelInfo]:
    return {info.id: info for info in provider(path, trusted=trusted, **environ).models()}


def ask(name: str = "config/m") -> ModelCall:
    return ModelCall(model=ModelId(name), messages=(Message(role="user", content="hello"),))


class TestConfigProvider(ProviderConformance):
    model = ModelId("config/m")

    @pytest.fixture(autouse=True)
    def file(self, tmp_path: Path, server: OpenAIServer) -> None:
        self.path = written(tmp_path, deployment("m", "openai/gpt-4o", api_base=server.url, api_key=SECRET))

    def make(self) -> Provider:
        return provider(self.path)


class TestConfigCatalog(CatalogSourceConformance):
    @pytest.fixture(autouse=True)
    def file(self, tmp_path: Path) -> None:
        self.path = written(tmp_path, deployment("m", "openai/gpt-4o"), deployment("n", "groq/unknown-thing"))

    def make(self) -> CatalogSource:
        return provider(self.path)


def test_a_model_is_ready_where_one_of_its_deployments_has_its_keys(tmp_path: Path) -> None:
    """Else it says which variables are missing, all that would do."""
    path = written(
        tmp_path,
        deployment("m", "openai/gpt-4o", api_key="os.environ/MY_KEY"),
        deployment("m", "azure/gpt-4o", api_key="os.environ/HER_KEY", api_base="os.environ/HER_BASE"),
        deployment("usual", "gpt-4o"),
        deployment("free", "openai/anything", api_base="http://127.0.0.1:1/v1"),
        deployment("written", "openai/x", api_key=SECRET),
    )
    found = listed(path)
    assert found["config/m"].missing == ("set MY_KEY in the environment or set HER_BASE and HER_KEY in the environment")
    assert found["config/m"].provider == "openai+azure"
    assert found["config/usual"].missing == "set OPENAI_API_KEY in the environment"
    assert [name for name, info in found.items() if info.available] == ["config/free", "config/written"]
    opened = listed(path, MY_KEY=NAMED, OPENAI_API_KEY=NAMED)
    assert all(info.available for info in opened.values())
    assert (opened["config/m"].via, opened["config/usual"].provider) == ("config", "openai")
    assert not any(secret in repr((found, opened)) for secret in (SECRET, NAMED))


def test_figures_are_those_that_hold_whoever_answers(tmp_path: Path) -> None:
    """A fallback may be dearer, and what is set aside for a call must do for it, too."""
    own = {"input_cost_per_token": 0.5, "output_cost_per_token": 1.0}
    path = written(
        tmp_path,
        deployment("m", "openai/gpt-4o"),
        deployment("m", "openai/gpt-4o-mini"),
        deployment("dear", "openai/unheard-of", **own),
        deployment("odd", "openai/unheard-of"),
        router_settings={"fallbacks": [{"m": ["dear"]}, {"dear": ["odd"]}]},
    )
    found = listed(path, OPENAI_API_KEY=NAMED)
    price = found["config/m"].price
    assert price is not None
    assert (price.input_usd.value, price.input_usd.source) == (0.5, "listed: litellm-config.yaml")
    assert found["config/m"].context_tokens
    assert "tools" in found["config/m"].features
    assert found["config/dear"].price is None
    assert found["config/odd"].context_tokens is None


@pytest.mark.parametrize(
    ("parameters", "regions"),
    [
        ([{"model": "bedrock/eu.amazon.nova-lite-v1:0"}], ("eu",)),
        ([{"model": "bedrock/x", "aws_region_name": "eu-north-1"}], ("eu-north-1",)),
        ([{"model": "bedrock/x", "aws_region_name": "os.environ/MY_REGION"}], ("eu-west-3",)),
        ([{"model": "bedrock/x", "aws_region_name": "os.environ/UNSET"}], ("eu-south-1",)),
        ([{"model": "bedrock/x"}], ("eu-south-1",)),
        ([{"model": "openai/x", "region_name": "eu"}, {"model": "openai/y", "region_name": "us"}], ("eu", "us")),
        ([{"model": "openai/x", "region_name": "eu"}, {"model": "openai/y"}], ()),
        ([{"model": "bedrock/x", "api_base": "http://127.0.0.1:1"}], ()),
        ([{"model": "openai/x"}], ()),
    ],
)
def test_where_a_model_runs_is_known_where_it_is_of_all_who_may_answer(
    tmp_path: Path, parameters: list[dict[str, str]], regions: tuple[str, ...]
) -> None:
    path = written(tmp_path, *(deployment("m", **one) for one in parameters))
    found = listed(path, MY_REGION="eu-west-3", AWS_REGION_NAME="eu-south-1", OPENAI_API_KEY=NAMED)
    assert found["config/m"].regions == regions


def test_a_fallback_that_runs_elsewhere_counts_as_well(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        deployment("m", "openai/gpt-4o", region_name="eu"),
        deployment("far", "openai/gpt-4o", region_name="us"),
        router_settings={"fallbacks": [{"m": ["far"]}]},
    )
    found = listed(path, OPENAI_API_KEY=NAMED)
    assert (found["config/m"].regions, found["config/far"].regions) == (("eu", "us"), ("us",))


def test_a_file_that_was_written_for_a_proxy_lists_nothing(tmp_path: Path) -> None:
    """Its models are listed already, under the names by which they are called without the proxy."""
    path = written(tmp_path, deployment("m", "openai/gpt-4o", api_key=SECRET))
    path.write_text(f"{MARK} from the models.\n{path.read_text('utf-8')}", "utf-8")
    assert not provider(path, optional=True).models()
    with pytest.raises(ModelUnavailableError, match="has written it") as told:
        asyncio.run(provider(path).refresh())
    assert "first line" in told.value.hint


def test_an_address_on_this_machine_does_not_make_a_model_local(tmp_path: Path) -> None:
    """A proxy may listen there, and pass on what must not leave."""
    path = written(tmp_path, deployment("m", "openai/x", api_base="http://127.0.0.1:1/v1"))
    assert not any(info.local for info in listed(path).values())


OPENAI = "os.environ/OPENAI_API_KEY"


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        ("openai/gpt-4o", {"api_key": OPENAI, "api_base": "https://elsewhere.example/v1"}),
        ("openai/gpt-4o", {"api_key": OPENAI, "base_url": "os.environ/ELSEWHERE"}),
        ("openai/gpt-4o", {"api_key": OPENAI, "api_base": "http://127.0.0.1:1/v1"}),
        ("openai/gpt-4o", {"extra_headers": {"X": OPENAI}}),
        ("openai/gpt-4o", {"api_key": SECRET}),
        ("openai/gpt-4o", {"api_key": {"a": "b"}}),
        ("openai/gpt-4o", {"api_key": "os.environ/DEEPSEEK_API_KEY"}),
        ("openai/gpt-4o", {"input_cost_per_token": 0, "output_cost_per_token": 0}),
        ("openai/gpt-4o", {"max_tokens": "os.environ/DEEPSEEK_API_KEY"}),
        ("openai/gpt-4o", {"tags": ["os.environ/DEEPSEEK_API_KEY"]}),
        ("openai/gpt-4o", {"custom_llm_provider": "deepseek"}),
        ("deepseek/deepseek-chat", {"api_key": OPENAI}),
        ("bedrock/anthropic.claude-3-sonnet-20240229-v1:0", {"aws_region_name": "x.elsewhere.example/#"}),
        ("vertex_ai/gemini-2.0-flash", {"vertex_location": "elsewhere.example/#"}),
        ("openai/no-such-model", {}),
        ("gemini/../../elsewhere", {}),
        ("oobabooga/https://elsewhere.example/x", {"api_key": OPENAI}),
        ("custom/https://elsewhere.example/x", {}),
    ],
)
def test_a_file_that_nobody_named_says_no_more_than_a_model_and_its_providers_key(
    tmp_path: Path, model: str, parameters: dict[str, Any]
) -> None:
    """It may have come with somebody else's workspace, and would send words or keys where it likes."""
    path = written(tmp_path, deployment("m", model, **parameters))
    keys = load_key_ways(package_folder())
    environ = dict.fromkeys((*keys.names, "ELSEWHERE"), NAMED)
    (info,) = listed(path, trusted=False, **environ).values()
    assert "litellm_config" in info.missing
    assert not info.available


async def test_a_file_that_nobody_named_is_called_as_the_table_names_it_and_asks_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []

    class Asked(Exception):
        """Stands for a provider that fails."""

    class Router:
        def __init__(self, **given: Any) -> None:
            told.append(given)

        async def acompletion(self, **_: Any) -> None:
            raise Asked

        def discard(self) -> None:
            """End."""

    monkeypatch.setattr(import_library(), "Router", Router)
    path = written(
        tmp_path,
        deployment("m", "gpt-4o", api_key=OPENAI, weight=2, rpm=10),
        deployment("theirs", "openai/x", api_base="https://elsewhere.example"),
        router_settings={"fallbacks": [{"m": [{"model": "oobabooga/https://elsewhere.example"}]}], "timeout": 3},
    )
    async with aclosing(provider(path, trusted=False, OPENAI_API_KEY=NAMED)) as made:
        with pytest.raises(CallFailedError):
            await gather(made, ask())
    parameters = {"model": "openai/gpt-4o", "api_key": OPENAI, "weight": 2, "rpm": 10}
    assert told == [{"model_list": [{"model_name": "m", "litellm_params": parameters}], "num_retries": 0}]


def test_whatever_may_be_a_key_in_a_file_is_shown_by_no_message(tmp_path: Path) -> None:
    """Also in headers, in credentials, and in an address."""
    path = written(
        tmp_path,
        deployment("m", "openai/x", api_key="first-key", extra_headers={"Authorization": ["second-key"]}),
        deployment("n", "vertex_ai/x", vertex_credentials="third-key", vertex_location="europe-west4"),
        deployment("o", "openai/x", api_base="https://me:fourth-key@host.example", api_key=OPENAI),
        deployment("p", "openai/x", api_base="https://host.example/v1", rpm=3),
    )
    hidden = set(read_document(path).secrets.values())
    assert hidden == {"first-key", "second-key", "third-key", "https://me:fourth-key@host.example"}


async def test_a_variable_is_looked_up_and_the_deployment_gets_what_it_names(
    tmp_path: Path, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", NAMED)
    path = written(tmp_path, deployment("m", "openai/inner", api_key="os.environ/MY_KEY", api_base=server.url))
    async with aclosing(ConfigProvider(path, os.environ, trusted=True)) as made:
        heard = await gather(made, ask())
    assert heard.answer.text == "one two three four five six"
    assert server.requests[-1]["model"] == "inner"
    assert server.asked[-1].headers["authorization"] == f"Bearer {NAMED}"


async def test_what_fails_falls_back_to_whom_the_file_names(tmp_path: Path, server: OpenAIServer) -> None:
    server.answer = lambda body: Fault(status=500) if body["model"] == "bad" else school(body)
    path = written(
        tmp_path,
        deployment("m", "openai/bad", api_key=SECRET, api_base=server.url),
        deployment("other", "openai/good", api_key=SECRET, api_base=server.url),
        router_settings={"fallbacks": [{"m": ["other"]}]},
    )
    async with aclosing(provider(path)) as made:
        assert (await gather(made, ask())).answer.text.startswith("one two")
    assert [body["model"] for body in server.requests] == ["bad", "good"]


async def test_weights_spread_calls_over_deployments(tmp_path: Path, server: OpenAIServer) -> None:
    """All of the weight on one of them: the other is never asked."""
    both = (deployment("m", f"openai/{name}", api_key=SECRET, api_base=server.url) for name in ("all", "none"))
    heavy, light = both
    heavy["litellm_params"]["weight"], light["litellm_params"]["weight"] = 1, 0
    async with aclosing(provider(written(tmp_path, heavy, light))) as made:
        for _ in range(6):
            await gather(made, ask())
    assert {body["model"] for body in server.requests} == {"all"}


@pytest.mark.parametrize(
    ("parameters", "weights"),
    [
        ([{}, {}], [1, 1]),
        ([{"weight": 3}, {"weight": 1, "rpm": 500}], [3, 1]),
        ([{"weight": 3}, {}], [3, 0]),
        ([{"rpm": 60}, {"rpm": 30}], [60, 30]),
        ([{"tpm": 6000}, {"tpm": 3000}], [6000, 3000]),
        ([{"weight": "odd"}, {"weight": -1}], [1, 1]),
    ],
)
def test_deployments_are_listed_with_their_weights_and_limits(
    tmp_path: Path, parameters: list[dict[str, Any]], weights: list[float]
) -> None:
    """By the first of weight, rpm and tpm that is said, as LiteLLM's router does."""
    path = written(tmp_path, *(deployment("m", "openai/gpt-4o", **one) for one in parameters))
    sites = listed(path, OPENAI_API_KEY=NAMED)["config/m"].deployments
    assert [site.id for site in sites] == ["config/m#1", "config/m#2"]
    assert [site.weight for site in sites] == weights
    assert [site.calls_per_min for site in sites] == [one.get("rpm") for one in parameters]
    assert [site.tokens_per_min for site in sites] == [one.get("tpm") for one in parameters]


def test_a_deployment_says_what_it_lacks_and_where_it_runs(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        deployment("m", "openai/gpt-4o", region_name="eu", api_key="os.environ/UNSET"),
        deployment("m", "openai/gpt-4o-mini", api_key=SECRET),
        deployment("alone", "openai/gpt-4o", api_key=SECRET, rpm=7),
        deployment("plain", "openai/gpt-4o", api_key=SECRET),
    )
    found = listed(path)
    first, second = found["config/m"].deployments
    assert (first.missing, first.regions) == ("set UNSET in the environment", ("eu",))
    assert (second.missing, second.regions) == ("", ())
    assert first.price != second.price
    assert [site.calls_per_min for site in found["config/alone"].deployments] == [7]
    assert found["config/plain"].deployments == ()


@pytest.mark.parametrize(
    ("routing", "spread"),
    [
        ({}, True),
        ({"routing_strategy": "simple-shuffle", "timeout": 9}, True),
        ({"routing_strategy": "latency-based-routing"}, False),
        ({"cooldown_time": 5}, False),
        ({"fallbacks": [{"m": ["other"]}]}, False),
        ({"default_fallbacks": ["other"]}, False),
        ({"fallbacks": [{"other": ["m"]}]}, True),
    ],
)
def test_what_the_file_says_of_routing_is_left_to_the_router(
    tmp_path: Path, routing: dict[str, Any], spread: bool
) -> None:
    models = [deployment(name, "openai/gpt-4o", api_key=SECRET) for name in ("m", "m", "other")]
    assert bool(listed(written(tmp_path, *models, router_settings=routing))["config/m"].deployments) is spread
    ordered = [deployment("m", "openai/gpt-4o", api_key=SECRET, order=place) for place in (1, 2)]
    assert listed(written(tmp_path, *ordered))["config/m"].deployments == ()


async def test_a_deployment_is_called_that_is_asked_for(tmp_path: Path, server: OpenAIServer) -> None:
    path = written(
        tmp_path,
        deployment("m", "openai/first", api_key=SECRET, api_base=server.url),
        deployment("m", "openai/second", api_key=SECRET, api_base=server.url),
        deployment("m", "openai/third", api_key="os.environ/UNSET", api_base=server.url),
        deployment("n", "openai/fourth", api_key=SECRET, api_base=server.url),
        deployment("n", "openai/fifth", api_key="os.environ/UNSET", api_base=server.url),
    )
    async with aclosing(provider(path)) as made:
        for name in ("m#2", "m#1", "m#2", "n#4"):
            await gather(made, ask(f"config/{name}"))
        assert [body["model"] for body in server.requests] == ["second", "first", "second", "fourth"]
        for name in ("m#3", "n#5"):
            with pytest.raises(ModelUnavailableError) as caught:
                await gather(made, ask(f"config/{name}"))
            assert caught.value.hint == "set UNSET in the environment"


async def test_a_deployment_that_fails_can_be_asked_again_at_once(tmp_path: Path, server: OpenAIServer) -> None:
    """Who is left alone, and for how long, is decided by whoever spreads the calls, and not here as well."""
    models = [deployment("m", f"openai/{name}", api_key=SECRET, api_base=server.url) for name in ("one", "two")]
    async with aclosing(provider(written(tmp_path, *models))) as made:
        server.answer = lambda body: Fault(status=500)
        for _ in range(4):
            with pytest.raises(CallFailedError):
                await gather(made, ask("config/m#1"))
        server.answer = school
        assert (await gather(made, ask("config/m#1"))).answer.text
    assert {body["model"] for body in server.requests} == {"one"}


async def test_an_error_holds_no_key_of_the_file(tmp_path: Path, server: OpenAIServer) -> None:
    server.answer = lambda _: Fault(status=500, message=f"the key {SECRET} is odd")
    path = written(tmp_path, deployment("m", "openai/x", api_key=SECRET, api_base=server.url))
    async with aclosing(provider(path)) as made:
        with pytest.raises(CallFailedError) as caught:
            await gather(made, ask())
    assert "config/m" in str(caught.value)
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None


async def test_a_router_is_made_once_for_calls_at_once(
    tmp_path: Path, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows which deployments failed lately; and nothing is read anew for a call."""
    path = written(tmp_path, deployment("m", "openai/x", api_key=SECRET, api_base=server.url))
    async with aclosing(provider(path)) as made:
        library, built = import_library(), []
        router = library.Router
        monkeypatch.setattr(library, "Router", lambda **told: built.append(told) or router(**told))
        await asyncio.gather(*(gather(made, ask()) for _ in range(4)))
        monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was read for a call"))
        await gather(made, ask())
    assert len(built) == 1


async def test_what_the_router_refuses_is_told_without_a_key(tmp_path: Path) -> None:
    path = written(tmp_path, deployment("m", "openai/x", api_key=SECRET), router_settings={"routing_strategy": "odd"})
    with pytest.raises(ModelUnavailableError, match="cannot be used") as caught:
        await gather(provider(path), ask())
    assert SECRET not in str(caught.value)


async def test_an_entry_that_the_router_refuses_is_not_available_and_the_others_are(
    tmp_path: Path, server: OpenAIServer
) -> None:
    path = written(
        tmp_path,
        deployment("m", "openai/x", api_key=SECRET, api_base=server.url),
        deployment("odd", "nowhere/x", api_key=SECRET),
        deployment("often", "openai/x", api_key=SECRET, api_base=server.url, rpm="abc"),
        deployment("keyed", "openai/x", api_key=[SECRET], api_base=server.url),
    )
    async with aclosing(provider(path)) as made:
        assert all(info.available for info in made.models())
        with pytest.raises(ModelUnavailableError, match="config/often cannot be called") as caught:
            await gather(made, ask("config/often"))
        assert "mend entry 3 of 'model_list'" in caught.value.hint
        assert "'rpm'" in caught.value.hint
        assert (await gather(made, ask())).answer.text
        missing = {info.id: info.missing for info in made.models() if not info.available}
        assert set(missing) == {"config/odd", "config/often", "config/keyed"}
        assert SECRET not in str(missing)
        written(tmp_path, deployment("often", "openai/x", api_key=SECRET, api_base=server.url))
        assert (await gather(made, ask("config/often"))).answer.text, "a file that was mended is taken"


async def test_where_the_router_refuses_all_each_says_what_to_mend(tmp_path: Path) -> None:
    path = written(tmp_path, deployment("m", "nowhere/x", api_key=SECRET))
    async with aclosing(provider(path)) as made:
        for _ in range(2):
            with pytest.raises(ModelUnavailableError, match="config/m cannot be called") as caught:
                await gather(made, ask())
            assert "mend entry 1 of 'model_list'" in caught.value.hint


async def test_a_file_that_changes_is_read_again(tmp_path: Path, server: OpenAIServer) -> None:
    path = written(tmp_path, deployment("m", "openai/first", api_key=SECRET, api_base=server.url))
    async with aclosing(provider(path)) as made:
        before = made.models()
        assert made.models() is before
        await gather(made, ask())
        written(tmp_path, deployment("m", "openai/the-second", api_key=SECRET, api_base=server.url))
        assert made.models() is not before
        await gather(made, ask())
        path.unlink()
        assert made.models() == ()
    assert [body["model"] for body in server.requests] == ["first", "the-second"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"model_list: [", "no YAML at line"),
        (f"model_list:\n - api_key: '{SECRET}".encode(), "no YAML at line"),
        (b"\xff\xfe\x00\xd8", "no YAML"),
        (b"just words", "no list 'model_list'"),
        (b"model_list: {a: b}", "no list 'model_list'"),
        (b"", "no list 'model_list'"),
        (b"model_list: [3]", "entry 1 of 'model_list'"),
        (b"model_list: [{model_name: a, litellm_params: {}}]", "entry 1 of 'model_list'"),
        (b"a: !!python/object/apply:os.system ['true']", "no YAML"),
        (b"#" * 5_000_000, "too large"),
        (b"model_list: []\nlitellm_settings: {fallbacks: 5}", "'fallbacks' is no list"),
        (b"model_list: []\nrouter_settings: {fallbacks: [{a: 5}]}", "'fallbacks' is no list"),
        (b"model_list: []\nrouter_settings: {default_fallbacks: [5]}", "'default_fallbacks' is no list"),
    ],
    ids=range(13),
)
async def test_a_file_that_cannot_be_used_is_told_by_name_and_lists_nothing(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "litellm-config.yaml"
    path.write_bytes(content)
    made = provider(path)
    assert made.models() == ()
    with pytest.raises(ModelUnavailableError, match=reason) as caught:
        await made.refresh()
    assert str(path) in caught.value.message
    with pytest.raises(ModelUnavailableError, match=reason):
        await gather(made, ask())
    assert "mend the file" in caught.value.hint
    assert SECRET not in str(caught.value)
    written(tmp_path, deployment("m", "openai/x", api_key=SECRET))
    assert [info.id for info in await made.refresh()] == ["config/m"]


async def test_only_a_file_that_was_named_is_missed(tmp_path: Path) -> None:
    assert await provider(tmp_path / "nowhere.yaml", optional=True).refresh() == ()
    with pytest.raises(ModelUnavailableError, match="it is not there"):
        await provider(tmp_path / "nowhere.yaml").refresh()


async def test_a_session_finds_the_file_of_its_workspace_and_tells_what_is_wrong_with_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", workspace=tmp_path)
    assert "config" not in make_providers(settings, {})
    written(tmp_path, deployment("m", "openai/gpt-4o"))
    providers = make_providers(settings, {})
    assert [info.id for info in providers["config"].models()] == ["config/m"]
    (tmp_path / "litellm-config.yaml").write_text("model_list: [", "utf-8")
    catalog = SessionCatalog(providers, home=settings.home, workspace=tmp_path, rng=random.Random(1))
    await catalog.ready()
    (trouble,) = catalog.troubles
    assert trouble.where == "config"
    assert "no YAML" in trouble.message


def test_listing_imports_no_library_of_models(tmp_path: Path) -> None:
    path = written(tmp_path, deployment("m", "openai/gpt-4o", api_key=SECRET))
    program = (
        "import sys, pathlib\nfrom nubem_jupyter.providers.config import ConfigProvider\n"
        f"assert ConfigProvider(pathlib.Path({str(path)!r}), {{}}, trusted=True).models()\n"
        "sys.exit('litellm' in sys.modules or 'httpx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
