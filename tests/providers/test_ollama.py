"""Ollama's own answers become models; its cloud's models are not taken for local ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from nubem_jupyter.core.call import Message, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.errors import CallFailedError
from nubem_jupyter.providers.ollama import ADDRESS, OllamaProvider
from nubem_jupyter.testing import gather
from nubem_jupyter.testing.conformance import CatalogSourceConformance, check_models
from nubem_jupyter.testing.openai_server import Fault, OpenAIServer, Page
from nubem_jupyter.testing.scripted_provider import Reply

TAGS = {
    "models": [
        {"name": "llama3.2:3b", "size": 2019393189, "details": {"family": "llama", "parameter_size": "3.2B"}},
        {"name": "gpt-oss:120b-cloud", "remote_host": "https://ollama.com:443", "remote_model": "gpt-oss:120b"},
        {"size": 7},
        None,
    ]
}
SHOWN = {"capabilities": ["completion", "tools", "vision", "thinking"], "parameters": 'stop "x"\nnum_ctx   8192'}


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    pages = {"/api/tags": Page(content=TAGS), "/api/show": Page(content=SHOWN), "/api/version": Page(content={})}
    made = OpenAIServer(lambda _: Reply(text="hello there"), keeps_open=True, pages=pages)
    async with made.running():
        yield made


@pytest.fixture
async def provider(server: OpenAIServer) -> AsyncIterator[OllamaProvider]:
    async with aclosing(OllamaProvider(server.url)) as made:
        yield made


class TestOllamaModels(CatalogSourceConformance):
    def make(self):
        return OllamaProvider(listed=[ModelInfo(id=ModelId("ollama/a:1b"), provider="ollama", local=True)])


async def test_pulled_models_are_local_free_and_known_by_size(provider):
    pulled, _ = await provider.refresh()
    check_models(provider.models())
    assert (pulled.id, pulled.local, pulled.parameters) == ("ollama/llama3.2:3b", True, 3.2e9)
    assert pulled.features == ("json_schema", "reasoning", "seed", "tools", "vision")
    assert pulled.price is not None
    assert pulled.price.output_usd.value == 0


async def test_a_model_of_the_cloud_is_not_local_and_its_price_is_unknown(provider):
    """Its prompts leave the machine, although the address that they are sent to is on it."""
    _, cloud = await provider.refresh()
    assert (cloud.local, cloud.price, cloud.parameters) == (False, None, None)


async def test_an_ollama_elsewhere_is_not_local():
    provider = OllamaProvider("http://192.0.2.1:11434")
    assert not provider.wire.on_this_machine
    assert OllamaProvider(ADDRESS).wire.on_this_machine


async def test_context_is_the_one_that_a_model_gets(provider, server):
    """Not the one that it was trained with: Ollama cuts longer prompts without a word."""
    assert (await provider.refresh())[0].context_tokens == 8192
    server.pages["/api/ps"] = Page(content={"models": [{"name": "llama3.2:3b", "context_length": 4096}]})
    assert [info.context_tokens for info in await provider.refresh()] == [4096, 8192]
    server.pages["/api/ps"] = Page(content=[])
    server.pages["/api/show"] = Page(content={"model_info": {"llama.context_length": 131072}})
    assert (await provider.refresh())[0].context_tokens is None


async def test_a_model_is_asked_about_again_only_where_its_digest_is_another(provider, server):
    def tags(*digests):
        models = [{"name": f"m{n}", "digest": digest} for n, digest in enumerate(digests)]
        return Page(content={"models": models})

    def asked():
        names = [asked.body["model"] for asked in server.asked if asked.path == "/api/show"]
        server.asked.clear()
        return names

    server.pages["/api/tags"] = tags("a", "b")
    await provider.refresh()
    assert asked() == ["m0", "m1"]
    assert [info.context_tokens for info in await provider.refresh()] == [8192, 8192]
    assert asked() == []
    server.pages["/api/tags"] = tags("a", "c", "d")
    await provider.refresh()
    assert asked() == ["m1", "m2"]
    server.pages["/api/show"] = Fault(status=500)
    server.pages["/api/tags"] = tags("e", "c", "d")
    await provider.refresh()
    await provider.refresh()
    assert asked() == ["m0", "m0"], "what nothing was told of is asked about again"


async def test_of_many_models_a_few_are_asked_about_at_a_time(provider, server, monkeypatch):
    server.pages["/api/tags"] = Page(content={"models": [{"name": f"m{n}"} for n in range(40)]})
    under_way, most = 0, 0

    async def show(name):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return {}

    monkeypatch.setattr(provider, "_show", show)
    assert len(await provider.refresh()) == 40
    assert 1 < most <= 8


async def test_an_old_ollama_lists_without_telling_more(provider, server):
    server.pages["/api/show"] = Fault(status=404)
    assert [info.features for info in await provider.refresh()] == [("json_schema", "seed")] * 2


async def test_models_that_only_embed_are_left_out(provider, server):
    server.pages["/api/show"] = Page(content={"capabilities": ["embedding"]})
    assert await provider.refresh() == ()


async def test_an_ollama_that_stopped_leaves_its_models_listed(provider, server):
    await provider.refresh()
    for page in (Page(content=[]), Fault(status=500)):
        server.pages["/api/tags"] = page
        with pytest.raises(CallFailedError, match="Ollama"):
            await provider.refresh()
        assert [info.available for info in provider.models()] == [False, False]
        assert "ollama serve" in provider.models()[0].missing


async def test_health_is_asked_of_its_version(provider, server):
    assert (await provider.health()).ok
    del server.pages["/api/version"]
    assert not (await provider.health()).ok


async def test_calls_go_to_its_openai_shaped_endpoint_by_its_own_name(provider, server):
    call = ModelCall(model=ModelId("ollama/llama3.2:3b"), messages=(Message(role="user", content="hi"),))
    assert (await gather(provider, call)).answer.text == "hello there"
    asked = server.asked[-1]
    assert (asked.path, asked.body["model"]) == ("/v1/chat/completions", "llama3.2:3b")
    assert "authorization" not in asked.headers
