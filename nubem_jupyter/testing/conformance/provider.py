"""What a provider of model calls must do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import pytest

from nubem_jupyter.core.call import Answer, Message, ModelCall, TextDelta
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.errors import ProviderError
from nubem_jupyter.ports import Provider
from nubem_jupyter.testing.conformance.catalog import check_models, refuse_network
from nubem_jupyter.testing.gather import Heard, gather

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}, "capital": {"type": "boolean"}},
    "required": ["city", "capital"],
    "additionalProperties": False,
}


class ProviderConformance:
    """Promises of ``Provider``.

    Hooks: ``make`` gives a fresh provider (closed after each test); ``model`` is one of its models that can be
    called; ``patience_s`` is how long its slowest answer here may take. A provider that cannot answer freely (a replay,
    say) finds every call that the suite makes in ``calls``.
    """

    model: ModelId
    """A model that can be called."""
    patience_s: float = 60.0
    """Longest time for one test's answers, in seconds."""
    prompt_s: float = 5.0
    """Longest time for a cancelled call to end, in seconds."""

    def make(self) -> Provider:
        """Give a fresh provider."""
        raise NotImplementedError("a conformance suite needs make()")

    def call(self, text: str, **fields: Any) -> ModelCall:
        """Build a call of the suite's model."""
        return ModelCall(model=self.model, messages=(Message(role="user", content=text),), **fields)

    def ordinary(self) -> ModelCall:
        """Give a call that is answered in a few words."""
        return self.call("Name three colours.", max_tokens=24)

    def long(self) -> ModelCall:
        """Give a call whose answer is long enough to be stopped half-way."""
        return self.call(
            "Count from one to one hundred in words: one, two, three, " + "and so on, " * 40, max_tokens=256
        )

    def cut(self) -> ModelCall:
        """Give a call whose answer meets its ceiling of tokens."""
        return self.call("Count from one to one hundred in words: one, two, three, four, five, six.", max_tokens=4)

    def shaped(self) -> ModelCall:
        """Give a call with a JSON Schema."""
        return self.call("Is Paris a capital? Answer as JSON.", max_tokens=64, schema=SCHEMA)

    def sampled(self, seed: int) -> ModelCall:
        """Give a call that is sampled with a seed."""
        text = "Write one short sentence about the sea, its waves, its wind and its light."
        return self.call(text, max_tokens=24, temperature=1.0, seed=seed)

    def several(self) -> tuple[ModelCall, ...]:
        """Give calls that are made at once."""
        return tuple(self.call(f"Say the number {number}.", max_tokens=16) for number in range(4))

    def calls(self) -> Sequence[ModelCall]:
        """Give every call that the suite expects an answer to."""
        once = (self.ordinary(), self.long(), self.cut(), self.shaped())
        return (*once, *(self.sampled(seed) for seed in (1, 2)), *self.several())

    def listed(self) -> ModelInfo:
        """Give what the provider lists of the suite's model."""
        return next(model for model in self.make().models() if model.id == self.model)

    async def heard(self, call: ModelCall) -> Heard:
        """Make one call with a fresh provider."""
        async with aclosing(self.make()) as provider, asyncio.timeout(self.patience_s):
            return await gather(provider, call)

    async def test_deltas_add_up_to_the_answer(self) -> None:
        """What is shown while it streams is what is kept in the end."""
        heard = await self.heard(self.ordinary())
        assert "".join(heard.deltas) == heard.answer.text
        assert heard.answer.text.strip()

    async def test_one_answer_comes_and_it_is_last(self) -> None:
        """A stream is deltas, then exactly one answer."""
        heard = await self.heard(self.ordinary())
        assert [isinstance(chunk, Answer) for chunk in heard.chunks] == [False] * len(heard.deltas) + [True]

    async def test_usage_is_counted(self) -> None:
        """Tokens of prompt and answer are told; cost and speed are reckoned from them."""
        usage = (await self.heard(self.ordinary())).answer.usage
        assert usage.input_tokens > 0
        assert usage.output_tokens > 0

    async def test_times_are_in_order(self) -> None:
        """Where times are told, the first text does not come after the end."""
        answer = (await self.heard(self.ordinary())).answer
        if answer.first_token_s is not None and answer.total_s is not None:
            assert 0 <= answer.first_token_s <= answer.total_s

    async def test_the_ceiling_of_tokens_is_kept(self) -> None:
        """A long answer is cut off, and says so."""
        answer = (await self.heard(self.cut())).answer
        assert answer.usage.output_tokens <= self.cut().max_tokens
        assert answer.finish_reason == "length"

    async def test_a_schema_is_satisfied(self) -> None:
        """A model that lists ``json_schema`` answers with text that is an instance of the schema."""
        if "json_schema" not in self.listed().features:
            pytest.skip("the model does not offer json_schema")
        import jsonschema  # imported late: it is slow

        answer = (await self.heard(self.shaped())).answer
        jsonschema.validate(json.loads(answer.text), SCHEMA)

    async def test_a_seed_decides_the_sample(self) -> None:
        """A model that lists ``seed`` answers equal calls equally."""
        if "seed" not in self.listed().features:
            pytest.skip("the model does not offer seed")
        first, again = await self.heard(self.sampled(1)), await self.heard(self.sampled(1))
        assert first.answer.text == again.answer.text

    def test_models_are_well_formed(self) -> None:
        """Listed models name this provider as the one who calls them; the suite's model can be called."""
        provider = self.make()
        check_models(provider.models())
        assert {model.caller for model in provider.models()} == {provider.name}
        assert self.listed().available

    def test_listing_needs_no_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Models are listed from what is on this machine."""
        refuse_network(monkeypatch)
        self.make().models()

    async def test_a_cancelled_call_ends_at_once(self) -> None:
        """Cancelling the reader stops the generation, and the provider answers the next call."""
        async with aclosing(self.make()) as provider, asyncio.timeout(self.patience_s):
            started = asyncio.Event()
            reader = asyncio.create_task(_read(provider, self.long(), started))
            await started.wait()
            reader.cancel()
            done, _ = await asyncio.wait([reader], timeout=self.prompt_s)
            assert done, "the cancelled call went on"
            assert reader.cancelled()
            assert (await gather(provider, self.ordinary())).answer.text

    async def test_a_closed_stream_leaves_the_provider_usable(self) -> None:
        """Closing the iterator half-way stops the generation, and the provider answers the next call."""
        async with aclosing(self.make()) as provider, asyncio.timeout(self.patience_s):
            async with aclosing(_generator(provider, self.long())) as chunks:
                assert isinstance(await anext(chunks), TextDelta)
            assert (await gather(provider, self.ordinary())).answer.text

    async def test_calls_at_once_keep_apart(self) -> None:
        """Calls that run together get the answers that they get alone."""
        async with aclosing(self.make()) as provider, asyncio.timeout(self.patience_s):
            answers = await asyncio.gather(*(gather(provider, call) for call in self.several()))
            assert all("".join(heard.deltas) == heard.answer.text for heard in answers)

    async def test_an_unknown_model_is_refused(self) -> None:
        """A model that the provider does not have is an error that no second try mends."""
        prefix = self.model.partition("/")[0]
        unknown = ModelCall(model=ModelId(f"{prefix}/no-such-model"), messages=self.ordinary().messages)
        with pytest.raises(ProviderError) as caught:
            await self.heard(unknown)
        assert not caught.value.retryable
        assert "no-such-model" in str(caught.value)

    async def test_closing_twice_is_harmless(self) -> None:
        """A provider may be closed by whoever used it last, used or not."""
        provider = self.make()
        await gather(provider, self.ordinary())
        await provider.aclose()
        await provider.aclose()
        await self.make().aclose()


async def _read(provider: Provider, call: ModelCall, started: asyncio.Event) -> None:
    async for _ in provider.stream(call):
        started.set()


def _generator(provider: Provider, call: ModelCall) -> Any:
    """Give the stream as what it is in practice, an async generator, which can be closed."""
    return provider.stream(call)
