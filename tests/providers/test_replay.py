"""Recorded answers come back, and only those."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from nubem_jupyter.core.call import Answer, Message, ModelCall
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.errors import CallRejectedError, FormatError
from nubem_jupyter.ports import Provider
from nubem_jupyter.providers.echo import ECHO_MODEL, EchoProvider
from nubem_jupyter.providers.recording import RecordingProvider, dump_answers, load_answers
from nubem_jupyter.providers.replay import ReplayProvider
from nubem_jupyter.testing import Reply, ScriptedProvider, gather
from nubem_jupyter.testing.conformance import ProviderConformance

CALL = ModelCall(model=ECHO_MODEL, messages=(Message(role="user", content="¡Olé!\n\n two  words "),))


async def _recorded(*calls: ModelCall) -> RecordingProvider:
    recorder = RecordingProvider(EchoProvider())
    for call in calls:
        await gather(recorder, call)
    return recorder


class TestReplayProvider(ProviderConformance):
    model = ECHO_MODEL

    def setup_method(self) -> None:
        self.recorder = asyncio.run(_recorded(*self.calls()))

    def make(self) -> Provider:
        return ReplayProvider(self.recorder.answers, self.recorder.models())


class TestRecordingProvider(ProviderConformance):
    model = ECHO_MODEL

    def make(self) -> Provider:
        return RecordingProvider(EchoProvider())


async def test_a_recording_survives_its_file() -> None:
    answers = (await _recorded(CALL)).answers
    text = dump_answers(answers)
    assert load_answers(text) == load_answers(text.encode()) == answers
    assert dump_answers(load_answers(text)) == text
    heard = await gather(ReplayProvider(load_answers(text)), CALL)
    assert "".join(heard.deltas) == heard.answer.text == "¡Olé!\n\n two  words"


async def test_white_space_is_streamed_too() -> None:
    answer = Answer(text="\n a  b \n")
    assert "".join((await gather(ReplayProvider({CALL.digest: answer}), CALL)).deltas) == answer.text


async def test_another_call_is_refused_and_says_what_to_do() -> None:
    other = ModelCall(model=ModelId("local/small"), messages=CALL.messages)
    with pytest.raises(CallRejectedError, match="local/small") as caught:
        await gather(ReplayProvider((await _recorded(CALL)).answers), other)
    assert other.digest[:12] in str(caught.value)
    assert "record the flow again" in caught.value.hint


async def test_an_answer_that_was_not_finished_is_not_recorded() -> None:
    inner = ScriptedProvider(Reply(text="a b c", word_s=600.0))
    recorder = RecordingProvider(inner)
    call = ModelCall(model=ModelId("scripted/one"), messages=CALL.messages)
    async with aclosing(recorder.stream(call)) as chunks:
        await anext(chunks)
    assert recorder.answers == {}
    assert inner.stopped == 1


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": "nubem.flow", "version": 1, "body": {}}', b"\xff",
     '{"format": "nubem.answers", "version": 2}', '{"format": "nubem.answers", "version": 1, "answers": {"a": 1}}'],
)  # fmt: skip
def test_what_is_no_recording_is_refused(text: str | bytes) -> None:
    with pytest.raises(FormatError):
        load_answers(text)


async def test_what_is_known_of_the_reason_is_told() -> None:
    with pytest.raises(CallRejectedError, match="is recorded: the request differs"):
        await gather(ReplayProvider({}, why="the request differs"), CALL)
