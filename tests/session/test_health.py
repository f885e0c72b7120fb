"""The doctor asks servers whether they are well, and what their key may still spend."""

from __future__ import annotations

import pytest

from nubem_jupyter.core.component import Trouble
from nubem_jupyter.providers.endpoint import EndpointProvider
from nubem_jupyter.providers.pool import PoolProvider
from nubem_jupyter.providers.proxy import ProxyProvider
from nubem_jupyter.session.health import health
from nubem_jupyter.testing import ScriptedProvider
from nubem_jupyter.testing.openai_server import Fault, OpenAIServer, Page
from nubem_jupyter.testing.scripted_provider import Reply

KEY = {"LITELLM_MASTER_KEY": "sk-s3cret-s3cret"}
WELL = {"/health/liveliness": Page(content="I'm alive!"), "/health/readiness": Page(content={"status": "healthy"})}


async def found(pages):
    async with OpenAIServer(lambda body: Reply(text="ok"), pages=WELL | pages).running() as server:
        provider = ProxyProvider(server.url, environ=KEY)
        told = await health({"proxy": provider, "local": ScriptedProvider(models=[])})
        await provider.aclose()
    assert all("s3cret" not in f"{finding.text}{finding.mend}" for finding in told)
    return told


async def test_a_proxy_that_is_well_says_so_and_how_long_it_took():
    [finding] = await found({"/key/info": Fault(status=500)})
    assert finding.ok
    assert finding.text.startswith("proxy: the LiteLLM proxy is alive and ready (")


@pytest.mark.parametrize(
    ("told", "ok", "text"),
    [
        ({"spend": 0.5}, None, "the key has spent $0.50"),
        (
            {"key_alias": "team", "spend": 0.5, "max_budget": 2.0},
            True,
            "the key 'team' has spent $0.50, and its limit is $2.00",
        ),
        ({"max_budget": 2.0}, True, "what the key has spent is not known, and its limit is $2.00"),
        ({"spend": 2.0, "max_budget": 2.0}, False, "the key has spent $2.00, and its limit is $2.00"),
        ({"blocked": True, "key_alias": "team"}, False, "the key 'team' is blocked"),
        (
            {"spend": 0, "max_budget": 1, "budget_reset_at": "2027-01-02T03:04:05", "expires": "2028-01-02T00:00:00"},
            True,
            "the key has spent nothing, and its limit is $1.00; it counts from 0 again on 2027-01-02; "
            "the key ends on 2028-01-02",
        ),
    ],
)
async def test_what_a_key_may_still_spend_is_told(told, ok, text):
    alive, budget = await found({"/key/info": Page(content={"info": told})})
    assert alive.ok
    assert (budget.ok, budget.text.removeprefix("proxy: ")) == (ok, text)
    assert bool(budget.mend) is (ok is False)


async def test_a_refused_key_is_a_finding():
    alive, refused = await found({"/key/info": Fault(status=401, message="no such key")})
    assert alive.ok
    assert refused.ok is False
    assert refused.mend


async def test_each_endpoint_of_a_pool_has_its_own_finding():
    async with OpenAIServer(
        lambda body: Reply(text="ok"), pages={"/v1/models": Page(content={"data": []})}
    ).running() as up:
        here, gone = (
            EndpointProvider(name, url, environ={}) for name, url in (("eu", up.url), ("us", "http://127.0.0.1:1"))
        )
        pool = PoolProvider("pool", [here, gone])
        found = await health({"pool": pool})
        await pool.aclose()
    assert [(finding.ok, finding.text.partition(":")[0]) for finding in found] == [
        (True, "pool, eu"),
        (False, "pool, us"),
    ]


async def test_a_server_that_is_down_is_a_finding_with_what_to_do():
    provider = EndpointProvider("acme", "http://127.0.0.1:1", environ={})
    [finding] = await health({"acme": provider})
    assert finding.ok is False
    assert "acme" in finding.text
    assert finding.mend == "check that it is running"


async def test_a_list_that_cannot_be_had_is_told_once_and_so_is_a_file_that_no_server_stands_behind():
    troubles = (
        Trouble(where="config", message="litellm-config.yaml cannot be used", hint="mend the file"),
        Trouble(where="mine", message="it is down", hint="start it"),
    )
    mine = EndpointProvider("mine", "http://127.0.0.1:9", environ={})
    told = await health({"mine": mine}, troubles)
    await mine.aclose()
    assert [finding.text.partition(":")[0] for finding in told] == ["mine", "config"]
    assert (told[1].ok, told[1].mend) == (False, "mend the file")
