"""The streaming client reads what OpenAI-shaped servers send, and tells failures worth another try from others."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.core.call import Answer, Chunk, Message, ModelCall, TextDelta, Usage
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.errors import CallFailedError, CallRejectedError, ModelUnavailableError, ProviderError
from nubem_jupyter.providers.openai_chat import ChatEndpoint, chat_body, stream_chat
from nubem_jupyter.providers.openai_errors import refusal, retry_after_s
from nubem_jupyter.providers.openai_events import server_sent_events
from nubem_jupyter.providers.openai_usage import read_usage

CALL = ModelCall(model=ModelId("local/x"), messages=(Message(role="user", content="hello"),))
KEY = "secret-key-123"


class Server:
    """A loopback server that answers every request with the same bytes, and notes what it was sent."""

    def __init__(self, reply: bytes, *, hold: bool = False) -> None:
        self._reply = reply
        self._hold = hold
        self.request = b""
        self.left = asyncio.Event()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        self.request = head + await reader.readexactly(length)
        writer.write(self._reply)
        await writer.drain()
        if self._hold and not await reader.read():
            self.left.set()
        writer.close()

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.request.partition(b"\r\n\r\n")[2])


@asynccontextmanager
async def serving(reply: bytes, *, hold: bool = False) -> AsyncIterator[tuple[Server, ChatEndpoint]]:
    server = Server(reply, hold=hold)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        yield server, ChatEndpoint(url=f"http://127.0.0.1:{port}", title="the server", model="x", key=KEY, direct=True)


def http(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def events(*contents: Any, done: bool = True) -> bytes:
    texts = [json.dumps(content, ensure_ascii=False) for content in contents] + ["[DONE]"] * done
    return http("200 OK", "".join(f"data: {text}\n\n" for text in texts).encode(), "Content-Type: text/event-stream")


def delta(text: str | None, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}


async def hear(reply: bytes, call: ModelCall = CALL) -> list[Chunk]:
    async with serving(reply) as (_, endpoint):
        return [chunk async for chunk in stream_chat(endpoint, call)]


async def test_deltas_then_one_answer_with_usage_and_times() -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}
    *deltas, answer = await hear(events(delta(None), delta("Hé"), delta("llo\u2028"), delta(None, "stop"), usage))
    assert deltas == [TextDelta(text="Hé"), TextDelta(text="llo\u2028")]
    assert isinstance(answer, Answer)
    assert (answer.text, answer.finish_reason) == ("Héllo\u2028", "stop")
    assert answer.usage == Usage(input_tokens=7, output_tokens=2)
    assert 0 < (answer.first_token_s or 0) <= (answer.total_s or 0)


@pytest.mark.parametrize(("sent", "told"), [("stop", "stop"), ("length", "length"), ("content_filter", "other")])
async def test_finish_reasons(sent: str, told: str) -> None:
    answer = (await hear(events(delta("a", sent))))[-1]
    assert isinstance(answer, Answer)
    assert answer.finish_reason == told


async def test_a_stream_without_done_but_with_its_finish_is_whole() -> None:
    assert isinstance((await hear(events(delta("a", "stop"), done=False)))[-1], Answer)


async def test_the_request_says_what_the_call_says_and_carries_the_key() -> None:
    async with serving(events(delta("a", "stop"))) as (server, endpoint):
        call = msgspec.structs.replace(CALL, seed=3, temperature=0.5, max_tokens=9, schema={"type": "object"})
        async for _ in stream_chat(msgspec.structs.replace(endpoint, extra={"cache_prompt": False}), call):
            pass
    assert server.request.startswith(b"POST /v1/chat/completions ")
    assert f"Bearer {KEY}".encode() in server.request
    assert server.body == {
        "model": "x",
        "messages": [{"role": "user", "content": "hello"}],
        "seed": 3,
        "temperature": 0.5,
        "max_tokens": 9,
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}},
        "stream": True,
        "stream_options": {"include_usage": True},
        "cache_prompt": False,
    }


def test_an_unset_seed_and_schema_are_left_out() -> None:
    body = chat_body(ChatEndpoint(url="http://h", title="t", model="m"), CALL)
    assert not {"seed", "response_format"} & set(body)


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(ChatEndpoint(url="http://h", title="t", model="m", key=KEY))


async def failure(reply: bytes) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await hear(reply)
    assert KEY not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("status", ["408 Timeout", "429 Busy", "500 Oops", "503 Away", "529 Overloaded"])
async def test_statuses_worth_another_try(status: str) -> None:
    error = await failure(http(status, b'{"error": {"message": "not now"}}', "Retry-After: 7"))
    assert isinstance(error, CallFailedError)
    assert (error.status, error.retry_after_s) == (int(status[:3]), 7.0)
    assert "not now" in str(error)


@pytest.mark.parametrize("body", [b'{"error": {"message": "bad schema"}}', b'{"error": "bad schema"}', b"bad schema"])
async def test_a_refused_call_says_why(body: bytes) -> None:
    error = await failure(http("400 Bad", body))
    assert isinstance(error, CallRejectedError)
    assert "bad schema" in str(error)


async def test_a_prompt_too_long_has_its_own_hint() -> None:
    error = await failure(http("400 Bad", b'{"error": {"message": "m", "type": "exceed_context_size_error"}}'))
    assert "shorten the prompt" in error.hint


async def test_a_refused_key_is_not_repeated() -> None:
    error = await failure(http("401 No", json.dumps({"error": {"message": f"wrong key {KEY}"}}).encode()))
    assert isinstance(error, ModelUnavailableError)
    assert "wrong key ***" in str(error)


@pytest.mark.parametrize("before", range(270, 301))
def test_no_part_of_a_key_survives_where_a_long_reason_is_cut(before):
    shown = str(refusal("the server", KEY, {"message": "x" * before + KEY + " is wrong"}, status=401))
    assert KEY[:4] not in shown


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"error": {"message": "broke", "code": 500}}, CallFailedError),
        ({"error": {"message": "broke"}}, CallFailedError),
        ({"error": "broke"}, CallFailedError),
        ({"error": {"message": "too long", "code": 400}}, CallRejectedError),
        ([], CallFailedError),
    ],
)
async def test_errors_in_the_middle_of_a_stream(content: Any, kind: type[ProviderError]) -> None:
    assert type(await failure(events(delta("a"), content))) is kind


@pytest.mark.parametrize("tail", [b"", b"data: {not json\n\n", b'data: {"choices": [{"del'])
async def test_a_stream_cut_in_the_middle_is_worth_another_try(tail: bytes) -> None:
    error = await failure(events(delta("a"), done=False) + tail)
    assert error.retryable


async def test_nobody_listening_is_worth_another_try() -> None:
    async with serving(b"") as (_, endpoint):
        pass
    with pytest.raises(CallFailedError, match="the server"):
        [_ async for _ in stream_chat(endpoint, CALL)]


async def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(CallRejectedError, match="address"):
        [_ async for _ in stream_chat(ChatEndpoint(url="nonsense", title="it", model="m"), CALL)]


async def test_closing_the_stream_closes_the_connection() -> None:
    async with serving(events(delta("a"), done=False), hold=True) as (server, endpoint):
        async with aclosing(stream_chat(endpoint, CALL)) as chunks:
            assert await anext(chunks) == TextDelta(text="a")
        await asyncio.wait_for(server.left.wait(), 30)


async def test_cancelling_the_reader_closes_the_connection() -> None:
    async with serving(events(delta("a"), done=False), hold=True) as (server, endpoint):
        heard = asyncio.Event()

        async def read() -> None:
            async for _ in stream_chat(endpoint, CALL):
                heard.set()

        reader = asyncio.create_task(read())
        await heard.wait()
        reader.cancel()
        await asyncio.wait_for(server.left.wait(), 30)


def test_retry_after_reads_seconds_dates_and_nonsense() -> None:
    now = datetime(2030, 1, 1, 12, 0, 0, tzinfo=UTC)
    assert retry_after_s("1.5", now) == 1.5
    assert retry_after_s("Tue, 01 Jan 2030 12:00:30 GMT", now) == 30.0
    assert retry_after_s("Tue, 01 Jan 2030 11:00:00 GMT", now) == 0.0
    assert retry_after_s("soon", now) is None
    assert retry_after_s("", now) is None


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)
    | st.dictionaries(st.text(), st.text())
)
def test_any_error_content_becomes_a_sentence(error: Any) -> None:
    assert str(refusal("the server", KEY, error))


async def _pieces(content: bytes, cuts: Iterable[int]) -> AsyncIterator[bytes]:
    places = [0, *sorted(cut % (len(content) + 1) for cut in cuts), len(content)]
    for start, end in itertools.pairwise(places):
        yield content[start:end]


@given(
    texts=st.lists(st.text().filter(lambda text: not set(text) & {"\r", "\n"}), max_size=5),
    cuts=st.lists(st.integers(min_value=0), max_size=8),
    end=st.sampled_from(["\n", "\r\n"]),
)
async def test_events_do_not_depend_on_how_the_bytes_were_cut(texts: list[str], cuts: list[int], end: str) -> None:
    """Neither pieces that end within a character or a line end, nor comments between events, change what is read."""
    content = "".join(f": ping{end}{end}data: {text}{end}{end}" for text in texts).encode("utf-8", "surrogatepass")
    expected = [text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for text in texts]
    assert [event async for event in server_sent_events(_pieces(content, cuts))] == expected


@pytest.mark.parametrize(
    ("told", "parts"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 3}}, (4, 3, 0)),
        ({"prompt_tokens_details": {"cached_tokens": 4, "cache_creation_tokens": 3}}, (4, 3, 0)),
        ({"prompt_tokens_details": {"cached_tokens": 4}, "cache_creation_input_tokens": 3}, (4, 3, 0)),
        ({"prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 6}, (4, 0, 0)),
        ({"completion_tokens_details": {"reasoning_tokens": 5}}, (0, 0, 5)),
        ({"prompt_tokens_details": {"cached_tokens": 99, "cache_write_tokens": 99}}, (10, 0, 0)),
        ({"prompt_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 8}}, (8, 2, 0)),
        ({"completion_tokens_details": {"reasoning_tokens": 99}}, (0, 0, 6)),
        ({"prompt_tokens_details": None, "completion_tokens_details": {"reasoning_tokens": None}}, (0, 0, 0)),
        ({"prompt_tokens_details": {"cached_tokens": -1, "cache_write_tokens": "x"}}, (0, 0, 0)),
    ],
)
def test_parts_of_a_usage_are_read_however_they_are_told_and_never_exceed_the_whole(told, parts) -> None:
    usage = read_usage({"prompt_tokens": 10, "completion_tokens": 6, **told})
    assert (usage.input_tokens, usage.output_tokens) == (10, 6)
    assert (usage.cached_tokens, usage.cache_write_tokens, usage.reasoning_tokens) == parts
