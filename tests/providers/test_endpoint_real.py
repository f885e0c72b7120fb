"""The endpoint's provider against a real server that speaks the OpenAI shape: llama.cpp's own."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest

from nubem_jupyter.core.call import Message, ModelCall, TextDelta
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.providers.endpoint import EndpointProvider
from nubem_jupyter.providers.local.child import Lane
from nubem_jupyter.providers.local.provider import LocalProvider
from nubem_jupyter.testing import gather
from nubem_jupyter.testing.conformance import check_models
from nubem_jupyter.testing.conformance.provider import SCHEMA

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def lane(model_home) -> Iterator[Lane]:
    """One engine of the smallest model, lent from a thread of its own."""
    lent: list[Lane] = []
    ready, over = threading.Event(), threading.Event()

    async def lend() -> None:
        async with aclosing(LocalProvider(model_home)) as local, local.lend(ModelId("local/smollm2-135m"), 1) as lanes:
            lent.extend(lanes)
            ready.set()
            await asyncio.get_running_loop().run_in_executor(None, over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(lend()))
    thread.start()
    try:
        assert ready.wait(240)
        yield lent[0]
    finally:
        over.set()
        thread.join(60)


@pytest.fixture
async def provider(lane) -> AsyncIterator[EndpointProvider]:
    async with aclosing(provider_at(lane, lane.key)) as made:
        yield made


def provider_at(lane: Lane, key: str) -> EndpointProvider:
    return EndpointProvider("llama", lane.url, environ={"LLAMA_KEY": key}, key_variable="LLAMA_KEY", local=True)


def call(model: str, text: str = "Name three colours.", **fields: object) -> ModelCall:
    return ModelCall(
        model=ModelId(model), messages=(Message(role="user", content=text),), **{"max_tokens": 16, **fields}
    )


async def test_its_model_is_listed_with_the_context_that_it_is_served_with(provider):
    [info] = await provider.refresh()
    check_models([info])
    assert info.context_tokens == 4096
    assert info.parameters is not None
    assert info.parameters > 1e8
    assert (info.local, info.price) == (True, None)
    assert (await provider.health()).ok


async def test_it_answers_in_pieces_again_and_again(provider):
    [info] = await provider.refresh()
    first, again = [await gather(provider, call(info.id)) for _ in range(2)]
    assert first.answer.text == again.answer.text == "".join(first.deltas)
    assert len(first.deltas) > 3
    assert first.answer.usage.output_tokens


async def test_a_schema_is_kept(provider):
    [info] = await provider.refresh()
    heard = await gather(provider, call(info.id, "Is Paris a capital?", schema=SCHEMA, max_tokens=64))
    assert set(json.loads(heard.answer.text)) == {"city", "capital"}


async def test_a_call_that_is_stopped_lets_the_next_one_in(provider):
    """The only engine is free again at once: the server takes the closed connection as the wish to stop."""
    [info] = await provider.refresh()
    async with asyncio.timeout(120):
        async with aclosing(
            provider.stream(call(info.id, "Count from one to one thousand.", max_tokens=2000))
        ) as chunks:
            assert isinstance(await anext(chunks), TextDelta)
        assert (await gather(provider, call(info.id, max_tokens=2))).answer.text


async def test_a_wrong_key_is_refused(lane):
    async with aclosing(provider_at(lane, "wrong")) as provider:
        for asking in (provider.refresh(), gather(provider, call("llama/any"))):
            with pytest.raises(ModelUnavailableError, match="refused the key"):
                await asking
