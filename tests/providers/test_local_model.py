"""The local provider with the real runtime and the smallest real weights."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from nubem_jupyter.core.call import Message, ModelCall, TextDelta
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.errors import CallRejectedError
from nubem_jupyter.ports import Provider
from nubem_jupyter.providers.local.provider import LocalProvider
from nubem_jupyter.testing import gather
from nubem_jupyter.testing.conformance import ProviderConformance

pytestmark = pytest.mark.model

MODEL = ModelId("local/smollm2-135m")


class TestLocalProvider(ProviderConformance):
    model = MODEL
    patience_s = 240.0
    prompt_s = 30.0

    @pytest.fixture(autouse=True)
    def _home(self, model_home: Path) -> None:
        self._model_home = model_home

    def make(self) -> Provider:
        return LocalProvider(self._model_home)


@pytest.fixture
async def provider(model_home: Path) -> AsyncIterator[LocalProvider]:
    made = LocalProvider(model_home)
    yield made
    await made.aclose()


def call(text: str, **fields: object) -> ModelCall:
    return ModelCall(model=MODEL, messages=(Message(role="user", content=text),), **{"max_tokens": 32, **fields})


async def say(provider: LocalProvider, text: str, **fields: object) -> str:
    return (await gather(provider, call(text, **fields))).answer.text


async def test_text_comes_in_pieces(provider: LocalProvider) -> None:
    heard = await gather(provider, call("Name three colours."))
    assert len(heard.deltas) > 3
    answer = heard.answer
    assert answer.usage.output_tokens >= len(heard.deltas)
    assert answer.first_token_s is not None
    assert answer.total_s is not None
    assert 0 < answer.first_token_s < answer.total_s


async def test_a_seed_gives_one_text_whatever_else_runs_and_another_seed_another(provider: LocalProvider) -> None:
    """Neither earlier calls nor calls at the same time change what a seed gives."""
    text = "Write a short poem about a lighthouse."
    alone = {seed: await say(provider, text, temperature=0.8, seed=seed) for seed in (1, 2, -1)}
    assert len(set(alone.values())) == 3
    others = ["Explain how bread is made.", "Who was Julius Caesar?", "hello"]
    together = await asyncio.gather(
        *(say(provider, text, temperature=0.8, seed=seed) for seed in (2, -1, 1)),
        *(say(provider, other, temperature=0.8, seed=5) for other in others),
    )
    assert together[:3] == [alone[2], alone[-1], alone[1]]


async def test_two_calls_are_answered_at_once(provider: LocalProvider) -> None:
    tell = call("Tell a long story about the sea.", max_tokens=400)
    async with aclosing(provider.stream(tell)) as first, aclosing(provider.stream(tell)) as second:
        for _ in range(5):
            assert isinstance(await anext(first), TextDelta)
            assert isinstance(await anext(second), TextDelta)


async def test_a_schema_shapes_the_text(provider: LocalProvider) -> None:
    schema = {"type": "object", "properties": {"mood": {"enum": ["good", "bad"]}}, "required": ["mood"]}
    assert json.loads(await say(provider, "I love it!", schema=schema))["mood"] in {"good", "bad"}


async def test_what_can_never_work_is_refused(provider: LocalProvider) -> None:
    with pytest.raises(CallRejectedError, match="shorten the prompt"):
        await say(provider, "word " * 9000)
    with pytest.raises(CallRejectedError, match="schema"):
        await say(provider, "hello", schema={"type": "nonsense"})


async def test_a_stopped_call_frees_its_engine(provider: LocalProvider) -> None:
    """Both engines are stopped in the middle of answers that would take far longer than the patience here."""
    await say(provider, "hello", max_tokens=1)
    for _ in range(4):
        async with aclosing(
            provider.stream(call("Tell a very long story.", max_tokens=3500, temperature=1.0))
        ) as chunks:
            await anext(chunks)
    began_s = time.monotonic()
    await asyncio.gather(*(say(provider, "hello", max_tokens=2) for _ in range(2)))
    assert time.monotonic() - began_s < 20


async def test_a_call_stopped_while_its_prompt_is_read_frees_its_engine(provider: LocalProvider) -> None:
    await say(provider, "hello", max_tokens=1)
    for _ in range(2):
        reader = asyncio.create_task(say(provider, "one two three " * 1100))
        await asyncio.sleep(0.3)
        reader.cancel()
        await asyncio.wait([reader])
    assert await asyncio.wait_for(say(provider, "hello", max_tokens=2), 30)


async def test_an_idle_model_gives_its_memory_back(model_home: Path) -> None:
    async with aclosing(LocalProvider(model_home, idle_unload_s=0.05)) as provider:
        await say(provider, "hello", max_tokens=2)
        lanes = provider._lanes["smollm2-135m"]
        for _ in range(1500):
            if lanes._child is None:
                break
            await asyncio.sleep(0.02)
        assert lanes._child is None
        assert await say(provider, "hello", max_tokens=2)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_parent_takes_the_model_with_it(model_home: Path) -> None:
    script = f"""
import asyncio, sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_local_model import LocalProvider, say
provider = LocalProvider(Path({str(model_home)!r}))
asyncio.run(say(provider, "hello", max_tokens=2))
print(provider._lanes["smollm2-135m"]._child._process.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}/cmdline").read_bytes()
        parent.kill()
    for _ in range(1500):
        if not _served(pid):
            break
        time.sleep(0.02)
    assert not _served(pid)


def _served(pid: int) -> bytes:
    try:
        # What has ended and is not yet collected has no command line.
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_the_runtime_is_never_imported_here() -> None:
    assert "xllamacpp" not in sys.modules
