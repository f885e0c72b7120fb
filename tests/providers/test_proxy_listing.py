"""What a LiteLLM proxy tells of its models, its health and its keys becomes values; what it does not know is absent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.call import Message, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price, Tier
from nubem_jupyter.errors import CallFailedError, ModelUnavailableError
from nubem_jupyter.providers.proxy import KeyBudget, ProxyProvider
from nubem_jupyter.providers.proxy.budget import parse_budget
from nubem_jupyter.providers.proxy.listing import dearest, parse_deployments
from nubem_jupyter.providers.proxy.provider import KEY_VARIABLE
from nubem_jupyter.testing import gather
from nubem_jupyter.testing.conformance import CatalogSourceConformance, check_models
from nubem_jupyter.testing.openai_server import Fault, OpenAIServer, Page
from nubem_jupyter.testing.scripted_provider import Reply

ENVIRON = {KEY_VARIABLE: "sk-of-a-test"}
NAMES = {"data": [{"id": "m"}, {"id": "openai/*"}, {"id": "m"}, {"id": ""}]}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def row(name="m", asked=None, **known):
    return {"model_name": name, "litellm_params": asked or {}, "model_info": known}


def listed(*rows, names=("m",)):
    return parse_deployments(names, {"data": list(rows)}, date="2030-01-01")


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    pages = {
        "/v1/models": Page(content=NAMES),
        "/model/info": Page(content={"data": [row(mode="chat", max_input_tokens=1000)]}),
        "/health/liveliness": Page(content="I'm alive!"),
        "/health/readiness": Page(content={"status": "healthy"}),
    }
    made = OpenAIServer(lambda _: Reply(text="hello"), keeps_open=True, pages=pages)
    async with made.running():
        yield made


@pytest.fixture
async def provider(server: OpenAIServer) -> AsyncIterator[ProxyProvider]:
    async with aclosing(ProxyProvider(server.url, environ=ENVIRON)) as made:
        yield made


class TestProxyModels(CatalogSourceConformance):
    def make(self):
        kept = [ModelInfo(id=ModelId("proxy/m"), provider="proxy")]
        return ProxyProvider("http://127.0.0.1:9", environ={}, listed=kept)


def test_a_deployment_that_the_proxy_knows_brings_its_figures():
    known = {"input_cost_per_token": 2.5e-6, "output_cost_per_token": 1e-5, "max_input_tokens": 128000, "mode": "chat"}
    [info] = listed(row(**known, supports_vision=True, supports_response_schema=True, supports_reasoning=None))
    assert (info.context_tokens, info.features, info.local) == (128000, ("json_schema", "vision"), False)
    assert info.price is not None
    assert (info.price.output_usd.value, info.price.output_usd.source, info.price.output_usd.date) == (
        1e-5,
        "listed: litellm proxy",
        "2030-01-01",
    )


def test_several_deployments_of_one_name_promise_what_holds_for_all():
    cheap = row(input_cost_per_token=1e-6, output_cost_per_token=9e-6, max_input_tokens=8000, supports_vision=True)
    dear = row(input_cost_per_token=2e-6, output_cost_per_token=3e-6, max_input_tokens=4000)
    [info] = listed(cheap, dear)
    assert (info.context_tokens, info.features) == (4000, ())
    assert info.price is not None
    assert (info.price.input_usd.value, info.price.output_usd.value) == (2e-6, 9e-6)
    [info] = listed(cheap, row())
    assert (info.context_tokens, info.price) == (None, None)


def test_a_price_of_zero_counts_only_where_somebody_wrote_it():
    """The proxy says 0 also for models that it knows nothing of."""
    zero = {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}
    assert listed(row(**zero))[0].price is None
    [info] = listed(row(asked=zero, **zero))
    assert info.price is not None
    assert info.price.input_usd.value == 0


def test_what_does_not_chat_or_is_not_for_this_key_is_left_out():
    found = listed(row("m"), row("e", mode="embedding"), row("secret"), names=("m", "e", "bare"))
    assert [info.id for info in found] == ["proxy/m", "proxy/bare"]


@given(
    st.lists(st.fixed_dictionaries({"model_name": st.just("m")}, optional={"litellm_params": JSON, "model_info": JSON}))
)
def test_whatever_a_proxy_sends_becomes_a_list_that_is_well_formed(rows):
    check_models(parse_deployments(["m"], {"data": rows}, date=""))


@given(JSON)
def test_a_proxy_that_tells_no_details_has_the_names_alone(content):
    assert len(parse_deployments(["m"], content, date="")) == 1


async def test_models_are_those_that_the_key_may_call(provider):
    assert provider.models() == ()
    [info] = await provider.refresh()
    assert (info.id, info.context_tokens, info.available) == ("proxy/m", 1000, True)


async def test_a_key_that_may_not_see_details_lists_the_names(provider, server):
    server.pages["/model/info"] = Fault(status=400, message="only proxy admins may")
    [info] = await provider.refresh()
    assert (info.id, info.context_tokens) == ("proxy/m", None)


async def test_a_proxy_that_stopped_leaves_its_models_listed(provider, server):
    await provider.refresh()
    for page in (Page(content="x"), Fault(status=502, message="gone")):
        server.pages["/v1/models"] = page
        with pytest.raises(CallFailedError, match="LiteLLM proxy"):
            await provider.refresh()
        assert not provider.models()[0].available
        assert "nubem models refresh" in provider.models()[0].missing


async def test_without_its_key_nothing_is_asked(server):
    async with aclosing(ProxyProvider(server.url, environ={})) as provider:
        with pytest.raises(ModelUnavailableError, match="needs a key"):
            await provider.refresh()
        assert (await provider.health()).ok
    assert all("authorization" not in asked.headers for asked in server.asked)


async def test_health_tells_dead_from_not_ready(provider, server):
    assert (await provider.health()).ok
    server.pages["/health/readiness"] = Fault(status=503, message="Service Unhealthy")
    found = await provider.health()
    assert not found.ok
    assert "alive but not ready" in found.text
    assert found.mend
    server.pages["/health/liveliness"] = Fault(status=503, message="shutting_down")
    assert "shutting_down" in (await provider.health()).text


async def test_a_virtual_keys_budget_is_read_back(provider, server):
    told = {
        "key_alias": "team",
        "spend": 1.25,
        "max_budget": 5.0,
        "budget_reset_at": "2030-02-01T00:00:00Z",
        "expires": None,
        "models": ["m"],
        "blocked": None,
    }
    server.pages["/key/info"] = Page(content={"key": "…", "info": told})
    budget = await provider.key_budget()
    assert budget == KeyBudget(alias="team", spent_usd=1.25, max_usd=5.0, resets="2030-02-01T00:00:00Z", models=("m",))
    assert budget is not None
    assert budget.left_usd == 3.75


@pytest.mark.parametrize("status", [400, 404, 500])
async def test_a_proxy_that_keeps_no_keys_has_no_budget_to_tell(provider, server, status):
    server.pages["/key/info"] = Fault(status=status)
    assert await provider.key_budget() is None


async def test_a_proxy_out_of_reach_is_an_error_and_no_budget(provider, server):
    server.pages["/key/info"] = Fault(status=503)
    with pytest.raises(CallFailedError):
        await provider.key_budget()


@pytest.mark.parametrize(
    ("budget", "left"),
    [
        (KeyBudget(spent_usd=1.0), None),
        (KeyBudget(max_usd=1.0), None),
        (KeyBudget(spent_usd=3.0, max_usd=1.0), 0.0),
    ],
)
def test_what_is_left_is_never_below_zero_and_unknown_without_a_limit(budget, left):
    assert budget.left_usd == left


@given(JSON)
def test_whatever_is_told_of_a_key_can_be_read(content):
    parse_budget(content)
    assert isinstance(parse_budget({"info": {"spend": content, "models": content, "expires": content}}), KeyBudget)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("budget_exceeded", "budget is spent"),
        ("no_db_connection", "refused the key"),
        ("key_model_access_denied", "refused the key"),
        ("token_not_found_in_db", "refused the key"),
    ],
)
async def test_a_refused_key_is_told_by_its_type_where_the_status_is_400(provider, server, kind, sentence):
    server.answer = lambda _: Fault(status=400, kind=kind)
    call = ModelCall(model=ModelId("proxy/m"), messages=(Message(role="user", content="hi"),))
    with pytest.raises(ModelUnavailableError, match=sentence):
        await gather(provider, call)


def test_parts_of_the_tokens_have_the_dearest_price_too():
    """Where one deployment tells a part's price and another does not, that other bills it as the rest."""
    first = {"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6, "cache_read_input_token_cost": 1e-7}
    second = {"input_cost_per_token": 2e-6, "output_cost_per_token": 2e-6, "output_cost_per_reasoning_token": 9e-6}
    alone = listed(row(**first))[0].price
    assert alone.cached_input_usd.value == 1e-7
    assert (alone.cache_write_usd, alone.reasoning_usd) == (None, None)
    both = listed(row(**first), row(**second))[0].price
    assert (both.cached_input_usd.value, both.reasoning_usd.value, both.cache_write_usd) == (2e-6, 9e-6, None)


def test_the_dearest_price_is_so_for_every_length_of_prompt():
    def price(value, *tiers):
        figure = Figure(value=value, source="x")
        found = (Tier(above_tokens=bound, input_usd=f(more), output_usd=f(more)) for bound, more in tiers)
        return Price(input_usd=figure, output_usd=figure, tiers=tuple(found))

    def f(value):
        return Figure(value=value, source="x")

    prices = [price(1.0, (100, 5.0)), price(2.0, (200, 4.0))]
    found = dearest(prices)
    for length in (0, 100, 101, 200, 201, 999):
        assert found.rates(length).input_usd.value == max(one.rates(length).input_usd.value for one in prices)
    assert dearest(prices[:1]) == prices[0]
    assert dearest([*prices, None]) is None


@pytest.mark.parametrize(
    ("own", "shared", "limit", "resets"),
    [
        (None, {"max_budget": 5.0, "budget_reset_at": "2030-01-01"}, 5.0, "2030-01-01"),
        (2.0, {"max_budget": 5.0, "budget_reset_at": None}, 2.0, ""),
        (0.0, {"max_budget": 5.0}, 0.0, ""),
        (None, None, None, ""),
        (None, "odd", None, ""),
    ],
)
def test_a_key_without_a_limit_of_its_own_has_that_of_the_budget_that_it_shares(own, shared, limit, resets):
    told = parse_budget({"info": {"spend": 1.0, "max_budget": own, "litellm_budget_table": shared}})
    assert (told.max_usd, told.resets) == (limit, resets)
