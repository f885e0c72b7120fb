"""The local provider lists what it could run, and says what to install before it can."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nubem_jupyter.core.call import Message, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.providers.local import provider as provider_module
from nubem_jupyter.providers.local.lanes import Lanes
from nubem_jupyter.providers.local.provider import LocalProvider, _with_seed
from nubem_jupyter.providers.local.weights import known_weights, model_path
from nubem_jupyter.testing import gather
from nubem_jupyter.testing.conformance.catalog import check_models


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_module, "find_spec", lambda _name: object())


def ask(model: str = "local/smollm2-135m", **fields: object) -> ModelCall:
    return ModelCall(model=ModelId(model), messages=(Message(role="user", content="hello"),), **fields)


@pytest.mark.usefixtures("runtime")
def test_every_known_model_is_listed_and_says_how_to_get_it(tmp_path: Path) -> None:
    models = LocalProvider(tmp_path).models()
    check_models(models)
    assert [model.id for model in models] == [f"local/{weights.name}" for weights in known_weights()]
    for model, weights in zip(models, known_weights(), strict=True):
        assert not model.available
        assert model.missing == f"run: nubem models pull {weights.name}"
        assert model.local
        assert model.price is not None
        assert model.price.input_usd.value == model.price.output_usd.value == 0
        assert model.speed is None
        assert model.evidence == ()


@pytest.mark.usefixtures("runtime")
def test_a_model_is_available_once_its_weights_are_there(tmp_path: Path) -> None:
    weights = known_weights()[0]
    path = model_path(tmp_path, weights)
    path.parent.mkdir()
    path.touch()
    os.truncate(path, weights.size_bytes)
    first, *others = LocalProvider(tmp_path).models()
    assert (first.available, first.missing) == (True, "")
    assert not any(model.available for model in others)


async def test_without_the_runtime_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_module, "find_spec", lambda _name: None)
    provider = LocalProvider(tmp_path)
    assert {model.missing for model in provider.models()} == {"run: pip install 'nubem-jupyter[local]'"}
    with pytest.raises(ModelUnavailableError, match="nubem-jupyter\\[local\\]"):
        await gather(provider, ask())


@pytest.mark.usefixtures("runtime")
async def test_calls_without_weights_or_of_unknown_models_are_refused(tmp_path: Path) -> None:
    provider = LocalProvider(tmp_path)
    with pytest.raises(ModelUnavailableError, match=r"not installed(?s:.*)nubem models pull smollm2-135m"):
        await gather(provider, ask())
    with pytest.raises(ModelUnavailableError, match="no local model 'gpt-9'"):
        await gather(provider, ask("local/gpt-9"))
    await provider.aclose()
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize("seed", [0, 7, -1, 2**32 - 1, 2**70])
def test_every_seed_fits_the_runtime_and_none_means_any(seed: int) -> None:
    sent = _with_seed(ask(seed=seed)).seed
    assert sent is not None
    assert 0 <= sent < 2**32 - 1
    assert _with_seed(ask()).seed is None


def test_listing_imports_nothing_slow() -> None:
    script = """
import sys
from pathlib import Path
from nubem_jupyter.providers.local.provider import LocalProvider
LocalProvider(Path("/nonexistent")).models()
print([name for name in ("httpx", "xllamacpp", "IPython", "pandas") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_closing_while_the_interpreter_ends_waits_without_a_thread(monkeypatch):
    """No thread can be started then; the process is ended all the same."""

    async def refused(*_):
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")

    class Ended:
        done = ()

        def kill(self):
            self.done += ("kill",)

        def join(self, timeout_s):
            self.done += ("join",)

    lanes, child = Lanes(None, 1.0), Ended()
    lanes._child = child
    monkeypatch.setattr(asyncio, "to_thread", refused)
    await lanes.aclose()
    assert child.done == ("kill", "join")
