"""The configuration that is written for a LiteLLM proxy: what is offered, who stands in for whom, and no secrets."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from nubem_jupyter.cli.main import main
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price, Site
from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.providers.endpoint import EndpointProvider, Wire
from nubem_jupyter.providers.litellm import KeyWays
from nubem_jupyter.providers.proxy.config import proxy_config
from nubem_jupyter.providers.proxy.deployments import Roads
from nubem_jupyter.providers.proxy.serving import check_ready, command, local_models, run
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings

SECRET = "sk-secret-0815-4711"
ENVIRON = {"A_API_KEY": SECRET, "B_API_KEY": SECRET, "CLOUD_ID": SECRET, "CLOUD_SECRET": SECRET, "MINE_API_KEY": SECRET}
KEYS = KeyWays(ways={"a": (("A_API_KEY",),), "b": (("OTHER",), ("B_API_KEY",)), "c": (("CLOUD_ID", "CLOUD_SECRET"),)})


def model(name: str, usd: float | None = None, provider: str = "litellm", **fields: Any) -> ModelInfo:
    figure = Figure(value=usd, source="listed: a test") if usd is not None else None
    price = Price(input_usd=figure, output_usd=figure) if figure else None
    return ModelInfo(id=ModelId(name), provider=provider, price=price, **fields)


def roads(**wires: Wire) -> Roads:
    return Roads(keys=KEYS, environ=ENVIRON, wires=wires)


def document(*models: ModelInfo, redis: bool = False, **wires: Wire) -> dict[str, Any]:
    return proxy_config(roads(**wires).ways(models), redis=redis)


def parameters(*models: ModelInfo, **wires: Wire) -> list[dict[str, Any]]:
    return [entry["litellm_params"] for entry in document(*models, **wires)["model_list"]]


def stand_ins(*models: ModelInfo) -> dict[str, list[str]]:
    fallbacks = document(*models)["litellm_settings"].get("fallbacks", [])
    return {name: names for entry in fallbacks for name, names in entry.items()}


def test_keys_are_named_and_never_written():
    made = parameters(model("a/x"), model("b/y"), model("c/z"))
    assert made == [
        {"model": "a/x", "api_key": "os.environ/A_API_KEY"},
        {"model": "b/y", "api_key": "os.environ/B_API_KEY"},
        {"model": "c/z"},
    ]
    wire = Wire("it", f"https://me:{SECRET}@host/v1", environ=ENVIRON, key_variable="MINE_API_KEY")
    assert SECRET not in yaml.safe_dump(document(model("mine/m", provider="mine"), redis=True, mine=wire))


def test_every_deployment_of_a_pool_is_behind_its_models_name_with_its_share():
    eu, us = Wire("it", "https://eu", environ=ENVIRON, key_variable="MINE_API_KEY"), Wire("it", "http://us", environ={})
    sites = (
        Site(id=ModelId("eu/m"), weight=3.0, calls_per_min=60.0, tokens_per_min=9000.0),
        Site(id=ModelId("us/m"), weight=0.5),
        Site(id=ModelId("us/n"), missing="a key"),
    )
    pooled = model("pool/m", provider="pool", deployments=sites)
    assert document(pooled, eu=eu, us=us)["model_list"] == [
        {
            "model_name": "m",
            "litellm_params": {
                "model": "openai/m",
                "api_base": "https://eu/v1",
                "api_key": "os.environ/MINE_API_KEY",
                "weight": 3,
                "rpm": 60,
                "tpm": 9000,
            },
        },
        {
            "model_name": "m",
            "litellm_params": {"model": "openai/m", "api_base": "http://us/v1", "api_key": "none", "weight": 0.5},
        },
    ]


def test_servers_with_an_address_are_reached_there():
    mine = Wire("it", "https://host/api/v1", environ=ENVIRON, key_variable="MINE_API_KEY")
    bare, ollama = Wire("it", "http://host:1", environ={}), Wire("Ollama", "http://127.0.0.1:11434", environ={})
    models = (
        model("mine/org/m", provider="mine"),
        model("bare/n", provider="bare"),
        model("ollama/l:3b", provider="ollama"),
    )
    assert parameters(*models, mine=mine, bare=bare, ollama=ollama) == [
        {"model": "openai/org/m", "api_base": "https://host/api/v1", "api_key": "os.environ/MINE_API_KEY"},
        # Not nothing: LiteLLM would send the key of another service.
        {"model": "openai/n", "api_base": "http://host:1/v1", "api_key": "none"},
        {"model": "ollama_chat/l:3b", "api_base": "http://127.0.0.1:11434"},
    ]


def test_a_local_model_has_a_deployment_for_each_engine():
    made = document(model("local/small-1b", 0.0, "local", local=True))["model_list"]
    assert {entry["model_name"] for entry in made} == {"local/small-1b"}
    assert [entry["litellm_params"]["api_base"] for entry in made] == [
        "os.environ/NUBEM_LOCAL_SMALL_1B_URL_1",
        "os.environ/NUBEM_LOCAL_SMALL_1B_URL_2",
    ]
    assert local_models(document(model("local/small-1b", 0.0, "local", local=True)), ["small-1b", "other"]) == (
        "small-1b",
    )


def test_models_that_cannot_be_called_or_reached_are_left_out():
    assert roads().ways([model("a/x", available=False), model("echo/e", provider="echo")]) == ()


def test_one_model_at_several_services_is_one_name_with_weights_by_price():
    made = document(model("a/m", 1e-6), model("b/org/m", 2e-6), model("c/m"))["model_list"]
    assert [(entry["model_name"], entry["litellm_params"]["weight"]) for entry in made] == [
        ("m", 10),
        ("m", 5),
        ("m", 1),
    ]


def test_a_local_model_is_never_one_name_with_a_hosted_one():
    names = [
        entry["model_name"]
        for entry in document(model("a/m"), model("local/m", 0.0, "local", local=True))["model_list"]
    ]
    assert names == ["m", "local/m", "local/m"]


def test_another_service_of_like_price_stands_in_first():
    found = stand_ins(model("a/x", 1e-6), model("a/near", 1.1e-6), model("b/other", 2e-6), model("b/dear", 1e-3))
    assert found["x"] == ["other", "near"]
    assert found["dear"] == ["near", "x"]


def test_nothing_hosted_stands_in_for_what_stays_here():
    found = stand_ins(model("local/m", 0.0, "local", local=True), model("a/x", 1e-6))
    assert found == {}


def test_a_shorter_context_does_not_stand_in():
    found = stand_ins(model("a/x", 1e-6, context_tokens=9000), model("b/y", 1e-6, context_tokens=8000))
    assert found == {"y": ["x"]}


def test_redis_is_named_where_it_is_there():
    assert document(model("a/x"), redis=True)["router_settings"]["redis_url"] == "os.environ/REDIS_URL"
    assert "redis_url" not in document(model("a/x"))["router_settings"]


def test_metrics_are_told_where_they_are_asked_for():
    ways = roads().ways([model("a/x")])
    assert proxy_config(ways, redis=False, metrics=True)["litellm_settings"]["callbacks"] == ["prometheus"]
    assert "callbacks" not in proxy_config(ways, redis=False)["litellm_settings"]


@pytest.fixture
def nubem(tmp_path, monkeypatch, capsys):
    """The program, with one endpoint behind it, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINE_API_KEY", SECRET)
    for name in ("REDIS_URL", "LITELLM_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    listed = [model("mine/m", 1e-6, "mine"), model("mine/gone", 1e-6, "mine")]
    settings = Settings(home=tmp_path / "home", workspace=tmp_path)

    def call(*argv: str) -> tuple[int, str, str]:
        mine = EndpointProvider("mine", "http://host", environ=os.environ, key_variable="MINE_API_KEY", listed=listed)
        status = main(argv, open_session=lambda: Session(settings, os.environ, providers={"mine": mine}))
        streams = capsys.readouterr()
        return status, streams.out, streams.err

    return call


def test_the_program_writes_the_file(nubem, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://:hidden@host")
    status, out, err = nubem("proxy", "config")
    text = Path("litellm-config.yaml").read_text("utf-8")
    assert (status, out) == (0, "litellm-config.yaml\n")
    assert "nubem proxy start" in err
    made = yaml.safe_load(text)
    assert [entry["model_name"] for entry in made["model_list"]] == ["m", "gone"]
    assert made["general_settings"] == {"master_key": "os.environ/LITELLM_MASTER_KEY"}
    assert "hidden" not in text
    assert SECRET not in text


def test_the_program_writes_over_its_own_file_alone(nubem):
    mine = Path("litellm-config.yaml")
    mine.write_text("model_list: []  # by hand\n", "utf-8")
    status, _, err = nubem("proxy", "config")
    assert (status, mine.read_text("utf-8")) == (2, "model_list: []  # by hand\n")
    assert "not written by this command" in err
    assert "--to FILE" in err
    status, _, err = nubem("proxy", "config", "--to", "other file.yaml", "--models", "mine/m")
    assert (status, err) == (0, "1 deployment; run it with: nubem proxy start --config 'other file.yaml'\n")
    assert nubem("proxy", "config", "--force")[0] == 0
    assert nubem("proxy", "config")[0] == 0


def test_the_program_prints_only_the_models_asked_for(nubem):
    status, out, _ = nubem("proxy", "config", "--models", "mine/m", "--to", "-")
    assert status == 0
    assert [entry["model_name"] for entry in yaml.safe_load(out)["model_list"]] == ["m"]


def test_a_model_that_is_not_there_is_a_mistake(nubem):
    status, _, err = nubem("proxy", "config", "--models", "mine/x")
    assert status == 2
    assert "there is no model 'mine/x'" in err


def test_with_nothing_to_offer_nothing_is_written(nubem, monkeypatch):
    monkeypatch.delenv("MINE_API_KEY")
    status, _, err = nubem("proxy", "config")
    assert status == 1
    assert "no model that a proxy could offer" in err
    assert not Path("litellm-config.yaml").exists()


def test_starting_wants_a_key_and_a_configuration(nubem, monkeypatch):
    start = ("proxy", "start", "--python", sys.executable)
    status, _, err = nubem(*start)
    assert status == 1
    assert "export LITELLM_MASTER_KEY=" in err
    monkeypatch.setenv("LITELLM_MASTER_KEY", SECRET)
    status, _, err = nubem(*start)
    assert status == 2
    assert "nubem proxy config" in err
    for text in ("- a list", "{", "\x00"):
        Path("litellm-config.yaml").write_text(text, "utf-8")
        assert nubem(*start)[0] == 2


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("nubem_jupyter.providers.proxy.serving.find_spec", lambda name: None)
    with pytest.raises(ModelUnavailableError, match="fastapi"):
        check_ready({"LITELLM_MASTER_KEY": SECRET}, None)


def test_the_proxy_listens_where_it_is_told():
    """LiteLLM's own default is every address of the machine."""
    line = command(Path("c.yaml"), host="127.0.0.1", port=4000, python=None)
    assert line[line.index("--host") + 1] == "127.0.0.1"
    assert line[0] == sys.executable


async def test_stopping_ends_the_program_that_runs(tmp_path):
    mark = tmp_path / "mark"
    program = f"import time, pathlib; pathlib.Path({str(mark)!r}).touch(); time.sleep(600)"
    task = asyncio.create_task(run([sys.executable, "-c", program], os.environ))
    while not mark.exists():  # noqa: ASYNC110  # another process makes it
        await asyncio.sleep(0.01)
    task.cancel()
    async with asyncio.timeout(60):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await run([sys.executable, "-c", "raise SystemExit(3)"], os.environ) == 3
