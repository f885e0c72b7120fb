"""The public fakes keep the promises of the ports that they stand in for."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from nubem_jupyter.core.call import Message, ModelCall, TextDelta, Usage
from nubem_jupyter.core.constraint import SecurityLevel
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.errors import CallFailedError, CallRejectedError, SandboxUnavailableError
from nubem_jupyter.ports import CatalogSource, CodeRequest, CodeResult, Embedder, Provider, RunStore, Sandbox
from nubem_jupyter.testing import (
    FakeEmbedder,
    FakeSandbox,
    MemoryRunStore,
    Reply,
    ScriptedProvider,
    Shelf,
    gather,
    scripted_model,
)
from nubem_jupyter.testing.conformance import (
    CatalogSourceConformance,
    EmbedderConformance,
    ProviderConformance,
    RunStoreConformance,
)

CALL = ModelCall(model=ModelId("scripted/one"), messages=(Message(role="user", content="say something"),))


def _schooled(call: ModelCall) -> Reply:
    text = '{"city": "Paris", "capital": true}' if call.schema else "one two three four five six"
    return Reply(text=text, word_s=0.01)


class TestScriptedProvider(ProviderConformance):
    model = ModelId("scripted/one")

    def make(self) -> Provider:
        return ScriptedProvider(then=_schooled)


class TestScriptedModels(CatalogSourceConformance):
    def make(self) -> CatalogSource:
        return ScriptedProvider(models=[scripted_model("scripted/a", right=[("answer", 0.5, 4)], tokens_per_s=9.0)])


class TestFakeEmbedder(EmbedderConformance):
    def make(self) -> Embedder:
        return FakeEmbedder(("car", "automobile"))

    def pairs(self) -> Sequence[tuple[str, str, str]]:
        return [("the car", "the automobile", "the house")]


class TestMemoryRunStore(RunStoreConformance):
    def setup_method(self) -> None:
        self.shelves: dict[Path, Shelf] = {}

    def open(self, path: Path) -> RunStore:
        return MemoryRunStore(self.shelves.setdefault(path, Shelf()))


async def test_scripted_replies_come_in_turn() -> None:
    provider = ScriptedProvider("first", Reply(text="second", usage=Usage(input_tokens=5, output_tokens=9)))
    assert (await gather(provider, CALL)).answer.text == "first"
    assert (await gather(provider, CALL)).answer.usage.output_tokens == 9
    with pytest.raises(CallRejectedError, match="ended before call 3"):
        await gather(provider, CALL)
    assert provider.calls == [CALL] * 3


async def test_a_scripted_error_follows_its_text() -> None:
    provider = ScriptedProvider(Reply(text="half an", error=CallFailedError("the line broke", status=502)))
    chunks = provider.stream(CALL)
    assert [await anext(chunks), await anext(chunks)] == [TextDelta(text="half"), TextDelta(text=" an")]
    with pytest.raises(CallFailedError, match="the line broke"):
        await anext(chunks)


async def test_scripted_calls_at_once_are_counted() -> None:
    provider = ScriptedProvider(then=lambda _: Reply(text="a b c", word_s=0.01))
    await asyncio.gather(*(gather(provider, CALL) for _ in range(3)))
    assert (provider.most_at_once, provider.running, provider.stopped) == (3, 0, 0)


async def test_a_stopped_scripted_call_is_counted() -> None:
    provider = ScriptedProvider(Reply(text="a b", word_s=600.0))
    chunks = provider.stream(CALL)
    await anext(chunks)
    await chunks.aclose()
    assert (provider.running, provider.stopped) == (0, 1)
    await provider.aclose()
    assert provider.closed


async def test_a_fake_sandbox_answers_and_refuses() -> None:
    sandbox: Sandbox = (fake := FakeSandbox(lambda request: CodeResult(ok=True, result=request.source.upper())))
    assert (await sandbox.run(CodeRequest(source="x"))).result == "X"
    with pytest.raises(SandboxUnavailableError):
        await sandbox.run(CodeRequest(source="x", level=SecurityLevel.HIGH))
    assert len(fake.requests) == 2


def test_the_fakes_need_no_test_runner() -> None:
    """Users script a provider in a notebook where pytest is not installed."""
    program = "import sys, nubem_jupyter.testing; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
