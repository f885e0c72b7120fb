"""The environment says where answers are kept; nothing is opened before it is needed."""

from contextlib import closing

import msgspec
import pytest

from nubem_jupyter.core.cache import CacheEntry
from nubem_jupyter.core.call import Answer
from nubem_jupyter.errors import SettingsError, StorageError
from nubem_jupyter.session.adapters import make_cache, make_providers
from nubem_jupyter.session.lenient import open_leniently
from nubem_jupyter.session.settings import Settings, load_settings
from nubem_jupyter.session.settings_tables import EndpointSettings
from nubem_jupyter.testing import Reply
from nubem_jupyter.testing.openai_server import OpenAIServer, Page


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", workspace=tmp_path, cache_bytes=1 << 20)


@pytest.mark.parametrize("environ", [{}, {"REDIS_URL": " "}])
def test_with_nothing_set_answers_are_kept_on_this_disk(settings, environ):
    with closing(make_cache(settings, environ)) as cache:
        assert not settings.home.exists()
        cache.put_all({"a": CacheEntry(content=Answer(text="x"), stored_s=0.0)})
        stats = cache.stats()
    assert (stats.entries, stats.limit_bytes, stats.place) == (1, 1 << 20, str(settings.home / "cache.db"))


def test_a_redis_that_is_named_keeps_them_instead(settings):
    pytest.importorskip("redis", reason="the client of the extra 'redis' is not installed")
    environ = {"REDIS_URL": "redis://:s3cret@127.0.0.1:1/0"}
    with closing(make_cache(settings, environ)) as cache, pytest.raises(StorageError) as caught:
        cache.stats()
    assert "Redis at 127.0.0.1:1" in caught.value.message
    assert "s3cret" not in str(caught.value)
    assert not settings.home.exists()


@pytest.mark.parametrize("url", ["127.0.0.1:4017", "box", "me:s3cret@box:1", "ftp://box"])
def test_a_proxys_address_is_a_whole_one(settings, url):
    with pytest.raises(SettingsError, match="does not begin with http://") as told:
        make_providers(settings, {"LITELLM_PROXY_URL": url})
    assert "s3cret" not in str(told.value)
    assert told.value.hint.rpartition("//")[2] in url


def test_an_endpoint_does_not_have_the_name_of_a_provider_whose_models_litellm_lists(settings):
    """Nobody could tell whose openai/gpt-4o is meant, and who is given the data."""
    endpoints = {"openai": EndpointSettings(url="http://127.0.0.1:1")}
    named = msgspec.structs.replace(settings, endpoints=endpoints)
    with pytest.raises(SettingsError, match="name of another provider") as told:
        make_providers(named, {})
    assert "my_openai" in told.value.hint
    alone = msgspec.structs.replace(named, providers=("servers",))
    assert list(make_providers(alone, {})) == ["openai"]


def test_endpoints_of_one_pool_are_one_provider(settings):
    pooled = {name: EndpointSettings(url="http://127.0.0.1:1", pool="both", weight=2) for name in ("eu", "us")}
    alone = EndpointSettings(url="http://127.0.0.1:1")
    made = make_providers(msgspec.structs.replace(settings, endpoints=pooled | {"alone": alone}), {})
    assert {"both", "alone"} <= set(made)
    assert not {"eu", "us"} & set(made)
    assert set(made["both"].members) == {"eu", "us"}


@pytest.mark.parametrize("name", ["eu", "us", "proxy", "servers", "openai"])
def test_a_pool_has_a_name_of_its_own(settings, name):
    endpoints = {
        "eu": EndpointSettings(url="http://127.0.0.1:1", pool=name),
        "us": EndpointSettings(url="http://127.0.0.1:1"),
    }
    with pytest.raises(SettingsError, match=f"pool '{name}' has the name of a provider") as told:
        make_providers(msgspec.structs.replace(settings, endpoints=endpoints), {})
    assert f"{name}_pool" in told.value.hint


def test_with_wrong_settings_the_doctor_gets_a_session_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "nubem.toml").write_text(
        "[nubem]\nparallel = -1\n[nubem.endpoints.mine]\nurl = 'http://box'\n", "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LITELLM_PROXY_URL", "box:1")
    session, found = open_leniently({"home": tmp_path / "home"})
    with closing(session.store):
        assert "mine" in session.providers
        assert "proxy" not in session.providers
    assert [finding.ok for finding in found] == [False, False]
    assert "parallel is -1" in found[0].text
    assert "LITELLM_PROXY_URL" in found[1].text


def test_a_wrong_table_costs_the_doctor_that_table_alone(tmp_path, monkeypatch):
    (tmp_path / "nubem.toml").write_text(
        "[nubem.endpoints.bad]\nurl = 'box'\n[nubem.endpoints.good]\nurl = 'http://box'\n"
        "[nubem.mcp.worse]\nurl = 'http://box'\ncommand = ['box']\n[nubem.mcp.fine]\nurl = 'http://box'\n",
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    session, found = open_leniently({"home": tmp_path / "home"})
    with closing(session.store):
        assert list(session.settings.endpoints) == ["good"]
        assert list(session.settings.mcp) == ["fine"]
        assert "good" in session.providers
    assert ["[nubem.endpoints.bad]" in found[0].text, "[nubem.mcp.worse]" in found[1].text] == [True, True]
    assert len(found) == 2


async def test_a_list_is_given_to_the_key_alone_that_it_was_told_to(tmp_path):
    """In a new kernel, and where the key changes in this one; nothing of the key is kept."""
    pages = {"/v1/models": Page(content={"data": [{"id": "for-the-first"}]})}
    async with OpenAIServer(lambda _: Reply(text="x"), pages=pages).running() as server:
        theirs = EndpointSettings(url=server.url, key="ACME_KEY")
        settings = Settings(home=tmp_path / "home", workspace=tmp_path, endpoints={"acme": theirs})
        environ = {"ACME_KEY": "first-key-0123456789"}

        def names():
            return [info.id for info in make_providers(settings, environ)["acme"].models()]

        made = make_providers(settings, environ)["acme"]
        await made.refresh()
        kept = list((tmp_path / "home" / "catalog").iterdir())
        assert not any(b"first-key" in path.read_bytes() for path in kept)
        assert names() == ["acme/for-the-first"]
        environ.clear()
        assert names() == ["acme/for-the-first"]
        assert not any(info.available for info in made.models())
        environ["ACME_KEY"] = "second-key-0123456789"
        assert names() == []
        assert made.models() == ()
        await made.refresh()
        assert names() == ["acme/for-the-first"]
        environ["ACME_KEY"] = "first-key-0123456789"
        assert names() == []
        await made.aclose()


def test_what_an_endpoint_costs_can_be_said_for_a_million_tokens(tmp_path):
    given = {"endpoints": {"mine": {"url": "http://127.0.0.1:1", "price": {"input_usd": 2, "output_usd": 8.0}}}}
    said = load_settings({}, tmp_path, given, user_file=tmp_path / "none")
    made = make_providers(msgspec.structs.replace(said, providers=("mine",)), {})["mine"]
    price = made._price
    assert (price.input_usd.value, price.output_usd.value) == (2e-6, 8e-6)
    for wrong in ({"input_usd": 1.0}, {"input_usd": -1.0, "output_usd": 1.0}, {"input": 1.0, "output": 1.0}, 5):
        given["endpoints"]["mine"]["price"] = wrong
        with pytest.raises(SettingsError, match="'price' of"):
            load_settings({}, tmp_path, given, user_file=tmp_path / "none")
