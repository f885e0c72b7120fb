"""Endpoints of one pool serve each model under one name, with a deployment at each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from nubem_jupyter.core.call import Message, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.errors import CallFailedError, ModelUnavailableError
from nubem_jupyter.ports import ListingProvider, Provider
from nubem_jupyter.providers.endpoint import EndpointProvider, Terms
from nubem_jupyter.providers.endpoint.listing import price_of
from nubem_jupyter.providers.endpoint.provider import SAID
from nubem_jupyter.providers.pool import PoolProvider
from nubem_jupyter.testing import gather
from nubem_jupyter.testing.conformance import ProviderConformance
from nubem_jupyter.testing.openai_server import Fault, OpenAIServer, Page, Served
from nubem_jupyter.testing.scripted_provider import Reply

NOBODY = "http://127.0.0.1:9"


def schooled(body: dict[str, Any]) -> Served:
    if "no-such-model" in body["model"]:
        return Fault(status=404, message="there is no such model")
    if "response_format" in body:
        return Reply(text='{"city": "Paris", "capital": true}')
    words = [f"word{number}" for number in range(6)][: body["max_tokens"]]
    return Reply(text=" ".join(words), word_s=0.005, finish_reason="stop" if len(words) == 6 else "length")


def rows(*names: str, **more: Any) -> dict[str, Page | Fault]:
    return {"/v1/models": Page(content={"data": [{"id": name, **more} for name in names]})}


def endpoint(name: str, url: str, **fields: Any) -> EndpointProvider:
    return EndpointProvider(name, url, environ={}, **fields)


def call(model: str) -> ModelCall:
    return ModelCall(model=ModelId(model), messages=(Message(role="user", content="hello"),))


@asynccontextmanager
async def two(**second: Any) -> AsyncIterator[tuple[OpenAIServer, OpenAIServer, PoolProvider]]:
    one = OpenAIServer(schooled, pages=rows("m", "only-one", max_model_len=4096))
    other = OpenAIServer(schooled, pages=rows("m", max_model_len=1024))
    async with one.running(), other.running():
        eu = endpoint("eu", one.url, region="eu", terms=Terms(weight=3, calls_per_min=60))
        async with aclosing(PoolProvider("pool", [eu, endpoint("us", other.url, **second)])) as pool:
            yield one, other, pool


class TestPoolProvider(ProviderConformance):
    model = ModelId("pool/m")

    @pytest.fixture(autouse=True)
    def _served(self) -> Iterator[None]:
        with OpenAIServer(schooled, keeps_open=True, pages=rows("m")).running_apart() as server:
            self.url = server.url
            yield

    def make(self) -> Provider:
        return PoolProvider("pool", [self._at("eu"), self._at("us")])

    def _at(self, name: str) -> EndpointProvider:
        listed = ModelInfo(id=ModelId(f"{name}/m"), provider=name, features=("json_schema", "seed"))
        return endpoint(name, self.url, listed=[listed])


async def test_a_model_is_listed_once_with_what_holds_wherever_it_is_asked():
    said = price_of(1e-6, 2e-6, source=SAID, date="")
    async with two(price=said) as (_, _, pool):
        found = {info.id: info for info in await pool.refresh()}
        assert isinstance(pool, ListingProvider)
        assert set(found) == {"pool/m", "pool/only-one"}
        both, one = found["pool/m"], found["pool/only-one"]
        assert (both.provider, both.caller, both.context_tokens, both.price) == ("pool", "pool", 1024, None)
        assert [(site.id, site.weight, site.calls_per_min) for site in both.deployments] == [
            ("eu/m", 3, 60),
            ("us/m", 1, None),
        ]
        assert [site.regions for site in both.deployments] == [("eu",), ()]
        assert (both.regions, one.regions) == ((), ("eu",))
        assert [site.price for site in both.deployments] == [None, said]
        assert pool.models() is pool.models()


async def test_a_deployment_is_called_where_it_is_and_a_model_where_it_can_be():
    async with two() as (one, other, pool):
        await pool.refresh()
        for model in ("eu/m", "us/m", "us/m", "pool/m"):
            await gather(pool, call(model))
        assert (len(one.requests), len(other.requests)) == (2, 2)
        assert {body["model"] for body in one.requests + other.requests} == {"m"}
        with pytest.raises(ModelUnavailableError, match="no endpoint of 'pool' has pool/gone"):
            await gather(pool, call("pool/gone"))


async def test_one_that_does_not_answer_costs_its_deployments_and_no_other():
    async with two() as (one, _, pool):
        await pool.refresh()
        pages = dict(one.pages)
        one.pages["/v1/models"] = Fault(status=500)
        with pytest.raises(CallFailedError, match="endpoint 'eu'"):
            await pool.refresh()
        found = {info.id: info for info in pool.models()}
        assert [bool(site.missing) for site in found["pool/m"].deployments] == [True, False]
        assert found["pool/m"].available
        assert not found["pool/only-one"].available
        assert "endpoint 'eu'" in found["pool/only-one"].missing
        await gather(pool, call("pool/m"))
        healths = await pool.healths()
        assert {name: state.ok for name, state in healths.items()} == {"eu": False, "us": True}
        one.pages.update(pages)
        assert all(info.available for info in await pool.refresh())


async def test_data_stays_on_this_machine_only_where_every_endpoint_keeps_it_here():
    for locals_, local in (((True, True), True), ((True, False), False)):
        with_list = OpenAIServer(schooled, pages=rows("m"))
        async with with_list.running():
            members = [endpoint(f"e{place}", with_list.url, local=here) for place, here in enumerate(locals_)]
            async with aclosing(PoolProvider("pool", members)) as pool:
                (info,) = await pool.refresh()
                assert info.local is local
                assert tuple(site.local for site in info.deployments) == locals_


async def test_an_endpoint_that_stands_alone_has_a_deployment_where_a_limit_is_said():
    server = OpenAIServer(schooled, pages=rows("m"))
    async with server.running():
        for terms, known in ((Terms(tokens_per_min=9000), [("eu/m", None, 9000)]), (Terms(weight=2), [])):
            async with aclosing(endpoint("eu", server.url, terms=terms)) as provider:
                (info,) = await provider.refresh()
                assert [(site.id, site.calls_per_min, site.tokens_per_min) for site in info.deployments] == known
